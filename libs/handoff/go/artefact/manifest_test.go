package artefact

import (
	"errors"
	"os"
	"strings"
	"testing"

	sqv1 "sq/proto/sq/v1"
)

func TestAnotherTypeIsRejected(t *testing.T) {
	uri := t.TempDir()
	mustWrite(t, uri, 0, judgments(1))
	_, err := Open[*sqv1.RetrievalRecord](t.Context(), uri)
	if !errors.Is(err, ErrWrongType) || !strings.Contains(err.Error(), "contains sq.v1.JudgingRecord, not sq.v1.RetrievalRecord") {
		t.Fatal(err)
	}
}

func TestManifestWithAPartOutsideItsFolderIsCorrupt(t *testing.T) {
	folder := t.TempDir()
	part := mustWrite(t, folder, 0, judgments(2)).GetParts()[0].GetSha256()
	text, _ := os.ReadFile(folder + "/manifest.json")
	changed := strings.ReplaceAll(string(text), part, strings.Repeat("../", 21)+"x")
	os.WriteFile(folder+"/manifest.json", []byte(changed), 0o666)
	if _, err := read[*sqv1.JudgingRecord](t.Context(), folder); !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
}
