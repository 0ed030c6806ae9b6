package stagekit

import (
	"context"

	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/store"
	sqv1 "sq/proto/sq/v1"
)

const uriFix = "give a path, or a file://, s3:// or gs:// URI"

// command is a checked command line.
type command[C proto.Message] struct {
	contract *sqv1.StageContract
	runID    string
	market   string
	config   C
	inputs   []Input // in the order of the contract, then of the command line
	output   string
	shard    *Shard // nil for an unsharded execution
	identity identity

	published *sqv1.Manifest // of the unfinished artefact at the output, nil if there is none
	continues bool           // published is of the same work
}

func newCommand[C proto.Message](ctx context.Context, contract *sqv1.StageContract, f *flags) (*command[C], error) {
	var none C
	c := &command[C]{contract: contract, runID: f.runID, market: f.market}
	if f.shard != "" {
		if !contract.GetSharded() {
			return nil, &InputError{"--shard", contract.GetName() + " does not support shards", "remove the flag"}
		}
		shard, err := ParseShard(f.shard)
		if err != nil {
			return nil, err
		}
		c.shard = &shard
	}
	objects, err := store.At(f.output)
	if err != nil {
		return nil, &InputError{"--output", err.Error(), uriFix}
	}
	c.output = objects.URI()
	c.config = none.ProtoReflect().New().Interface().(C)
	if err := ReadConfig(f.config, c.config); err != nil {
		return nil, err
	}
	if c.inputs, err = openInputs(ctx, contract, f.inputs); err != nil {
		return nil, err
	}
	c.identity, err = newIdentity(c)
	return c, err
}

func (c *command[C]) shardText() string {
	if c.shard == nil {
		return ""
	}
	return c.shard.String()
}
