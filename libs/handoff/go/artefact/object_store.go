package artefact

import "context"

// objectStore is the part of store.Store that artefacts need. Tests replace it.
type objectStore interface {
	URI() string
	Get(ctx context.Context, name string) ([]byte, error)
	Put(ctx context.Context, name string, data []byte) error
	Replace(ctx context.Context, name string, old, data []byte) (bool, error)
	PutOnce(ctx context.Context, name string, data []byte) (bool, error)
}
