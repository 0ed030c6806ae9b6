package stagekit

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"

	"google.golang.org/protobuf/reflect/protoreflect"

	"sq/libs/handoff/go/artefact"
	"sq/libs/handoff/go/store"
	sqv1 "sq/proto/sq/v1"
)

// flags is a command line as it was given.
type flags struct {
	runID, market, config, output, shard string
	inputs                               []string
}

func parseFlags(contract *sqv1.StageContract, arguments []string, usage io.Writer) (*flags, error) {
	f := &flags{}
	set := flag.NewFlagSet("sq-"+contract.GetName(), flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&f.runID, "run-id", "", "ID of the run")
	set.StringVar(&f.market, "market", "", "market to process")
	set.StringVar(&f.config, "config", "", contract.GetConfigType()+": a YAML or JSON file, or JSON")
	set.StringVar(&f.output, "output", "", "URI of the folder to write to")
	set.StringVar(&f.shard, "shard", "", "I/N: process only shard I of N; I counts from 0")
	set.Func("input", "NAME=URI of an input artefact; inputs of this stage: "+inputNames(contract), func(text string) error {
		f.inputs = append(f.inputs, text)
		return nil
	})
	err := set.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(usage, "sq-%s: %s\n\n", contract.GetName(), contract.GetSummary())
		set.SetOutput(usage)
		set.PrintDefaults()
		return nil, err
	}
	if err != nil {
		return nil, &InputError{"command line", err.Error(), "see --help"}
	}
	if set.NArg() > 0 {
		return nil, &InputError{"command line", fmt.Sprintf("%q is not a flag", set.Arg(0)), "see --help"}
	}
	for _, needed := range []struct{ name, value string }{{"--run-id", f.runID}, {"--config", f.config}, {"--output", f.output}} {
		if needed.value == "" {
			return nil, &InputError{needed.name, "is missing", "give it"}
		}
	}
	return f, nil
}

// Input is an artefact given to the stage.
type Input struct {
	Name     string
	URI      string
	Manifest *sqv1.Manifest
}

// command is one command line, checked.
type command[C proto.Message] struct {
	contract *sqv1.StageContract
	runID    string
	market   string
	config   C
	inputs   []Input // in the order of the contract, then as given
	output   string
	shard    *Shard // nil for an unsharded execution
}

func (c *command[C]) shardText() string {
	if c.shard == nil {
		return ""
	}
	return c.shard.String()
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
		return nil, &InputError{"--output", err.Error(), "give a path, or a file://, s3:// or gs:// URI"}
	}
	c.output = objects.URI()
	c.config = none.ProtoReflect().New().Interface().(C)
	if err := ReadConfig(f.config, c.config); err != nil {
		return nil, err
	}
	c.inputs, err = openInputs(ctx, contract, f.inputs)
	return c, err
}

func openInputs(ctx context.Context, contract *sqv1.StageContract, given []string) ([]Input, error) {
	uris := map[string][]string{}
	for _, text := range given {
		name, uri, _ := strings.Cut(text, "=")
		if !hasInput(contract, name) || uri == "" {
			return nil, &InputError{"--input", fmt.Sprintf("%q does not name an input", text), "inputs of this stage: " + inputNames(contract)}
		}
		uris[name] = append(uris[name], uri)
	}
	var inputs []Input
	for _, wanted := range contract.GetInputs() {
		name := wanted.GetName()
		switch count := len(uris[name]); {
		case count == 0:
			return nil, &InputError{"--input", name + " is missing", fmt.Sprintf("add --input %s=URI", name)}
		case count > 1 && !wanted.GetMany():
			return nil, &InputError{"--input", fmt.Sprintf("%s is given %d times", name, count), "give it once"}
		}
		for _, uri := range uris[name] {
			input, err := openInput(ctx, wanted, uri)
			if err != nil {
				return nil, err
			}
			inputs = append(inputs, input)
		}
	}
	return inputs, nil
}

func openInput(ctx context.Context, wanted *sqv1.StageInput, uri string) (Input, error) {
	objects, err := store.At(uri)
	if err != nil {
		return Input{}, &InputError{"--input " + wanted.GetName(), err.Error(), "give a path, or a file://, s3:// or gs:// URI"}
	}
	manifest, err := artefact.FetchManifest(ctx, objects.URI())
	if err != nil {
		return Input{}, err
	}
	message, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(wanted.GetMessageType()))
	if err != nil {
		return Input{}, fmt.Errorf("contract: input %s: %w", wanted.GetName(), err)
	}
	if err := artefact.CheckType(objects.URI(), manifest, message.Descriptor()); err != nil {
		return Input{}, err
	}
	return Input{wanted.GetName(), objects.URI(), manifest}, nil
}

func hasInput(contract *sqv1.StageContract, name string) bool {
	for _, input := range contract.GetInputs() {
		if input.GetName() == name {
			return true
		}
	}
	return false
}

func inputNames(contract *sqv1.StageContract) string {
	var names []string
	for _, input := range contract.GetInputs() {
		names = append(names, input.GetName())
	}
	return strings.Join(names, ", ")
}
