package store

import (
	"bytes"
	"context"
	"errors"
)

// Replace writes an object if it still has the bytes of old, and reports whether it wrote. It checks and writes in two steps: two
// writers at the same moment may both write, and the last one's bytes stay.
func (s *Store) Replace(ctx context.Context, name string, old, data []byte) (bool, error) {
	found, err := s.Get(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil || !bytes.Equal(found, old) {
		return false, err
	}
	return true, s.Put(ctx, name, data)
}
