package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// PutOnce writes an object unless one of that name exists, and reports whether it wrote. Of any number of concurrent writers,
// in any number of processes, exactly one writes.
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

// linkOnce relies on link(2), which fails if the name exists. fileblob checks and renames in two steps, so two writers could
// both succeed.
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

// writeTemporary is os.CreateTemp with the permissions of the other files, and with a name that List ignores.
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
