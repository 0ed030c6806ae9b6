// Command sq-xcom-sidecar keeps a stage's handoff until Airflow has read it.
//
// Airflow's pod operator puts a second container beside the stage's, which waits, prints a file when asked, and ends when
// told; it asks in the words of a shell. This program answers to exactly those words under the name of sh and to nothing
// else, so that the pod has no shell in it. dags/tests holds the words to the provider's.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const (
	handoffFile = "/airflow/xcom/return.json"
	noHandoff   = "__airflow_xcom_result_empty__"

	waitWords = `trap "exit 0" INT; while true; do sleep 1; done;`
	readWords = `if [ -s /airflow/xcom/return.json ]; then cat /airflow/xcom/return.json; else echo __airflow_xcom_result_empty__; fi`
	endWords  = `kill -2 $(pgrep -u $(id -u) -f 'sh')`

	exitUnknown = 127
)

func main() {
	os.Exit(answer(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func answer(arguments []string, in io.Reader, out, complaints io.Writer) int {
	switch {
	case len(arguments) == 2 && arguments[0] == "-c" && arguments[1] == waitWords:
		return wait()
	case len(arguments) == 2 && arguments[0] == "-c" && arguments[1] == readWords:
		return read(handoffFile, out, complaints)
	case len(arguments) == 0:
		return listen(in, complaints, endFirstProcess)
	}
	fmt.Fprintf(complaints, "sq-xcom-sidecar is no shell; it does not know %q\n", arguments)
	return exitUnknown
}

func wait() int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	<-signals
	return 0
}

func read(path string, out, complaints io.Writer) int {
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		fmt.Fprintln(complaints, err)
		return 1
	}
	if len(data) == 0 {
		data = []byte(noHandoff + "\n")
	}
	if _, err := out.Write(data); err != nil {
		return 1
	}
	return 0
}

// listen does what a shell would that reads its commands from in.
func listen(in io.Reader, complaints io.Writer, end func() error) int {
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		return 0
	}
	if lines.Text() != endWords {
		fmt.Fprintf(complaints, "sq-xcom-sidecar is no shell; it does not know %q\n", lines.Text())
		return exitUnknown
	}
	if err := end(); err != nil {
		fmt.Fprintln(complaints, err)
		return 1
	}
	return 0
}

// endFirstProcess ends the waiting one: process 1 of the container, and so the container.
func endFirstProcess() error { return syscall.Kill(1, syscall.SIGINT) }
