package stagekit

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	repeatInterval = time.Minute
	// maxLines is how many lines are remembered at once. Older ones are told and forgotten, so that memory is bounded.
	maxLines = 1000
)

// onceHandler writes a line at once, and counts equal ones: same level, message and attributes. The count follows as the
// attribute "repeated" of the same line: after a minute, before an error, and when the log is closed.
type onceHandler struct {
	slog.Handler
	with  string // attributes of every line
	lines *writtenLines
}

// writtenLines are shared by all handlers of a log.
type writtenLines struct {
	mutex sync.Mutex
	byKey map[string]*writtenLine
	order []*writtenLine
}

type writtenLine struct {
	to      slog.Handler
	record  slog.Record
	written time.Time
	more    int // equal lines since then
}

func newOnceHandler(to slog.Handler) *onceHandler {
	return &onceHandler{Handler: to, lines: &writtenLines{byKey: map[string]*writtenLine{}}}
}

func (h *onceHandler) Handle(ctx context.Context, record slog.Record) error {
	h.lines.mutex.Lock()
	defer h.lines.mutex.Unlock()
	key := h.keyOf(record)
	if line, known := h.lines.byKey[key]; known {
		line.more++
		if record.Time.Sub(line.written) < repeatInterval {
			return nil
		}
		return line.tell(ctx, record.Time)
	}
	if record.Level >= slog.LevelError || len(h.lines.order) >= maxLines {
		if err := h.lines.tellAll(ctx); err != nil {
			return err
		}
	}
	line := &writtenLine{to: h.Handler, record: record.Clone(), written: record.Time}
	h.lines.byKey[key] = line
	h.lines.order = append(h.lines.order, line)
	return h.Handler.Handle(ctx, record)
}

func (h *onceHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return &onceHandler{h.Handler.WithAttrs(attributes), h.with + fmt.Sprint(attributes), h.lines}
}

func (h *onceHandler) WithGroup(name string) slog.Handler {
	return &onceHandler{h.Handler.WithGroup(name), h.with + "{" + name, h.lines}
}

// close writes the counts that were not told.
func (h *onceHandler) close() {
	h.lines.mutex.Lock()
	defer h.lines.mutex.Unlock()
	// There is nowhere left to say that the log cannot be written.
	_ = h.lines.tellAll(context.Background())
}

func (h *onceHandler) keyOf(record slog.Record) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%s\x00%d\x00%s", h.with, record.Level, record.Message)
	record.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&key, "\x00%s=%v", a.Key, a.Value)
		return true
	})
	return key.String()
}

func (l *writtenLines) tellAll(ctx context.Context) error {
	for _, line := range l.order {
		if err := line.tell(ctx, line.written); err != nil {
			return err
		}
	}
	l.order = nil
	clear(l.byKey)
	return nil
}

func (l *writtenLine) tell(ctx context.Context, now time.Time) error {
	more := l.more
	l.more, l.written = 0, now
	if more == 0 {
		return nil
	}
	told := l.record.Clone()
	told.AddAttrs(slog.Int("repeated", more))
	return l.to.Handle(ctx, told)
}
