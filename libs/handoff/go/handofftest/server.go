package handofftest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// program finds the program of a server: the path in a variable, which Bazel sets, or the one on the PATH. Without either, the
// test is skipped.
func program(t *testing.T, variable, name string) string {
	if path := os.Getenv(variable); path != "" {
		if root := os.Getenv("SQ_RUNFILES"); root != "" && !filepath.IsAbs(path) {
			path = filepath.Join(root, path)
		}
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no server: set %s to the path of %s", variable, name)
	}
	return path
}

// start runs a server until the test ends. It returns when the server listens.
func start(t *testing.T, server *exec.Cmd, address string) {
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		server.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		server.Process.Kill()
		<-ended
	})
	await(t, address, log.Name(), ended)
}

func await(t *testing.T, address, log string, ended <-chan struct{}) {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(time.Minute)
	for {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return
		}
		select {
		case <-poll.C:
		case <-ended:
			text, _ := os.ReadFile(log)
			t.Fatalf("the server exited: %s", text)
		case <-deadline:
			t.Fatal("the server did not listen within a minute")
		}
	}
}

func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
