package handofftest

import (
	"fmt"
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
	t.Setenv("AWS_ENDPOINT_URL", "http://"+startS3(t, program(t, "SQ_VERSITYGW", "versitygw")))
	t.Setenv("AWS_ACCESS_KEY_ID", "tester")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
	t.Setenv("AWS_REGION", "us-east-1")
	return "s3://" + bucket
}

func startS3(t *testing.T, program string) (address string) {
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
	start(t, server, address)
	return address
}
