package stagekit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

// publish makes the records visible. It returns the handoff of what is published then, which is that of another execution if that
// one was first.
func publish[C, R proto.Message](ctx context.Context, c *command[C], work *Work[C, R], start time.Time, t *telemetry) (*sqv1.Handoff, error) {
	provenance := c.provenance(start, work.unfinished)
	provenance.Handoff = &sqv1.HandoffFields{FirstSegment: work.segments.first, LastSegment: work.segments.last}
	manifest, err := work.writer.Publish(context.WithoutCancel(ctx), provenance, c.published)
	if err != nil {
		return nil, err
	}
	work.Log.Info("published", "uri", c.output, "digest", manifest.GetDigest())
	if open := openRecords(manifest); len(open) > 0 {
		var detail []string
		for i := 0; i+1 < len(open); i += 2 {
			detail = append(detail, fmt.Sprintf("%v %v", open[i], open[i+1]))
		}
		open = append(open, "detail", strings.Join(detail, ", "))
		work.Log.Warn("some records failed for a reason that may pass; the same command does only these again", open...)
	}
	t.published(manifest.GetContent())
	return c.handoff(ctx, manifest)
}

// finished returns the handoff of an earlier execution that finished the same work, nil if there is none. It keeps the manifest
// of an unfinished artefact, which this execution replaces. Errors: *InputError if the output holds the finished result of other
// work.
func (c *command[C]) finished(ctx context.Context, log *slog.Logger) (*sqv1.Handoff, error) {
	manifest, err := artefact.FetchManifest(ctx, c.output)
	if errors.Is(err, artefact.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	same := manifest.GetProvenance().GetWorkKey() == c.identity.workKey
	if !same && len(manifest.GetProvenance().GetUnfinished()) == 0 {
		return nil, &InputError{
			"--output",
			c.output + " contains the result of another configuration, program or input",
			"start a run with a new run ID, or delete " + c.output,
		}
	}
	open := openRecords(manifest)
	if !same || len(open) > 0 {
		c.published, c.continues = manifest, same
		log.Info("continues unfinished work", open...)
		return nil, nil
	}
	log.Info("already done", "uri", c.output, "digest", manifest.GetDigest())
	return c.handoff(ctx, manifest)
}

// openRecords are the numbers of records of an artefact that are still to do, by reason, as attributes of a log line.
func openRecords(manifest *sqv1.Manifest) (attributes []any) {
	for _, item := range manifest.GetProvenance().GetUnfinished() {
		if item.GetInputUri() == "" {
			attributes = append(attributes, item.GetReason(), item.GetRecords())
		}
	}
	return attributes
}

// unfinished lists what is still to do here and in the inputs. It makes the artefact replaceable once the inputs are replaced.
func (c *command[C]) unfinished(own map[string]uint64) (found []*sqv1.Unfinished) {
	for _, reason := range slices.Sorted(maps.Keys(own)) {
		found = append(found, &sqv1.Unfinished{Reason: reason, Records: own[reason]})
	}
	for _, input := range c.inputs {
		for _, item := range input.Manifest.GetProvenance().GetUnfinished() {
			inherited := &sqv1.Unfinished{Reason: item.GetReason(), Records: item.GetRecords(), InputUri: cmp.Or(item.GetInputUri(), input.URI)}
			if !slices.ContainsFunc(found, func(known *sqv1.Unfinished) bool { return proto.Equal(known, inherited) }) {
				found = append(found, inherited)
			}
		}
	}
	return found
}

// modelUsage lists the paid calls for the inputs, each artefact once.
func (c *command[C]) modelUsage() (found []*sqv1.ModelUsage) {
	for _, input := range c.inputs {
		for _, item := range input.Manifest.GetProvenance().GetModelUsage() {
			if !slices.ContainsFunc(found, func(known *sqv1.ModelUsage) bool { return known.GetUri() == item.GetUri() }) {
				found = append(found, item)
			}
		}
	}
	return found
}

func (c *command[C]) provenance(start time.Time, unfinished map[string]uint64) *sqv1.Provenance {
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
		ModelUsage:          c.modelUsage(),
		Unfinished:          c.unfinished(unfinished),
	}
	for _, input := range c.inputs {
		provenance.Inputs = append(provenance.Inputs, &sqv1.InputArtefact{Name: input.Name, Uri: input.URI, Digest: input.Manifest.GetDigest()})
	}
	return provenance
}
