package stagekit

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

//go:embed testdata/stage.textproto
var echoContract []byte

// echo copies its input. Some values of depth make it fail in one way each.
var echo = Stage[*sqv1.NerDiffConfig, *sqv1.TagDifference]{
	Contract: echoContract,
	Run: func(ctx context.Context, work *Work[*sqv1.NerDiffConfig, *sqv1.TagDifference]) error {
		defer work.Phase("copy")()
		for _, input := range work.Inputs {
			reader, err := artefact.Open[*sqv1.TagDifference](ctx, input.URI)
			if err != nil {
				return err
			}
			for r, err := range reader.All(ctx) {
				if err != nil {
					return err
				}
				if !work.Shard.Contains(r.GetQueryId()) {
					continue
				}
				if err := work.Write(ctx, r); err != nil {
					return err
				}
			}
		}
		work.Log.Info("copied")
		switch work.Config.GetDepth() {
		case 1:
			panic("on request")
		case 2:
			return fmt.Errorf("unexpected")
		case 9:
			work.Log.Info("model usage", "calls", 7, "usd", 0.25, "input_tokens", 100)
		case 15:
			syscall.Kill(os.Getpid(), syscall.SIGTERM)
			<-ctx.Done()
			return ctx.Err()
		case 75:
			return &TryAgainError{"not now"}
		}
		return nil
	},
}

// TestMain makes the test binary the stage if SQ_TEST_STAGE is set.
func TestMain(m *testing.M) {
	if os.Getenv("SQ_TEST_STAGE") != "" {
		os.Exit(echo.Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

type ended struct {
	code           int
	stdout, stderr string
}

func start(t *testing.T, arguments ...string) ended {
	t.Helper()
	var stdout, stderr bytes.Buffer
	process := exec.Command(os.Args[0], arguments...)
	process.Env = append(os.Environ(), "SQ_TEST_STAGE=1")
	process.Stdout, process.Stderr = &stdout, &stderr
	if err := process.Run(); process.ProcessState == nil {
		t.Fatal(err)
	}
	return ended{process.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func flagsOf(input, output string, more ...string) []string {
	return append([]string{"--run-id=r1", "--market=uk", "--config={}", "--input=differences=" + input, "--output=" + output}, more...)
}

func differences(t *testing.T) string {
	t.Helper()
	uri := t.TempDir()
	writer, err := artefact.NewWriter[*sqv1.TagDifference](uri, 0)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		if err := writer.Write(t.Context(), &sqv1.TagDifference{QueryId: fmt.Sprint("q", n), SegmentId: fmt.Sprintf("s%02d", n)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := writer.Publish(t.Context(), &sqv1.Provenance{Stage: "test"}, nil); err != nil {
		t.Fatal(err)
	}
	return uri
}

func queryIDs(t *testing.T, uri string) (ids []string) {
	t.Helper()
	reader, err := artefact.Open[*sqv1.TagDifference](t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range reader.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.GetQueryId())
	}
	return ids
}
