package stagekit

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"

	sqv1 "sq/proto/sq/v1"
)

// runID is the name of a folder, and a part of the handoff, whose size is limited.
var runID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$`)

// flags are the values of a command line, unchecked.
type flags struct {
	runID, market, config, output, shard string
	inputs                               []string
}

// parseFlags returns flag.ErrHelp after writing the help to usage. Other errors: *InputError.
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
	for _, required := range []struct{ name, value string }{{"--run-id", f.runID}, {"--config", f.config}, {"--output", f.output}} {
		if required.value == "" {
			return nil, &InputError{required.name, "is missing or empty", "add " + required.name + " with a value"}
		}
	}
	if !runID.MatchString(f.runID) {
		return nil, &InputError{"--run-id", fmt.Sprintf("%q is not a valid run id", f.runID), "use at most 200 letters, digits, dashes, underscores and dots; start with a letter or digit"}
	}
	return f, nil
}
