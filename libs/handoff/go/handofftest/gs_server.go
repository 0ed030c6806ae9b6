package handofftest

import (
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// GS gives the URI of an empty bucket of fake-gcs-server, which lives as long as the test: the program that SQ_FAKE_GCS
// names, or that is on the PATH. It sets STORAGE_EMULATOR_HOST for the test and its child processes.
func GS(t *testing.T) string {
	t.Helper()
	path, address := program(t, "SQ_FAKE_GCS", "fake-gcs-server"), freeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	start(t, exec.Command(path, "-scheme", "http", "-backend", "memory", "-host", host, "-port", port, "-log-level", "error"), address)
	answer, err := http.Post("http://"+address+"/storage/v1/b", "application/json", strings.NewReader(`{"name":"`+bucket+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatal("no bucket was made: ", answer.Status)
	}
	t.Setenv("STORAGE_EMULATOR_HOST", address)
	return "gs://" + bucket
}
