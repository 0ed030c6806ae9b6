package stagekit

import (
	"path/filepath"
	"strings"
	"testing"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

func TestMissingInput(t *testing.T) {
	done := start(t, "--run-id=r", "--config={}", "--output="+t.TempDir())
	if done.code != ExitBadInput || !strings.Contains(done.stderr, "add --input differences=URI") {
		t.Fatal(done)
	}
}

func TestArtefactOfAnotherTypeIsRefused(t *testing.T) {
	uri := t.TempDir()
	writer, _ := artefact.NewWriter[*sqv1.JudgingRecord](uri, 0)
	if _, err := writer.Publish(t.Context(), &sqv1.Provenance{Stage: "test"}, nil); err != nil {
		t.Fatal(err)
	}
	done := start(t, flagsOf(uri, filepath.Join(t.TempDir(), "out"))...)
	if done.code != ExitBadInput || !strings.Contains(done.stderr, "contains sq.v1.JudgingRecord, not sq.v1.TagDifference") {
		t.Fatal(done)
	}
}
