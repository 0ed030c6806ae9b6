package stagekit

import (
	"context"
	"log/slog"

	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/artefact"
)

// Work is one execution of a stage, as the stage's own code sees it. C is its configuration, R the record it writes.
type Work[C, R proto.Message] struct {
	RunID    string
	Market   string
	Shard    Shard // 0/1 for an unsharded execution
	Config   C
	Inputs   []Input
	Log      *slog.Logger
	Progress *Progress

	// Earlier is the URI of an unfinished artefact of this same work, empty if there is none. Its records that did not fail need
	// not be made again.
	Earlier string

	unfinished map[string]uint64
	writer     *artefact.Writer[R]
	segments   segmentBounds
	phase      func(name string) func()
}

// Phase starts a named part of the work, which traces and metrics show. It lasts until end is called.
func (w *Work[C, R]) Phase(name string) (end func()) { return w.phase(name) }

// NoteUnfinished counts a record that failed for a reason that may pass. The next execution of the same work does it again.
func (w *Work[C, R]) NoteUnfinished(reason string) { w.unfinished[reason]++ }

// Input returns the input of a name. The contract must have one of that name that is not `many`.
func (w *Work[C, R]) Input(name string) Input {
	for _, input := range w.Inputs {
		if input.Name == name {
			return input
		}
	}
	panic("the contract has no input " + name)
}

// Write appends a record to the output artefact. The artefact is published after the stage's Run returns.
func (w *Work[C, R]) Write(ctx context.Context, record R) error {
	if err := w.writer.Write(ctx, record); err != nil {
		return err
	}
	w.segments.add(record.ProtoReflect())
	return nil
}
