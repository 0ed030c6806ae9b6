package stagekit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

func TestHandoffGoesToStdoutAndToTheFile(t *testing.T) {
	file, output := filepath.Join(t.TempDir(), "x", "return.json"), filepath.Join(t.TempDir(), "out")
	t.Setenv("SQ_HANDOFF", file)
	t.Setenv("SQ_IMAGE_DIGEST", "sha256:abc")
	t.Setenv("SQ_GIT_REVISION", "1234")
	input := differences(t)
	done := start(t, flagsOf(input, output)...)
	if done.code != ExitDone {
		t.Fatal(done)
	}
	text, err := os.ReadFile(file)
	if err != nil || string(text)+"\n" != done.stdout {
		t.Fatal(string(text), done.stdout, err)
	}
	handoff := &sqv1.Handoff{}
	if err := protojson.Unmarshal(text, handoff); err != nil {
		t.Fatal(err)
	}
	manifest, err := artefact.FetchManifest(t.Context(), handoff.GetUri())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintln(handoff.GetStage(), handoff.GetRunId(), handoff.GetMarket(), handoff.GetRecords(), handoff.GetFirstSegment(), handoff.GetLastSegment())
	if got != "echo r1 uk 20 s00 s19\n" || handoff.GetDigest() != manifest.GetDigest() {
		t.Error(got, handoff, manifest)
	}
	from := manifest.GetProvenance()
	if from.GetImageDigest() != "sha256:abc" || from.GetGitRevision() != "1234" || from.GetInputs()[0].GetName() != "differences" || !from.GetStartTime().IsValid() {
		t.Error(from)
	}
}

func TestHandoffOver4KiB(t *testing.T) {
	done := start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"), "--market="+strings.Repeat("m", 5000))...)
	if done.code != ExitBadInput || !strings.Contains(done.stderr, "the limit is 4096") || done.stdout != "" {
		t.Fatal(done.code, done.stdout)
	}
}

// rewrite changes the manifest of an artefact on disk.
func rewrite(t *testing.T, output string, change func(*sqv1.Manifest)) {
	t.Helper()
	manifest, err := artefact.FetchManifest(t.Context(), output)
	if err != nil {
		t.Fatal(err)
	}
	change(manifest)
	text, err := artefact.CanonicalJSON(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(output, "manifest.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheHandoffIsInTheManifestThatIsWrittenOnce(t *testing.T) {
	output := filepath.Join(t.TempDir(), "out")
	input := differences(t)
	first := start(t, flagsOf(input, output)...)
	if _, err := os.Stat(filepath.Join(output, earlierHandoff)); !os.IsNotExist(err) {
		t.Error(err)
	}
	// What another execution writes beside the manifest changes nothing.
	if err := os.WriteFile(filepath.Join(output, earlierHandoff), []byte(`{"firstSegment": "s98", "lastSegment": "s99"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := start(t, flagsOf(input, output)...); again.stdout != first.stdout || first.stdout == "" {
		t.Error(again.stdout, first.stdout)
	}
}

func TestAHandoffOfAnEarlierVersionIsRead(t *testing.T) {
	output := filepath.Join(t.TempDir(), "out")
	input := differences(t)
	start(t, flagsOf(input, output)...)
	rewrite(t, output, func(manifest *sqv1.Manifest) { manifest.Provenance.Handoff = nil })
	if missing := start(t, flagsOf(input, output)...); missing.code != ExitBadInput {
		t.Error(missing)
	}
	if err := os.WriteFile(filepath.Join(output, earlierHandoff), []byte(`{"firstSegment": "s03", "pages": ["report.html"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	again := start(t, flagsOf(input, output)...)
	handoff := &sqv1.Handoff{}
	if err := protojson.Unmarshal([]byte(again.stdout), handoff); err != nil {
		t.Fatal(err, again)
	}
	if handoff.GetFirstSegment() != "s03" || len(handoff.GetPages()) != 1 || handoff.GetPages()[0] != "report.html" {
		t.Error(handoff)
	}
}
