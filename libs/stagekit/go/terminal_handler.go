package stagekit

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// eraseLine clears a progress bar.
const eraseLine = "\r\x1b[K"

// terminalHandler writes short log lines. A line replaces the progress bar, which the next progress draws again.
type terminalHandler struct {
	out        io.Writer
	level      slog.Level
	mutex      *sync.Mutex
	attributes []slog.Attr
}

func (h *terminalHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *terminalHandler) Handle(_ context.Context, record slog.Record) error {
	var line strings.Builder
	line.WriteString(eraseLine)
	if record.Level >= slog.LevelWarn {
		line.WriteString(record.Level.String() + ": ")
	}
	line.WriteString(record.Message)
	write := func(attribute slog.Attr) bool {
		fmt.Fprintf(&line, " %s=%v", attribute.Key, attribute.Value)
		return true
	}
	for _, attribute := range h.attributes {
		write(attribute)
	}
	record.Attrs(write)
	line.WriteString("\n")
	h.mutex.Lock()
	defer h.mutex.Unlock()
	_, err := io.WriteString(h.out, line.String())
	return err
}

func (h *terminalHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	more := *h
	more.attributes = append(append([]slog.Attr{}, h.attributes...), attributes...)
	return &more
}

func (h *terminalHandler) WithGroup(string) slog.Handler { return h }
