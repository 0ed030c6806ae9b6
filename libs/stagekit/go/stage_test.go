package stagekit

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"sq/libs/handoff/go/artefact"
	"sq/libs/handoff/go/handofftest"
	sqv1 "sq/proto/sq/v1"
)

//go:embed testdata/stage.textproto
var echoContract []byte

// echo copies its input: the smallest stage there is. Its depth makes it end in other ways.
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
				if !work.Shard.Holds(r.GetQueryId()) {
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
			panic("as told")
		case 2:
			return fmt.Errorf("something unforeseen")
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

// TestMain lets the test binary be the stage.
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
	if _, err := writer.Publish(t.Context(), &sqv1.Provenance{Stage: "test"}); err != nil {
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

func TestFinishedWorkIsFoundAgainAndGivesTheSameHandoff(t *testing.T) {
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

func TestOtherWorkInTheOutputIsRefusedAndKept(t *testing.T) {
	input, output := differences(t), filepath.Join(t.TempDir(), "out")
	start(t, flagsOf(input, output)...)
	for _, other := range [][]string{{"--config={depth: 7}"}, {"--market=de"}, {"--shard=0/1"}} {
		done := start(t, flagsOf(input, output, other...)...)
		if done.code != ExitBadInput || !strings.Contains(done.stderr, "another configuration") || len(queryIDs(t, output)) != 20 {
			t.Fatal(other, done)
		}
	}
}

func TestShardsCutTheRecordsWithoutLoss(t *testing.T) {
	input := differences(t)
	var found []string
	for i := range 3 {
		output := filepath.Join(t.TempDir(), "out")
		if done := start(t, flagsOf(input, output, fmt.Sprintf("--shard=%d/3", i))...); done.code != ExitDone {
			t.Fatal(done)
		}
		found = append(found, queryIDs(t, output)...)
	}
	slices.Sort(found)
	if len(found) != 20 || len(slices.Compact(found)) != 20 {
		t.Fatal(found)
	}
}

func TestBadInputEndsWith2NamesTheFieldAndWritesNothing(t *testing.T) {
	input, folder := differences(t), t.TempDir()
	twice := filepath.Join(folder, "twice.yaml")
	os.WriteFile(twice, []byte("depth: 1\ndepth: 2\n"), 0o600)
	for name, c := range map[string]struct{ flag, says string }{
		"unknown field":            {"--config={depht: 3}", "depht"},
		"wrong type of field":      {"--config={depth: many}", "depth"},
		"field given twice":        {"--config=" + twice, "depth"},
		"no such file":             {"--config=/dev/null/x", "--config"},
		"no mapping":               {"--config=" + writeFile(t, "- a\n"), "does not contain a mapping"},
		"no YAML":                  {"--config=" + writeFile(t, "a: [\n"), "is not valid YAML"},
		"shard out of range":       {"--shard=3/3", "--shard"},
		"shard of zero":            {"--shard=0/0", "--shard"},
		"shard below zero":         {"--shard=-1/2", "--shard"},
		"unknown input":            {"--input=nothing=/x", "inputs of this stage: differences"},
		"input without URI":        {"--input=differences", "does not name an input"},
		"absent input":             {"--input=differences=/nowhere", "no artefact is published here"},
		"unknown scheme":           {"--input=differences=ftp://x/y", "scheme"},
		"output of unknown scheme": {"--output=ftp://x/y", "--output"},
		"empty run id":             {"--run-id=", "--run-id"},
		"unknown flag":             {"--speed=9", "speed"},
		"no flag":                  {"extra", "extra"},
	} {
		t.Run(name, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "out")
			done := start(t, flagsOf(input, output, c.flag)...)
			if done.code != ExitBadInput || !strings.Contains(done.stderr, c.says) || done.stdout != "" {
				t.Error(done)
			}
			if _, err := os.Stat(output); err == nil {
				t.Error("the output was written")
			}
		})
	}
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMissingInput(t *testing.T) {
	done := start(t, "--run-id=r", "--config={}", "--output="+t.TempDir())
	if done.code != ExitBadInput || !strings.Contains(done.stderr, "add --input differences=URI") {
		t.Fatal(done)
	}
}

func TestArtefactOfAnotherTypeIsRefused(t *testing.T) {
	uri := t.TempDir()
	writer, _ := artefact.NewWriter[*sqv1.JudgingRecord](uri, 0)
	if _, err := writer.Publish(t.Context(), &sqv1.Provenance{Stage: "test"}); err != nil {
		t.Fatal(err)
	}
	done := start(t, flagsOf(uri, filepath.Join(t.TempDir(), "out"))...)
	if done.code != ExitBadInput || !strings.Contains(done.stderr, "contains sq.v1.JudgingRecord, not sq.v1.TagDifference") {
		t.Fatal(done)
	}
}

func TestExitCodesAndNothingPublished(t *testing.T) {
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

func TestStorageThatIsDownIsWorthAnotherTry(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	done := start(t, flagsOf("s3://bucket/in", t.TempDir())...)
	if done.code != ExitTryAgain || !strings.Contains(done.stderr, "s3://bucket/in") {
		t.Fatal(done)
	}
}

func TestLogsAreJSONWithTheContext(t *testing.T) {
	t.Setenv("SQ_TRY", "3")
	done := start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"), "--shard=0/2")...)
	lines := json.NewDecoder(strings.NewReader(done.stderr))
	count := 0
	for ; ; count++ {
		var event struct{ Time, Level, Message, Run, Market, Stage, Shard, Try string }
		if err := lines.Decode(&event); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if event.Run+event.Market+event.Stage+event.Shard+event.Try != "r1ukecho0/23" || event.Level != "info" || event.Message == "" {
			t.Error(event)
		}
	}
	if count < 2 {
		t.Fatal(done.stderr)
	}
}

func TestHelp(t *testing.T) {
	done := start(t, "--help")
	if done.code != ExitDone || !strings.Contains(done.stdout, "sq-echo: Copies its input") {
		t.Fatal(done)
	}
}

func TestHandoffOver4KiB(t *testing.T) {
	done := start(t, flagsOf(differences(t), filepath.Join(t.TempDir(), "out"), "--run-id="+strings.Repeat("r", 5000))...)
	if done.code != ExitBadInput || !strings.Contains(done.stderr, "the limit is 4096") || done.stdout != "" {
		t.Fatal(done.code, done.stdout)
	}
}

// The same rows stand in the Python test.
func TestShardRuleIsTheOneOfEveryLanguage(t *testing.T) {
	for query, want := range map[string][2]uint64{"q1": {2, 4}, "q2": {3, 4}, "größe": {3, 2}} {
		for i, count := range []uint64{4, 7} {
			if !(Shard{want[i], count}).Holds(query) {
				t.Errorf("%s is not in %d/%d", query, want[i], count)
			}
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
