package artefact

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sq/libs/handoff/go/handofftest"
	sqv1 "sq/proto/sq/v1"
)

func TestRecordsAreReadInOrder(t *testing.T) {
	roots := map[string]string{"file": t.TempDir(), "s3": ""}
	for name, root := range roots {
		t.Run(name, func(t *testing.T) {
			if root == "" {
				root = handofftest.S3(t)
			}
			for _, count := range []int{0, 1, 2, 50} {
				uri := fmt.Sprintf("%s/%d", root, count)
				mustWrite(t, uri, 200, judgments(count))
				found, err := read[*sqv1.JudgingRecord](t.Context(), uri)
				if err != nil {
					t.Fatal(err)
				}
				requireSame(t, found, judgments(count))
			}
		})
	}
}

func TestErrorNamesTheDamagedPart(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, folder, part string){
		"part is missing": func(t *testing.T, _, part string) { os.Remove(part) },
		"part holds another part's records": func(t *testing.T, folder, part string) {
			mustWrite(t, folder+"/other", 0, judgments(3))
			others, _ := filepath.Glob(folder + "/other/parts/*")
			if err := os.Rename(others[0], part); err != nil {
				t.Fatal(err)
			}
		},
		"part is not zstd": func(t *testing.T, _, part string) { os.WriteFile(part, []byte("records"), 0o666) },
		"part is empty":    func(t *testing.T, _, part string) { os.WriteFile(part, nil, 0o666) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			mustWrite(t, folder, 0, judgments(2))
			parts, _ := filepath.Glob(folder + "/parts/*")
			damage(t, folder, parts[0])
			found, err := read[*sqv1.JudgingRecord](t.Context(), folder)
			if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "parts/"+filepath.Base(parts[0])) || len(found) > 0 {
				t.Fatal(found, err)
			}
		})
	}
}

func TestReadingCanStopEarly(t *testing.T) {
	folder := t.TempDir()
	mustWrite(t, folder, 100, judgments(20))
	reader, err := Open[*sqv1.JudgingRecord](t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	for range reader.All(t.Context()) {
		break
	}
}
