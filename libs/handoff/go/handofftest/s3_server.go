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

// S3 returns the URI of an empty folder or bucket on a real S3 server, for the duration of the test. If SQ_TEST_S3 is set, it
// is the endpoint of a server with a bucket sq-test, and AWS_* has the credentials. Otherwise S3 starts versitygw: SQ_VERSITYGW
// is the path of the program; without it the PATH is searched. S3 sets AWS_* for the test and its child processes.
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
