package artefact

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"sq/libs/handoff/go/handofftest"
	sqv1 "sq/proto/sq/v1"
)

// killer is a store that kills the process with SIGKILL before or after its nth write.
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

// TestMain makes the test binary the writer to kill if SQ_TEST_KILL is set.
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
				t.Fatalf("only %d writes: the test needs at least 4", writes)
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
		t.Fatalf("%s: the writer was not killed: %s", uri, output)
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
