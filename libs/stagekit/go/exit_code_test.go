package stagekit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFailedStagesPublishNothing(t *testing.T) {
	input := differences(t)
	for depth, code := range map[int]int{1: ExitBug, 2: ExitBug, 15: ExitTryAgain, 75: ExitTryAgain} {
		output := filepath.Join(t.TempDir(), "out")
		done := start(t, flagsOf(input, output, fmt.Sprintf("--config={depth: %d}", depth))...)
		if done.code != code || done.stdout != "" {
			t.Errorf("depth %d: %v", depth, done)
		}
		if _, err := os.Stat(filepath.Join(output, "manifest.json")); err == nil {
			t.Errorf("depth %d: something was published", depth)
		}
		if again := start(t, flagsOf(input, output)...); again.code != ExitDone {
			t.Errorf("depth %d, run again: %v", depth, again)
		}
	}
}

func TestUnreachableStorageExitsWith75(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	done := start(t, flagsOf("s3://bucket/in", t.TempDir())...)
	if done.code != ExitTryAgain || !strings.Contains(done.stderr, "s3://bucket/in") {
		t.Fatal(done)
	}
}
