package stagekit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sq/libs/handoff/go/handofftest"
)

func TestFinishedWorkIsNotRepeated(t *testing.T) {
	input, output := differences(t), filepath.Join(t.TempDir(), "out")
	first := start(t, flagsOf(input, output)...)
	before := stamps(t, output)
	second := start(t, flagsOf(input, output)...)
	if first.stdout == "" || first.stdout != second.stdout || !slices.Equal(stamps(t, output), before) {
		t.Fatal(first, second)
	}
}

func stamps(t *testing.T, folder string) (stamps []string) {
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			stamps = append(stamps, fmt.Sprint(path, info.ModTime().UnixNano()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return stamps
}

func TestOutputOfOtherWorkIsRejected(t *testing.T) {
	input, output := differences(t), filepath.Join(t.TempDir(), "out")
	start(t, flagsOf(input, output)...)
	for _, other := range [][]string{{"--config={depth: 7}"}, {"--market=de"}, {"--shard=0/1"}} {
		done := start(t, flagsOf(input, output, other...)...)
		if done.code != ExitBadInput || !strings.Contains(done.stderr, "another configuration") || !strings.Contains(done.stderr, "start a run with a new run ID") || len(queryIDs(t, output)) != 20 {
			t.Fatal(other, done)
		}
	}
}

func TestWorkOverS3(t *testing.T) {
	bucket := handofftest.S3(t)
	for range 2 {
		if done := start(t, flagsOf(differences(t), bucket+"/out")...); done.code != ExitDone {
			t.Fatal(done)
		}
	}
	if len(queryIDs(t, bucket+"/out")) != 20 {
		t.Fatal("records are missing")
	}
}
