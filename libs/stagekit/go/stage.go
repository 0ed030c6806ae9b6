// Package stagekit is what every Go stage shares: its command line, configuration, handoff, logs, signals and exit codes.
//
//	sq-<stage> --run-id R --market M --config FILE|JSON --input NAME=URI … --output URI [--shard I/N]
//
// The handoff goes to stdout and to the file named by SQ_HANDOFF. Exit codes: 0 done, 2 bad input or configuration, 75 try
// again, anything else a bug.
package stagekit

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"sq/libs/handoff/go/artefact"
	"sq/libs/handoff/go/store"
	sqv1 "sq/proto/sq/v1"
)

const (
	handoffBytes = 4096
	// handoffName is of a file beside the artefact, so that a finished key gives the same handoff again.
	handoffName = "handoff.json"
)

// Stage is a stage's contract and its own part. C is its configuration, R the record it writes.
type Stage[C, R proto.Message] struct {
	// The text of stage.textproto.
	Contract []byte
	// Run reads the inputs and writes the records. It returns soon after ctx is cancelled.
	Run func(ctx context.Context, work *Work[C, R]) error
}

// Main runs the stage as its command line says and returns the exit code.
func (s Stage[C, R]) Main(arguments []string) (code int) {
	contract, err := ParseContract(s.Contract)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return ExitBug
	}
	given, err := parseFlags(contract, arguments, os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return ExitDone
	}
	log := newLog(os.Stderr, about(contract, given))
	t := startTelemetry(about(contract, given), log)
	defer func() { t.end(code) }()
	log = t.listen(log)
	ctx, stop := untilSIGTERM()
	defer stop()
	defer func() {
		if bug := recover(); bug != nil {
			log.Error("a bug in sq, please report it with this line", "panic", fmt.Sprint(bug), "stack", string(debug.Stack()))
			code = ExitBug
		}
	}()
	if err == nil {
		err = s.run(ctx, contract, given, log, t)
	}
	return report(ctx, err, log)
}

func about(contract *sqv1.StageContract, given *flags) map[string]string {
	about := map[string]string{"stage": contract.GetName(), "try": os.Getenv("SQ_TRY")}
	if given != nil {
		about["run"], about["market"], about["shard"] = given.runID, given.market, given.shard
	}
	return about
}

// untilSIGTERM gives a context that ends with ErrStopped at the first signal; the second one kills.
func untilSIGTERM() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-signals
		signal.Stop(signals)
		cancel(ErrStopped)
	}()
	return ctx, func() { signal.Stop(signals) }
}

func report(ctx context.Context, err error, log *slog.Logger) int {
	if err == nil {
		return ExitDone
	}
	if context.Cause(ctx) == error(ErrStopped) {
		log.Error(ErrStopped.Error())
		return ExitTryAgain
	}
	if input, is := asInputError(err); is {
		log.Error(input.Error(), "field", input.Field, "fix", input.Fix)
		return ExitBadInput
	}
	if isWorthAnotherTry(ctx, err) {
		log.Error(err.Error())
		return ExitTryAgain
	}
	log.Error("a bug in sq, please report it with this line", "error", err.Error())
	return ExitBug
}

// ParseContract reads and checks stage.textproto.
func ParseContract(text []byte) (*sqv1.StageContract, error) {
	contract := &sqv1.StageContract{}
	if err := prototext.Unmarshal(text, contract); err != nil {
		return nil, fmt.Errorf("stage.textproto: %w", err)
	}
	return contract, CheckMessage(contract, "stage.textproto")
}

func (s Stage[C, R]) run(ctx context.Context, contract *sqv1.StageContract, given *flags, log *slog.Logger, t *telemetry) error {
	opened := t.phase("open")
	c, id, handoff, err := s.open(ctx, contract, given, log)
	opened()
	if err == nil && handoff == nil {
		handoff, err = s.execute(ctx, c, id, log, t)
	}
	if err != nil {
		return err
	}
	return handOver(handoff)
}

// open checks the command line, and gives the handoff too where its work was done before.
func (s Stage[C, R]) open(ctx context.Context, contract *sqv1.StageContract, given *flags, log *slog.Logger) (*command[C], identity, *sqv1.Handoff, error) {
	c, err := newCommand[C](ctx, contract, given)
	if err != nil {
		return nil, identity{}, nil, err
	}
	id, err := c.identity()
	if err != nil {
		return nil, identity{}, nil, err
	}
	handoff, err := c.finished(ctx, id, log)
	return c, id, handoff, err
}

// finished returns the handoff of work that was done before, nil where it was not.
func (c *command[C]) finished(ctx context.Context, id identity, log *slog.Logger) (*sqv1.Handoff, error) {
	manifest, err := artefact.FetchManifest(ctx, c.output)
	if errors.Is(err, artefact.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if manifest.GetProvenance().GetWorkKey() != id.workKey {
		return nil, &InputError{
			"--output",
			c.output + " contains the result of another configuration, program or input",
			"use a new --run-id and --output, or delete that folder",
		}
	}
	log.Info("already done", "uri", c.output, "digest", manifest.GetDigest())
	objects, err := store.At(c.output)
	if err != nil {
		return nil, err
	}
	text, err := objects.Get(ctx, handoffName)
	if err != nil {
		return nil, err
	}
	beside := &sqv1.Handoff{}
	if err := protojson.Unmarshal(text, beside); err != nil {
		return nil, &InputError{c.output + "/" + handoffName, err.Error(), "delete that folder and run again"}
	}
	return c.handoff(manifest, beside)
}

func (s Stage[C, R]) execute(ctx context.Context, c *command[C], id identity, log *slog.Logger, t *telemetry) (*sqv1.Handoff, error) {
	start := time.Now()
	writer, err := artefact.NewWriter[R](c.output, 0)
	if err != nil {
		return nil, err
	}
	work := &Work[C, R]{
		RunID:    c.runID,
		Market:   c.market,
		Shard:    Shard{0, 1},
		Config:   c.config,
		Inputs:   c.inputs,
		Log:      log,
		Progress: newProgress(os.Stderr, log),
		writer:   writer,
		phase:    t.phase,
	}
	if c.shard != nil {
		work.Shard = *c.shard
	}
	worked := t.phase("work")
	err = s.Run(ctx, work)
	worked()
	if err != nil {
		return nil, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	defer t.phase("publish")()
	beside := &sqv1.Handoff{FirstSegment: work.segments.first, LastSegment: work.segments.last}
	if err := putBeside(ctx, c.output, beside); err != nil {
		return nil, err
	}
	manifest, err := writer.Publish(context.WithoutCancel(ctx), c.provenance(id, start))
	if err != nil {
		return nil, err
	}
	log.Info("published", "uri", c.output, "digest", manifest.GetDigest())
	t.published(manifest.GetContent())
	return c.handoff(manifest, beside)
}

func putBeside(ctx context.Context, output string, beside *sqv1.Handoff) error {
	objects, err := store.At(output)
	if err != nil {
		return err
	}
	text, err := artefact.CanonicalJSON(beside)
	if err != nil {
		return err
	}
	return objects.Put(ctx, handoffName, text)
}

func (c *command[C]) provenance(id identity, start time.Time) *sqv1.Provenance {
	provenance := &sqv1.Provenance{
		Stage:               c.contract.GetName(),
		RunId:               c.runID,
		Market:              c.market,
		Shard:               c.shardText(),
		ImageDigest:         id.image,
		ConfigurationDigest: id.configuration,
		WorkKey:             id.workKey,
		GitRevision:         os.Getenv("SQ_GIT_REVISION"),
		StartTime:           timestamppb.New(start),
		EndTime:             timestamppb.Now(),
	}
	for _, input := range c.inputs {
		provenance.Inputs = append(provenance.Inputs, &sqv1.InputArtefact{Name: input.Name, Uri: input.URI, Digest: input.Manifest.GetDigest()})
	}
	return provenance
}

func (c *command[C]) handoff(manifest *sqv1.Manifest, beside *sqv1.Handoff) (*sqv1.Handoff, error) {
	handoff := &sqv1.Handoff{
		Stage:        c.contract.GetName(),
		RunId:        c.runID,
		Market:       c.market,
		Shard:        c.shardText(),
		Uri:          c.output,
		Digest:       manifest.GetDigest(),
		MessageType:  manifest.GetContent().GetMessageType(),
		Records:      manifest.GetContent().GetRecords(),
		Counts:       manifest.GetContent().GetCounts(),
		FirstSegment: beside.GetFirstSegment(),
		LastSegment:  beside.GetLastSegment(),
		Pages:        beside.GetPages(),
	}
	return handoff, CheckMessage(handoff, "handoff")
}

func handOver(handoff *sqv1.Handoff) error {
	text, err := artefact.CanonicalJSON(handoff)
	if err != nil {
		return err
	}
	if len(text) > handoffBytes {
		return &InputError{"handoff", fmt.Sprintf("has %d bytes; the limit is %d", len(text), handoffBytes), "use a shorter run ID"}
	}
	if path := os.Getenv("SQ_HANDOFF"); path != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return &InputError{"SQ_HANDOFF", err.Error(), "name a file that can be written"}
		}
		if err := os.WriteFile(path, text, 0o666); err != nil {
			return &InputError{"SQ_HANDOFF", err.Error(), "name a file that can be written"}
		}
	}
	_, err = fmt.Println(string(text))
	return err
}
