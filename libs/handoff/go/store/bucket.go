package store

import (
	"context"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/s3blob"

	"sq/libs/handoff/go/store/gs"
)

// buckets are opened once per process and never closed, so that all stores share their connections.
var (
	buckets      = map[string]*blob.Bucket{}
	bucketsMutex sync.Mutex
)

func openBucket(ctx context.Context, root string) (*blob.Bucket, error) {
	bucketsMutex.Lock()
	defer bucketsMutex.Unlock()
	key := root + "\n" + endpoint() + "\n" + gs.Emulator()
	if bucket, found := buckets[key]; found && folderExists(root) {
		return bucket, nil
	}
	bucket, err := newBucket(ctx, root)
	if err == nil {
		buckets[key] = bucket
	}
	return bucket, err
}

func newBucket(ctx context.Context, root string) (*blob.Bucket, error) {
	if name, is := strings.CutPrefix(root, "s3://"); is {
		return newS3Bucket(ctx, name)
	}
	if name, is := strings.CutPrefix(root, "gs://"); is {
		return gs.Open(ctx, name)
	}
	return fileblob.OpenBucket(root, &fileblob.Options{
		CreateDir: true,
		// Temporary files stay next to the object, so that the rename never crosses file systems.
		NoTempDir: true,
		Metadata:  fileblob.MetadataDontWrite,
	})
}

func newS3Bucket(ctx context.Context, name string) (*blob.Bucket, error) {
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	if loaded.Region == "" {
		loaded.Region = "us-east-1"
	}
	client := s3.NewFromConfig(loaded, func(options *s3.Options) {
		// Most S3 servers other than Amazon's do not have a host name for each bucket.
		options.UsePathStyle = endpoint() != ""
	})
	return s3blob.OpenBucket(ctx, client, name, &s3blob.Options{RequestChecksumCalculation: loaded.RequestChecksumCalculation})
}

func endpoint() string {
	if own := os.Getenv("AWS_ENDPOINT_URL_S3"); own != "" {
		return own
	}
	return os.Getenv("AWS_ENDPOINT_URL")
}

// folderExists is false if the folder was removed after the bucket was opened. The bucket must then be opened again.
func folderExists(root string) bool {
	if strings.Contains(root, "://") {
		return true
	}
	_, err := os.Stat(root)
	return err == nil
}
