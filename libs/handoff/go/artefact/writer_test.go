package artefact

import (
	"errors"
	"sync"
	"testing"

	"sq/libs/handoff/go/handofftest"
	"sq/libs/handoff/go/record"
	sqv1 "sq/proto/sq/v1"
)

func TestDigestDoesNotDependOnPartSize(t *testing.T) {
	digests := map[string]bool{}
	for _, partBytes := range []int{1, 100, 0} {
		digests[mustWrite(t, t.TempDir(), partBytes, judgments(20)).GetDigest()] = true
	}
	if len(digests) != 1 {
		t.Fatal(digests)
	}
}

func TestDigestDependsOnOrderAndContent(t *testing.T) {
	a, b := judgment(1), judgment(2)
	digests := map[string]bool{}
	sets := [][]*sqv1.JudgingRecord{{a, b}, {b, a}, {a}, {a, b, b}, {}}
	for _, records := range sets {
		digests[mustWrite(t, t.TempDir(), 0, records).GetDigest()] = true
	}
	if len(digests) != len(sets) {
		t.Fatal(digests)
	}
}

func TestNothingIsVisibleBeforePublishing(t *testing.T) {
	uri := t.TempDir()
	writer, err := NewWriter[*sqv1.JudgingRecord](uri, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Write(t.Context(), judgment(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := read[*sqv1.JudgingRecord](t.Context(), uri); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
}

func TestPublishingEqualRecordsKeepsTheFirstManifest(t *testing.T) {
	uri := t.TempDir()
	mustWrite(t, uri, 0, judgments(1))
	writer, _ := NewWriter[*sqv1.JudgingRecord](uri, 0)
	manifest, err := writeTo(t.Context(), writer, judgments(1), "later")
	if err != nil || manifest.GetProvenance().GetRunId() != "r1" {
		t.Fatal(manifest, err)
	}
}

func TestPublishingOtherRecordsIsAConflict(t *testing.T) {
	uri := t.TempDir()
	mustWrite(t, uri, 0, judgments(1))
	if _, err := write(t.Context(), uri, 0, judgments(2)); !errors.Is(err, ErrConflict) {
		t.Fatal(err)
	}
	found, err := read[*sqv1.JudgingRecord](t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	requireSame(t, found, judgments(1))
}

func TestInvalidRecordIsRejected(t *testing.T) {
	writer, _ := NewWriter[*sqv1.JudgingRecord](t.TempDir(), 0)
	broken := judgment(1)
	broken.GetJudgment().Grade = 5
	var found *record.Error
	if err := writer.Write(t.Context(), broken); !errors.As(err, &found) || found.Field != "judgment.grade" {
		t.Fatal(err)
	}
}

func TestOneOfSeveralConcurrentWritersWins(t *testing.T) {
	for name, root := range map[string]func(t *testing.T) string{
		"file": func(t *testing.T) string { return t.TempDir() },
		"s3":   handofftest.S3,
	} {
		t.Run(name, func(t *testing.T) { testOneWins(t, root(t)) })
	}
}

func testOneWins(t *testing.T, uri string) {
	var writers sync.WaitGroup
	won := make(chan int, 4)
	for n := range 4 {
		writers.Go(func() {
			records := judgments(40 + n)
			switch _, err := write(t.Context(), uri, 300, records); {
			case err == nil:
				won <- len(records)
			case !errors.Is(err, ErrConflict):
				t.Error(err)
			}
		})
	}
	writers.Wait()
	close(won)
	found, err := read[*sqv1.JudgingRecord](t.Context(), uri)
	if err != nil || len(won) != 1 || <-won != len(found) {
		t.Fatalf("%d winners, %d stored records, %v", len(won), len(found), err)
	}
}
