// Package store keeps named objects under one URI, file://, s3:// or gs://, through gocloud.dev/blob.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// ErrNotFound is what Get and GetRange return, wrapped, for an object that is not there.
var ErrNotFound = errors.New("not found")

// temporary matches what a writer to file:// that was killed leaves behind.
var temporary = regexp.MustCompile(`\.[0-9a-f]+\.tmp$`)

// Store is the objects under one URI, named by paths relative to it. Objects appear whole or not at all.
type Store struct {
	uri    string
	root   string // what the bucket is opened by: a folder's path, s3://bucket or gs://bucket
	prefix string // of every key, ends in "/" unless empty
}

// At opens the store at a URI or at a plain path. S3 takes its endpoint, region and credentials from the usual AWS_*
// variables, Google Cloud Storage its credentials from GOOGLE_APPLICATION_CREDENTIALS or the machine.
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
			return nil, fmt.Errorf("%s: a file URI has three slashes, as file:///folder", uri)
		}
		return &Store{uri: uri, root: filepath.Clean(parsed.Path)}, nil
	}
	if parsed.Host == "" {
		return nil, fmt.Errorf("%s: names no bucket", uri)
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

// GetRange returns length bytes from start, fewer at the object's end; all from start where length is negative.
func (s *Store) GetRange(ctx context.Context, name string, start, length int64) ([]byte, error) {
	bucket, err := s.bucketToRead(ctx, name)
	if err != nil {
		return nil, err
	}
	if length >= 0 {
		// S3 refuses a range that begins at the end or behind it; here it holds nothing.
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

// Put writes an object, over an older one if need be.
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

// PutOnce writes an object unless one of that name is there, and reports whether it did. Of any number of writers, in any
// number of processes, one does.
func (s *Store) PutOnce(ctx context.Context, name string, data []byte) (bool, error) {
	if s.isFolder() {
		return s.linkOnce(name, data)
	}
	bucket, err := s.bucketToWrite(ctx, name)
	if err != nil {
		return false, err
	}
	err = bucket.WriteAll(ctx, s.prefix+name, data, &blob.WriterOptions{ContentType: contentType(name), IfNotExist: true})
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return false, nil
	}
	if err != nil {
		return false, s.failure("write", name, err)
	}
	return true, nil
}

// linkOnce relies on link(2), which fails where the name exists; fileblob's own check and rename are two steps.
func (s *Store) linkOnce(name string, data []byte) (bool, error) {
	path := filepath.Join(s.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return false, s.failure("write", name, err)
	}
	temp, err := writeTemporary(path, data)
	if err != nil {
		return false, s.failure("write", name, err)
	}
	defer os.Remove(temp)
	err = os.Link(temp, path)
	if errors.Is(err, os.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, s.failure("write", name, err)
	}
	return true, nil
}

// writeTemporary is os.CreateTemp with the permissions that other files here have, under a name that List leaves out.
func writeTemporary(path string, data []byte) (string, error) {
	for try := uint32(os.Getpid()); ; try++ {
		file, err := os.OpenFile(fmt.Sprintf("%s.%x.tmp", path, try), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = file.Write(data)
		if err := errors.Join(err, file.Close()); err != nil {
			os.Remove(file.Name())
			return "", err
		}
		return file.Name(), nil
	}
}

// List returns the names of all objects below a folder, or of all where it is empty, sorted by their bytes.
func (s *Store) List(ctx context.Context, folder string) ([]string, error) {
	bucket, err := s.bucketToRead(ctx, folder)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	prefix := s.prefix
	if folder = strings.Trim(folder, "/"); folder != "" {
		prefix += folder + "/"
	}
	var names []string
	objects := bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		object, err := objects.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, s.failure("list", folder, err)
		}
		if !temporary.MatchString(object.Key) {
			names = append(names, strings.TrimPrefix(object.Key, s.prefix))
		}
	}
	sort.Strings(names)
	return names, nil
}

// Exists reports whether an object is there.
func (s *Store) Exists(ctx context.Context, name string) (bool, error) {
	bucket, err := s.bucketToRead(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	found, err := bucket.Exists(ctx, s.prefix+name)
	if err != nil {
		return false, s.failure("read", name, err)
	}
	return found, nil
}

// Delete removes an object; one that is not there is no error.
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

// contentType spares blob from guessing it by reading the data.
func contentType(name string) string {
	switch filepath.Ext(name) {
	case ".json":
		return "application/json"
	case ".html":
		return "text/html; charset=utf-8"
	}
	return "application/octet-stream"
}
