package store

import (
	"context"
	"errors"
	"io"
	"regexp"
	"sort"
	"strings"

	"gocloud.dev/blob"
)

// temporary matches the names of files that a killed writer leaves behind in a file:// store.
var temporary = regexp.MustCompile(`\.[0-9a-f]+\.tmp$`)

// List returns the names of all objects below a folder, sorted by their bytes. An empty folder means the whole store.
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
