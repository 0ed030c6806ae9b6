package handofftest

import (
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// GS starts fake-gcs-server for the duration of the test and returns the URI of an empty bucket. SQ_FAKE_GCS is the path of
// the program; without it the PATH is searched. GS sets STORAGE_EMULATOR_HOST for the test and its child processes.
func GS(t *testing.T) string {
	t.Helper()
	path, address := program(t, "SQ_FAKE_GCS", "fake-gcs-server"), freeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	start(t, exec.Command(path, "-scheme", "http", "-backend", "memory", "-host", host, "-port", port, "-log-level", "error"), address)
	response, err := http.Post("http://"+address+"/storage/v1/b", "application/json", strings.NewReader(`{"name":"`+bucket+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatal("cannot create a bucket: ", response.Status)
	}
	t.Setenv("STORAGE_EMULATOR_HOST", address)
	return "gs://" + bucket
}
