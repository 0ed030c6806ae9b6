// Package store reads and writes named objects under one URI (file://, s3:// or gs://) through gocloud.dev/blob.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Store holds the objects under one URI. Their names are paths relative to it. Writes are atomic.
type Store struct {
	uri    string
	root   string // path of a folder, s3://BUCKET or gs://BUCKET
	prefix string // prefix of every key; ends in "/" unless empty
}

// At returns the store at a URI or a path; it does not connect. S3 reads its endpoint, region and credentials from the AWS_*
// variables. Google Cloud Storage reads its credentials from GOOGLE_APPLICATION_CREDENTIALS or from the machine.
func At(uri string) (*Store, error) {
	uri, err := Absolute(uri)
	if err != nil {
		return nil, err
	}
	parsed, err := url.Parse(uri)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", uri, err)
	}
	if parsed.Scheme == "file" {
		if parsed.Host != "" && parsed.Host != "localhost" {
			return nil, fmt.Errorf("%s: a file URI needs three slashes, such as file:///folder", uri)
		}
		return &Store{uri: uri, root: filepath.Clean(parsed.Path)}, nil
	}
	if parsed.Host == "" {
		return nil, fmt.Errorf("%s: the URI has no bucket", uri)
	}
	prefix := strings.Trim(parsed.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &Store{uri: uri, root: parsed.Scheme + "://" + parsed.Host, prefix: prefix}, nil
}

// URI of the store, without a slash at its end.
func (s *Store) URI() string { return s.uri }

func (s *Store) isFolder() bool { return !strings.Contains(s.root, "://") }

// Get returns an object's bytes.
func (s *Store) Get(ctx context.Context, name string) ([]byte, error) {
	return s.GetRange(ctx, name, 0, -1)
}

// GetRange returns length bytes from start, or fewer at the end of the object. A negative length means all bytes from start.
func (s *Store) GetRange(ctx context.Context, name string, start, length int64) ([]byte, error) {
	bucket, err := s.bucketToRead(ctx, name)
	if err != nil {
		return nil, err
	}
	if length >= 0 {
		// S3 rejects a range that starts at or after the end of the object. All stores return no bytes for it.
		attributes, err := bucket.Attributes(ctx, s.prefix+name)
		if err != nil {
			return nil, s.failure("read", name, err)
		}
		if start >= attributes.Size {
			return nil, nil
		}
	}
	reader, err := bucket.NewRangeReader(ctx, s.prefix+name, start, length, nil)
	if err != nil {
		return nil, s.failure("read", name, err)
	}
	defer reader.Close()
	data, err := io.ReadAll(reader)
	if err != nil {
		return nil, s.failure("read", name, err)
	}
	return data, nil
}

// Put writes an object and replaces an older one.
func (s *Store) Put(ctx context.Context, name string, data []byte) error {
	bucket, err := s.bucketToWrite(ctx, name)
	if err != nil {
		return err
	}
	if err := bucket.WriteAll(ctx, s.prefix+name, data, &blob.WriterOptions{ContentType: contentType(name)}); err != nil {
		return s.failure("write", name, err)
	}
	return nil
}

// Delete removes an object. It is not an error if the object does not exist.
func (s *Store) Delete(ctx context.Context, name string) error {
	bucket, err := s.bucketToRead(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := bucket.Delete(ctx, s.prefix+name); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return s.failure("delete", name, err)
	}
	return nil
}

func (s *Store) bucketToRead(ctx context.Context, name string) (*blob.Bucket, error) {
	if s.isFolder() {
		if _, err := os.Stat(s.root); err != nil {
			return nil, s.failure("read", name, err)
		}
	}
	return s.bucketToWrite(ctx, name)
}

func (s *Store) bucketToWrite(ctx context.Context, name string) (*blob.Bucket, error) {
	bucket, err := openBucket(ctx, s.root)
	if err != nil {
		return nil, s.failure("open", name, err)
	}
	return bucket, nil
}

func (s *Store) failure(verb, name string, err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound || errors.Is(err, os.ErrNotExist) {
		err = ErrNotFound
	}
	return &Error{URI: Join(s.uri, name), Verb: verb, Err: err}
}
