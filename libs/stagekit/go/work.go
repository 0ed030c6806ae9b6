package stagekit

import (
	"context"
	"log/slog"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"sq/libs/handoff/go/artefact"
)

// Work is one execution of a stage, as its own code sees it: configuration C in, records R out.
type Work[C, R proto.Message] struct {
	RunID    string
	Market   string
	Shard    Shard // 0/1 for an unsharded execution
	Config   C
	Inputs   []Input
	Log      *slog.Logger
	Progress *Progress

	writer   *artefact.Writer[R]
	segments segmentBounds
	phase    func(name string) func()
}

// Phase names a part of the work until end is called, for traces and durations.
func (w *Work[C, R]) Phase(name string) (end func()) { return w.phase(name) }

// Input returns the one input of a name that the contract says stands once.
func (w *Work[C, R]) Input(name string) Input {
	for _, input := range w.Inputs {
		if input.Name == name {
			return input
		}
	}
	panic("the contract has no input " + name)
}

// Write appends a record to the output artefact, which is published when the stage's run returns.
func (w *Work[C, R]) Write(ctx context.Context, record R) error {
	if err := w.writer.Write(ctx, record); err != nil {
		return err
	}
	w.segments.add(record.ProtoReflect())
	return nil
}

// segmentBounds are the lowest and the highest segment id of the records.
type segmentBounds struct{ first, last string }

func (b *segmentBounds) add(record protoreflect.Message) {
	if oneof := record.Descriptor().Oneofs().ByName("record"); oneof != nil {
		arm := record.WhichOneof(oneof)
		if arm == nil || arm.Message() == nil {
			return
		}
		record = record.Get(arm).Message()
	}
	field := record.Descriptor().Fields().ByName("segment_id")
	if field == nil {
		return
	}
	segment := record.Get(field).String()
	if segment == "" {
		return
	}
	if b.first == "" || segment < b.first {
		b.first = segment
	}
	b.last = max(b.last, segment)
}
