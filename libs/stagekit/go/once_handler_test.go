package stagekit

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// onceLog writes lines without their time to out.
func onceLog(out *bytes.Buffer) *onceHandler {
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	return newOnceHandler(slog.NewTextHandler(out, &slog.HandlerOptions{ReplaceAttr: drop}))
}

func TestTwentyEqualLinesAreOneAndTheirCount(t *testing.T) {
	var out bytes.Buffer
	once := onceLog(&out)
	for range 20 {
		slog.New(once).With("stage", "echo").Warn("no answer", "error", "refused")
	}
	once.close()
	want := "level=WARN msg=\"no answer\" stage=echo error=refused\n" +
		"level=WARN msg=\"no answer\" stage=echo error=refused repeated=19\n"
	if out.String() != want {
		t.Error(out.String())
	}
}

func TestLinesThatDifferAreAllWritten(t *testing.T) {
	var out bytes.Buffer
	once := onceLog(&out)
	log := slog.New(once)
	log.Warn("no answer", "error", "refused")
	log.Warn("no answer", "error", "timeout")
	log.Info("no answer", "error", "refused")
	log.With("try", "2").Warn("no answer", "error", "refused")
	once.close()
	if strings.Count(out.String(), "\n") != 4 || strings.Contains(out.String(), "repeated") {
		t.Error(out.String())
	}
}

func TestALongExecutionTellsTheCountAfterAMinute(t *testing.T) {
	var out bytes.Buffer
	once := onceLog(&out)
	start := time.Unix(0, 0)
	for _, at := range []time.Duration{0, 30 * time.Second, 61 * time.Second, 62 * time.Second} {
		if err := once.Handle(context.Background(), slog.NewRecord(start.Add(at), slog.LevelWarn, "no answer", 0)); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.HasSuffix(out.String(), "msg=\"no answer\" repeated=2\n") {
		t.Error(out.String())
	}
	once.close()
	if !strings.HasSuffix(out.String(), "msg=\"no answer\" repeated=1\n") {
		t.Error(out.String())
	}
}

func TestTheCountComesBeforeTheErrorThatEndsTheStage(t *testing.T) {
	var out bytes.Buffer
	once := onceLog(&out)
	log := slog.New(once)
	log.Warn("no answer")
	log.Warn("no answer")
	log.Error("the service is away")
	if !strings.HasSuffix(out.String(), "repeated=1\nlevel=ERROR msg=\"the service is away\"\n") {
		t.Error(out.String())
	}
}

func TestABoundedNumberOfLinesIsRemembered(t *testing.T) {
	var out bytes.Buffer
	once := onceLog(&out)
	for number := range 5000 {
		slog.New(once).Warn("refused", "peer", fmt.Sprint(number))
	}
	if held := len(once.lines.order); held > maxLines || strings.Count(out.String(), "\n") != 5000 {
		t.Error(held, strings.Count(out.String(), "\n"))
	}
}
