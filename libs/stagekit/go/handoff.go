package stagekit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protojson"

	"sq/libs/handoff/go/artefact"
	"sq/libs/handoff/go/store"
	sqv1 "sq/proto/sq/v1"
)

const (
	// maxHandoffBytes keeps a handoff small enough for Airflow's database, where XComs are kept.
	maxHandoffBytes = 4096
	// earlierHandoff is the file next to the manifest in which earlier versions kept the handoff's segments.
	earlierHandoff = "handoff.json"
)

// handoff joins what the command line and the manifest say.
func (c *command[C]) handoff(ctx context.Context, manifest *sqv1.Manifest) (*sqv1.Handoff, error) {
	kept := manifest.GetProvenance().GetHandoff()
	if kept == nil {
		var err error
		if kept, err = loadEarlierHandoff(ctx, c.output); err != nil {
			return nil, err
		}
	}
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
		FirstSegment: kept.GetFirstSegment(),
		LastSegment:  kept.GetLastSegment(),
	}
	for _, page := range kept.GetPages() {
		handoff.Pages = append(handoff.Pages, page.GetName())
	}
	return handoff, CheckMessage(handoff, "handoff")
}

func loadEarlierHandoff(ctx context.Context, output string) (*sqv1.HandoffFields, error) {
	objects, err := store.At(output)
	if err != nil {
		return nil, err
	}
	text, err := objects.Get(ctx, earlierHandoff)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &InputError{output + "/" + earlierHandoff, "is missing", "delete that folder and run again"}
	}
	if err != nil {
		return nil, err
	}
	earlier := &sqv1.Handoff{}
	if err := protojson.Unmarshal(text, earlier); err != nil {
		return nil, &InputError{output + "/" + earlierHandoff, err.Error(), "delete that folder and run again"}
	}
	kept := &sqv1.HandoffFields{FirstSegment: earlier.GetFirstSegment(), LastSegment: earlier.GetLastSegment()}
	for _, name := range earlier.GetPages() {
		kept.Pages = append(kept.Pages, &sqv1.Page{Name: name})
	}
	return kept, nil
}

// writeHandoff writes the handoff to stdout and to the file that SQ_HANDOFF names.
func writeHandoff(handoff *sqv1.Handoff) error {
	text, err := artefact.CanonicalJSON(handoff)
	if err != nil {
		return err
	}
	if len(text) > maxHandoffBytes {
		return &InputError{"handoff", fmt.Sprintf("has %d bytes; the limit is %d", len(text), maxHandoffBytes), "use a shorter run ID"}
	}
	if path := os.Getenv("SQ_HANDOFF"); path != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return &InputError{"SQ_HANDOFF", err.Error(), "set it to the path of a writable file"}
		}
		if err := os.WriteFile(path, text, 0o666); err != nil {
			return &InputError{"SQ_HANDOFF", err.Error(), "set it to the path of a writable file"}
		}
	}
	_, err = fmt.Println(string(text))
	return err
}
