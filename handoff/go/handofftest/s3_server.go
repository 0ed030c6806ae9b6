package handofftest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const bucket = "sq-test"

// S3 gives the URI of an empty bucket of a real S3 server, which lives as long as the test. The server is the endpoint
// SQ_TEST_S3 names (with the bucket sq-test in it, and credentials in AWS_*), or else versitygw: the program that
// SQ_VERSITYGW names, or that is on the PATH. It sets AWS_* for the test and its child processes.
func S3(t *testing.T) string {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	if endpoint := os.Getenv("SQ_TEST_S3"); endpoint != "" {
		t.Setenv("AWS_ENDPOINT_URL", endpoint)
		return fmt.Sprintf("s3://%s/%d", bucket, time.Now().UnixNano())
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://"+startServer(t, serverProgram(t)))
	t.Setenv("AWS_ACCESS_KEY_ID", "tester")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
	t.Setenv("AWS_REGION", "us-east-1")
	return "s3://" + bucket
}

func serverProgram(t *testing.T) string {
	if path := os.Getenv("SQ_VERSITYGW"); path != "" {
		if root := os.Getenv("SQ_RUNFILES"); root != "" && !filepath.IsAbs(path) {
			path = filepath.Join(root, path)
		}
		return path
	}
	path, err := exec.LookPath("versitygw")
	if err != nil {
		t.Skip("no S3 server: set SQ_VERSITYGW to the program, or SQ_TEST_S3 to an endpoint")
	}
	return path
}

func startServer(t *testing.T, program string) (address string) {
	folder := t.TempDir()
	root, metadata := filepath.Join(folder, "root"), filepath.Join(folder, "metadata")
	for _, path := range []string{filepath.Join(root, bucket), metadata} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	address = freeAddress(t)
	server := exec.Command(program, "--quiet", "--port", address, "--access", "tester", "--secret", "not-a-secret",
		"posix", "--sidecar", metadata, root)
	log, err := os.Create(filepath.Join(folder, "log"))
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
	awaitServer(t, address, log.Name(), ended)
	return address
}

func awaitServer(t *testing.T, address, log string, ended <-chan struct{}) {
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
			t.Fatalf("the S3 server ended: %s", text)
		case <-deadline:
			t.Fatal("the S3 server did not start in a minute")
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
