package stagekit

import (
	"context"
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
	// storedHandoff is the file next to the manifest with the handoff's fields that the manifest lacks. With it, a repeated
	// command returns the same handoff.
	storedHandoff = "handoff.json"
)

// handoff joins what the command line, the manifest and the stored handoff say.
func (c *command[C]) handoff(manifest *sqv1.Manifest, extra *sqv1.Handoff) (*sqv1.Handoff, error) {
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
		FirstSegment: extra.GetFirstSegment(),
		LastSegment:  extra.GetLastSegment(),
		Pages:        extra.GetPages(),
	}
	return handoff, CheckMessage(handoff, "handoff")
}

func storeHandoff(ctx context.Context, output string, extra *sqv1.Handoff) error {
	objects, err := store.At(output)
	if err != nil {
		return err
	}
	text, err := artefact.CanonicalJSON(extra)
	if err != nil {
		return err
	}
	return objects.Put(ctx, storedHandoff, text)
}

func loadHandoff(ctx context.Context, output string) (*sqv1.Handoff, error) {
	objects, err := store.At(output)
	if err != nil {
		return nil, err
	}
	text, err := objects.Get(ctx, storedHandoff)
	if err != nil {
		return nil, err
	}
	extra := &sqv1.Handoff{}
	if err := protojson.Unmarshal(text, extra); err != nil {
		return nil, &InputError{output + "/" + storedHandoff, err.Error(), "delete that folder and run again"}
	}
	return extra, nil
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
