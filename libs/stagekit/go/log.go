package stagekit

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
)

// newLog writes JSON lines, each with the labels of the stage. On a terminal it writes short lines instead. Equal lines are
// written once; the function that it returns writes their counts.
func newLog(out *os.File, labels map[string]string, level slog.Level) (*slog.Logger, func()) {
	if isTerminal(out) {
		once := newOnceHandler(&terminalHandler{out: out, level: level, mutex: &sync.Mutex{}})
		return slog.New(once), once.close
	}
	once := newOnceHandler(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: renameAttributes}))
	log := slog.New(once)
	for _, key := range []string{"run", "market", "stage", "shard", "try"} {
		if labels[key] != "" {
			log = log.With(key, labels[key])
		}
	}
	return log, once.close
}

// logLevel returns the level that SQ_LOG_LEVEL names, info by default and with an error. Errors: *InputError.
func logLevel() (slog.Level, error) {
	given := os.Getenv("SQ_LOG_LEVEL")
	switch strings.ToUpper(given) {
	case "DEBUG":
		return slog.LevelDebug, nil
	case "", "INFO":
		return slog.LevelInfo, nil
	case "WARNING":
		return slog.LevelWarn, nil
	case "ERROR":
		return slog.LevelError, nil
	}
	return slog.LevelInfo, &InputError{"SQ_LOG_LEVEL", fmt.Sprintf("there is no level %q", given), "give one of DEBUG, INFO, WARNING, ERROR"}
}

// renameAttributes replaces slog's names of keys and levels by those that the Python stages use too.
func renameAttributes(groups []string, attribute slog.Attr) slog.Attr {
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
