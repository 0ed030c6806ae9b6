package gs

import (
	"bytes"
	"context"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/storage/v1"
)

// writer keeps an object until it is whole, as whoever writes it does too, and sends it by one request.
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
	return again(w.ctx, func() error {
		call := w.bucket.objects.Insert(w.bucket.name, w.object).Context(w.ctx)
		if w.once {
			// Generation 0 is an object that is not there.
			call.IfGenerationMatch(0)
		}
		call.Media(bytes.NewReader(w.data.Bytes()), googleapi.ChunkSize(0), googleapi.ContentType(w.object.ContentType))
		_, err := call.Do()
		return err
	})
}
