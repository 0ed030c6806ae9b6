package stagekit

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

// publish makes the records visible. It stores the handoff first, so that every published artefact has one.
func publish[C, R proto.Message](ctx context.Context, c *command[C], work *Work[C, R], start time.Time, t *telemetry) (*sqv1.Handoff, error) {
	extra := &sqv1.Handoff{FirstSegment: work.segments.first, LastSegment: work.segments.last}
	if err := storeHandoff(ctx, c.output, extra); err != nil {
		return nil, err
	}
	manifest, err := work.writer.Publish(context.WithoutCancel(ctx), c.provenance(start))
	if err != nil {
		return nil, err
	}
	work.Log.Info("published", "uri", c.output, "digest", manifest.GetDigest())
	t.published(manifest.GetContent())
	return c.handoff(manifest, extra)
}

// finished returns the handoff of an earlier execution with the same work key, nil if the output is empty. Errors:
// *InputError if the output holds the result of other work.
func (c *command[C]) finished(ctx context.Context, log *slog.Logger) (*sqv1.Handoff, error) {
	manifest, err := artefact.FetchManifest(ctx, c.output)
	if errors.Is(err, artefact.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if manifest.GetProvenance().GetWorkKey() != c.identity.workKey {
		return nil, &InputError{
			"--output",
			c.output + " contains the result of another configuration, program or input",
			"use a new --run-id and --output, or delete that folder",
		}
	}
	log.Info("already done", "uri", c.output, "digest", manifest.GetDigest())
	extra, err := loadHandoff(ctx, c.output)
	if err != nil {
		return nil, err
	}
	return c.handoff(manifest, extra)
}

func (c *command[C]) provenance(start time.Time) *sqv1.Provenance {
	provenance := &sqv1.Provenance{
		Stage:               c.contract.GetName(),
		RunId:               c.runID,
		Market:              c.market,
		Shard:               c.shardText(),
		ImageDigest:         c.identity.image,
		ConfigurationDigest: c.identity.configuration,
		WorkKey:             c.identity.workKey,
		GitRevision:         os.Getenv("SQ_GIT_REVISION"),
		StartTime:           timestamppb.New(start),
		EndTime:             timestamppb.Now(),
	}
	for _, input := range c.inputs {
		provenance.Inputs = append(provenance.Inputs, &sqv1.InputArtefact{Name: input.Name, Uri: input.URI, Digest: input.Manifest.GetDigest()})
	}
	return provenance
}
