package gs

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"gocloud.dev/blob/driver"
)

type reader struct {
	io.ReadCloser
	attributes driver.ReaderAttributes
}

func (r *reader) Attributes() *driver.ReaderAttributes { return &r.attributes }

func (r *reader) As(any) bool { return false }

func (b *bucket) NewRangeReader(ctx context.Context, key string, offset, length int64, _ *driver.ReaderOptions) (driver.Reader, error) {
	if length == 0 {
		attributes, err := b.Attributes(ctx, key)
		if err != nil {
			return nil, err
		}
		return &reader{http.NoBody, driver.ReaderAttributes{ContentType: attributes.ContentType, Size: attributes.Size}}, nil
	}
	var response *http.Response
	err := retry(ctx, func() (err error) {
		call := b.objects.Get(b.name, key).Context(ctx)
		if offset > 0 || length > 0 {
			call.Header().Set("Range", rangeOf(offset, length))
		}
		response, err = call.Download()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &reader{response.Body, driver.ReaderAttributes{ContentType: response.Header.Get("Content-Type"), Size: sizeOf(response)}}, nil
}

// rangeOf is the value of the Range header (RFC 9110, 14.2). A negative length means all bytes from offset.
func rangeOf(offset, length int64) string {
	if length < 0 {
		return fmt.Sprintf("bytes=%d-", offset)
	}
	return fmt.Sprintf("bytes=%d-%d", offset, offset+length-1)
}

// sizeOf is the size of the whole object, even if the response holds a part of it.
func sizeOf(response *http.Response) int64 {
	if _, total, found := strings.Cut(response.Header.Get("Content-Range"), "/"); found {
		if size, err := strconv.ParseInt(total, 10, 64); err == nil {
			return size
		}
	}
	return response.ContentLength
}
