package gs

import (
	"bytes"
	"context"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/storage/v1"
)

// writer buffers the object and uploads it in one request, so that a failed upload leaves nothing behind.
type writer struct {
	ctx    context.Context
	bucket *bucket
	object *storage.Object
	once   bool
	data   bytes.Buffer
}

func (w *writer) Write(data []byte) (int, error) { return w.data.Write(data) }

func (w *writer) Close() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return retry(w.ctx, func() error {
		call := w.bucket.objects.Insert(w.bucket.name, w.object).Context(w.ctx)
		if w.once {
			// Generation 0 means that the object must not exist.
			call.IfGenerationMatch(0)
		}
		call.Media(bytes.NewReader(w.data.Bytes()), googleapi.ChunkSize(0), googleapi.ContentType(w.object.ContentType))
		_, err := call.Do()
		return err
	})
}
