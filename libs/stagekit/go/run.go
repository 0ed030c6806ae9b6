package stagekit

import (
	"context"
	"log/slog"
	"os"
	"time"

	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

// run does the work unless an earlier attempt finished it, and writes the handoff in both cases.
func (s Stage[C, R]) run(ctx context.Context, contract *sqv1.StageContract, given *flags, log *slog.Logger, t *telemetry) error {
	endOpen := t.phase("open")
	c, handoff, err := open[C](ctx, contract, given, log)
	endOpen()
	if err == nil && handoff == nil {
		handoff, err = s.execute(ctx, c, log, t)
	}
	if err != nil {
		return err
	}
	return writeHandoff(handoff)
}

// open checks the command line. It returns the handoff too if an earlier attempt finished the same work.
func open[C proto.Message](ctx context.Context, contract *sqv1.StageContract, given *flags, log *slog.Logger) (*command[C], *sqv1.Handoff, error) {
	c, err := newCommand[C](ctx, contract, given)
	if err != nil {
		return nil, nil, err
	}
	handoff, err := c.finished(ctx, log)
	return c, handoff, err
}

// execute runs the stage's own code and publishes its records. It returns the handoff.
func (s Stage[C, R]) execute(ctx context.Context, c *command[C], log *slog.Logger, t *telemetry) (*sqv1.Handoff, error) {
	start := time.Now()
	writer, err := artefact.NewWriter[R](c.output, 0)
	if err != nil {
		return nil, err
	}
	work := newWork(c, writer, log, t)
	endWork := t.phase("work")
	err = s.Run(ctx, work)
	endWork()
	if err != nil {
		return nil, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	defer t.phase("publish")()
	return publish(ctx, c, work, start, t)
}

func newWork[C, R proto.Message](c *command[C], writer *artefact.Writer[R], log *slog.Logger, t *telemetry) *Work[C, R] {
	work := &Work[C, R]{
		RunID:      c.runID,
		Market:     c.market,
		Shard:      Shard{0, 1},
		Config:     c.config,
		Inputs:     c.inputs,
		Log:        log,
		Progress:   newProgress(os.Stderr, log),
		unfinished: map[string]uint64{},
		writer:     writer,
		phase:      t.phase,
	}
	if c.continues {
		work.Earlier = c.output
	}
	if c.shard != nil {
		work.Shard = *c.shard
	}
	return work
}
