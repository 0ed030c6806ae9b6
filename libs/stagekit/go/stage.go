// Package stagekit is what every Go stage shares: its command line, configuration, handoff, logs, signals and exit codes.
//
//	sq-<stage> --run-id R --market M --config FILE|JSON --input NAME=URI … --output URI [--shard I/N]
//
// The stage writes its handoff to stdout and to the file that SQ_HANDOFF names. Exit codes: 0 done, 2 bad input or
// configuration, 75 try again, anything else a bug.
package stagekit

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"

	"google.golang.org/protobuf/proto"

	sqv1 "sq/proto/sq/v1"
)

// Stage is a stage's contract and its own code. C is its configuration, R the record it writes.
type Stage[C, R proto.Message] struct {
	// The text of stage.textproto.
	Contract []byte
	// Run reads the inputs and writes the records. It returns soon after ctx is cancelled.
	Run func(ctx context.Context, work *Work[C, R]) error
}

// Main runs the stage with the arguments of its command line and returns the exit code.
func (s Stage[C, R]) Main(arguments []string) (code int) {
	contract, err := ParseContract(s.Contract)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return ExitBug
	}
	given, err := parseFlags(contract, arguments, os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return ExitDone
	}
	labels := labelsOf(contract, given)
	level, badLevel := logLevel()
	log, endLog := newLog(os.Stderr, labels, level)
	defer endLog()
	t := startTelemetry(labels, log)
	defer func() { t.end(code) }()
	log = t.attach(log)
	ctx, release := cancelOnSignal()
	defer release()
	defer func() {
		if bug := recover(); bug != nil {
			log.Error(bugMessage, "panic", fmt.Sprint(bug), "stack", string(debug.Stack()))
			code = ExitBug
		}
	}()
	err = cmp.Or(err, badLevel)
	if err == nil {
		err = s.run(ctx, contract, given, log, t)
	}
	return exitCode(ctx, err, log)
}

// labelsOf are the values that every log line, span and metric of the stage carries. Empty values are left out there.
func labelsOf(contract *sqv1.StageContract, given *flags) map[string]string {
	labels := map[string]string{"stage": contract.GetName(), "try": os.Getenv("SQ_TRY")}
	if given != nil {
		labels["run"], labels["market"], labels["shard"] = given.runID, given.market, given.shard
	}
	return labels
}
