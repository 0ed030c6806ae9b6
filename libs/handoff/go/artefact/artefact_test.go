package artefact

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/handofftest"
	"sq/libs/handoff/go/record"
	sqv1 "sq/proto/sq/v1"
)

func judgment(number int) *sqv1.JudgingRecord {
	judgment := &sqv1.Judgment{
		QueryId:     fmt.Sprint("q", number),
		ProductId:   fmt.Sprint("p", number),
		ContentHash: fmt.Sprintf("%064x", number),
		Grade:       3,
		Reasons:     []*sqv1.Reason{{Code: sqv1.ReasonCode_REASON_CODE_TERM_MISSING, Value: "größe"}},
		Judge:       "baseline/1",
	}
	return &sqv1.JudgingRecord{Record: &sqv1.JudgingRecord_Judgment{Judgment: judgment}}
}

func judgments(count int) []*sqv1.JudgingRecord {
	records := make([]*sqv1.JudgingRecord, count)
	for i := range records {
		records[i] = judgment(i)
	}
	return records
}

func write[M proto.Message](ctx context.Context, uri string, partBytes int, records []M) (*sqv1.Manifest, error) {
	writer, err := NewWriter[M](uri, partBytes)
	if err != nil {
		return nil, err
	}
	return writeTo(ctx, writer, records, "r1")
}

func writeTo[M proto.Message](ctx context.Context, writer *Writer[M], records []M, run string) (*sqv1.Manifest, error) {
	for _, r := range records {
		if err := writer.Write(ctx, r); err != nil {
			return nil, err
		}
	}
	return writer.Publish(ctx, &sqv1.Provenance{Stage: "evaluate", RunId: run})
}

func read[M proto.Message](ctx context.Context, uri string) ([]M, error) {
	reader, err := Open[M](ctx, uri)
	if err != nil {
		return nil, err
	}
	var records []M
	for r, err := range reader.All(ctx) {
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
	return records, nil
}

func requireSame[M proto.Message](t *testing.T, found, want []M) {
	t.Helper()
	if len(found) != len(want) {
		t.Fatalf("%d records, want %d", len(found), len(want))
	}
	for i := range found {
		if !proto.Equal(found[i], want[i]) {
			t.Fatalf("record %d is %v, want %v", i, found[i], want[i])
		}
	}
}

func mustWrite(t *testing.T, uri string, partBytes int, records []*sqv1.JudgingRecord) *sqv1.Manifest {
	t.Helper()
	manifest, err := write(t.Context(), uri, partBytes, records)
	if err != nil {
		t.Fatal(err)
	}
	return manifest
}

func TestRecordsComeBackInOrder(t *testing.T) {
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

func TestDigestDoesNotDependOnTheCutIntoParts(t *testing.T) {
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

func TestCountsGoByKind(t *testing.T) {
	failure := &sqv1.JudgingRecord{Record: &sqv1.JudgingRecord_Failure{Failure: &sqv1.JudgeFailure{
		QueryId: "q", ProductId: "p", Judge: "j", Reason: sqv1.JudgeFailureReason_JUDGE_FAILURE_REASON_BUDGET,
	}}}
	counts := mustWrite(t, t.TempDir(), 0, []*sqv1.JudgingRecord{judgment(1), failure, judgment(2)}).GetContent().GetCounts()
	if len(counts) != 2 || counts[0].GetKind() != "failure" || counts[1].GetRecords() != 2 {
		t.Fatal(counts)
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

func TestPublishingEqualRecordsAgainKeepsTheFirstManifest(t *testing.T) {
	uri := t.TempDir()
	mustWrite(t, uri, 0, judgments(1))
	writer, _ := NewWriter[*sqv1.JudgingRecord](uri, 0)
	manifest, err := writeTo(t.Context(), writer, judgments(1), "later")
	if err != nil || manifest.GetProvenance().GetRunId() != "r1" {
		t.Fatal(manifest, err)
	}
}

func TestPublishingOtherRecordsIsAConflictAndChangesNothing(t *testing.T) {
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

func TestAnotherTypeIsRefused(t *testing.T) {
	uri := t.TempDir()
	mustWrite(t, uri, 0, judgments(1))
	_, err := Open[*sqv1.RetrievalRecord](t.Context(), uri)
	if !errors.Is(err, ErrWrongType) || !strings.Contains(err.Error(), "contains sq.v1.JudgingRecord, not sq.v1.RetrievalRecord") {
		t.Fatal(err)
	}
}

func TestARecordThatBreaksItsContractIsRefused(t *testing.T) {
	writer, _ := NewWriter[*sqv1.JudgingRecord](t.TempDir(), 0)
	broken := judgment(1)
	broken.GetJudgment().Grade = 5
	var found *record.Error
	if err := writer.Write(t.Context(), broken); !errors.As(err, &found) || found.Field != "judgment.grade" {
		t.Fatal(err)
	}
}

func TestDamageIsNamed(t *testing.T) {
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

func TestManifestThatNamesAFileOutsideIsCorrupt(t *testing.T) {
	folder := t.TempDir()
	part := mustWrite(t, folder, 0, judgments(2)).GetParts()[0].GetSha256()
	text, _ := os.ReadFile(folder + "/manifest.json")
	changed := strings.ReplaceAll(string(text), part, strings.Repeat("../", 21)+"x")
	os.WriteFile(folder+"/manifest.json", []byte(changed), 0o666)
	if _, err := read[*sqv1.JudgingRecord](t.Context(), folder); !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
}

func TestReaderStopsWhenItsUserDoes(t *testing.T) {
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

func TestOfConcurrentWritersOneWins(t *testing.T) {
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
		t.Fatalf("%d winners, %d records stand there, %v", len(won), len(found), err)
	}
}

// killer ends the process, as kill -9 would, before or after its nth write.
type killer struct {
	objectStore
	left  int
	after bool
}

func (k *killer) step(write func() error) error {
	k.left--
	if k.left == 0 && !k.after {
		kill()
	}
	err := write()
	if k.left == 0 && k.after {
		kill()
	}
	return err
}

func (k *killer) Put(ctx context.Context, name string, data []byte) error {
	return k.step(func() error { return k.objectStore.Put(ctx, name, data) })
}

func (k *killer) PutOnce(ctx context.Context, name string, data []byte) (written bool, err error) {
	err = k.step(func() error {
		written, err = k.objectStore.PutOnce(ctx, name, data)
		return err
	})
	return written, err
}

func kill() {
	self, _ := os.FindProcess(os.Getpid())
	self.Kill()
	select {}
}

const killRecords, killPartBytes = 10, 300

// TestMain lets the test binary be the writer that is killed.
func TestMain(m *testing.M) {
	var step int
	var after bool
	order := os.Getenv("SQ_TEST_KILL")
	if order == "" {
		os.Exit(m.Run())
	}
	fmt.Sscanf(order, "%d %t", &step, &after)
	writer, err := NewWriter[*sqv1.JudgingRecord](os.Getenv("SQ_TEST_URI"), killPartBytes)
	if err != nil {
		panic(err)
	}
	writer.objects = &killer{objectStore: writer.objects, left: step, after: after}
	if _, err := writeTo(context.Background(), writer, judgments(killRecords), "r1"); err != nil {
		panic(err)
	}
}

func TestKillAtAnyWrite(t *testing.T) {
	for name, root := range map[string]func(t *testing.T) string{
		"file": func(t *testing.T) string { return t.TempDir() },
		"s3":   handofftest.S3,
	} {
		t.Run(name, func(t *testing.T) {
			base := root(t)
			writes := len(mustWrite(t, base+"/whole", killPartBytes, judgments(killRecords)).GetParts()) + 1
			if writes < 4 {
				t.Fatalf("%d writes are too few to tell", writes)
			}
			for step := 1; step <= writes; step++ {
				for _, after := range []bool{false, true} {
					testKill(t, fmt.Sprintf("%s/%d-%t", base, step, after), step, after, after && step == writes)
				}
			}
		})
	}
}

func testKill(t *testing.T, uri string, step int, after, published bool) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), fmt.Sprintf("SQ_TEST_KILL=%d %t", step, after), "SQ_TEST_URI="+uri)
	if output, err := child.CombinedOutput(); err == nil || child.ProcessState.Exited() {
		t.Fatalf("%s: was not killed: %s", uri, output)
	}
	found, err := read[*sqv1.JudgingRecord](t.Context(), uri)
	switch {
	case published && err == nil:
		requireSame(t, found, judgments(killRecords))
	case published || !errors.Is(err, ErrNotFound):
		t.Fatalf("%s: %d records, %v", uri, len(found), err)
	}
	mustWrite(t, uri, killPartBytes, judgments(killRecords))
	found, err = read[*sqv1.JudgingRecord](t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	requireSame(t, found, judgments(killRecords))
}
