// Command sq-xcom-sidecar keeps a stage's handoff until Airflow has read it.
//
// Airflow's pod operator adds a second container to the stage's pod. It sends three shell commands to this container: to wait,
// to print a file, and to exit. This program is installed as sh and runs these three commands only, so that the pod has no
// real shell. dags/tests compares the commands with those of the Airflow provider.
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

	waitCommand = `trap "exit 0" INT; while true; do sleep 1; done;`
	readCommand = `if [ -s /airflow/xcom/return.json ]; then cat /airflow/xcom/return.json; else echo __airflow_xcom_result_empty__; fi`
	endCommand  = `kill -2 $(pgrep -u $(id -u) -f 'sh')`

	exitUnknownCommand = 127
)

func main() {
	os.Exit(answer(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func answer(arguments []string, in io.Reader, out, errors io.Writer) int {
	switch {
	case len(arguments) == 2 && arguments[0] == "-c" && arguments[1] == waitCommand:
		return wait()
	case len(arguments) == 2 && arguments[0] == "-c" && arguments[1] == readCommand:
		return read(handoffFile, out, errors)
	case len(arguments) == 0:
		return listen(in, errors, endFirstProcess)
	}
	fmt.Fprintf(errors, "sq-xcom-sidecar is not a shell: unknown command %q\n", arguments)
	return exitUnknownCommand
}

func wait() int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	<-signals
	return 0
}

func read(path string, out, errors io.Writer) int {
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		fmt.Fprintln(errors, err)
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

// listen runs one command from in, as a shell without arguments does.
func listen(in io.Reader, errors io.Writer, end func() error) int {
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		return 0
	}
	if lines.Text() != endCommand {
		fmt.Fprintf(errors, "sq-xcom-sidecar is not a shell: unknown command %q\n", lines.Text())
		return exitUnknownCommand
	}
	if err := end(); err != nil {
		fmt.Fprintln(errors, err)
		return 1
	}
	return 0
}

// endFirstProcess interrupts process 1, which waits. The container ends with it.
func endFirstProcess() error { return syscall.Kill(1, syscall.SIGINT) }
