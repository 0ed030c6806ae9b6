package stagekit

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
)

// newLog writes JSON lines, each with what is said of the whole stage, and for a person on a terminal short lines.
func newLog(out *os.File, about map[string]string) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(os.Getenv("SQ_LOG_LEVEL"))); err != nil {
		level = slog.LevelInfo
	}
	if isTerminal(out) {
		return slog.New(&personHandler{out: out, level: level, mutex: &sync.Mutex{}})
	}
	log := slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: likeOtherStages}))
	for _, key := range []string{"run", "market", "stage", "shard", "try"} {
		if about[key] != "" {
			log = log.With(key, about[key])
		}
	}
	return log
}

// likeOtherStages gives the keys and levels the names that stages in every language use.
func likeOtherStages(groups []string, attribute slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attribute
	}
	switch attribute.Key {
	case slog.MessageKey:
		attribute.Key = "message"
	case slog.LevelKey:
		attribute.Value = slog.StringValue(strings.ToLower(strings.Replace(attribute.Value.String(), "WARN", "WARNING", 1)))
	case slog.TimeKey:
		attribute.Value = slog.StringValue(attribute.Value.Time().UTC().Format("2006-01-02T15:04:05.000-07:00"))
	}
	return attribute
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// eraseLine clears a progress bar.
const eraseLine = "\r\x1b[K"

// personHandler writes short lines, over the progress bar if one is there.
type personHandler struct {
	out        io.Writer
	level      slog.Level
	mutex      *sync.Mutex
	attributes []slog.Attr
}

func (h *personHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *personHandler) Handle(_ context.Context, record slog.Record) error {
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

func (h *personHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	more := *h
	more.attributes = append(append([]slog.Attr{}, h.attributes...), attributes...)
	return &more
}

func (h *personHandler) WithGroup(string) slog.Handler { return h }
