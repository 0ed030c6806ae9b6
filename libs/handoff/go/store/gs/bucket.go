// Package gs is a gocloud.dev/blob bucket over the JSON API of Google Cloud Storage. gocloud's own gcsblob does the same over
// Google's larger client, which would add half its size to each program of ours.
package gs

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/storage/v1"
)

var errNotServed = errors.New("gs: not served")

// Open opens a bucket by the application's default credentials (GOOGLE_APPLICATION_CREDENTIALS, workload identity, the
// machine's service account), or without any at the emulator that STORAGE_EMULATOR_HOST names.
func Open(ctx context.Context, name string) (*blob.Bucket, error) {
	options := []option.ClientOption{option.WithScopes(storage.DevstorageReadWriteScope)}
	if emulator := Emulator(); emulator != "" {
		options = []option.ClientOption{option.WithEndpoint(emulator + "/storage/v1/"), option.WithoutAuthentication()}
	}
	// The context ends with the one who asked, the bucket does not.
	service, err := storage.NewService(context.WithoutCancel(ctx), options...)
	if err != nil {
		return nil, err
	}
	return blob.NewBucket(&bucket{name, service.Objects}), nil
}

// Emulator is the URL of the emulator, empty for the service itself.
func Emulator() string {
	host := strings.TrimRight(os.Getenv("STORAGE_EMULATOR_HOST"), "/")
	if host != "" && !strings.Contains(host, "://") {
		return "http://" + host
	}
	return host
}

type bucket struct {
	name    string
	objects *storage.ObjectsService
}

func (b *bucket) Attributes(ctx context.Context, key string) (*driver.Attributes, error) {
	var found *storage.Object
	err := again(ctx, func() (err error) {
		found, err = b.objects.Get(b.name, key).Context(ctx).Do()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &driver.Attributes{ContentType: found.ContentType, ETag: found.Etag, Size: int64(found.Size), AsFunc: asNothing}, nil
}

func (b *bucket) ListPaged(ctx context.Context, options *driver.ListOptions) (*driver.ListPage, error) {
	var found *storage.Objects
	err := again(ctx, func() (err error) {
		call := b.objects.List(b.name).Prefix(options.Prefix).Delimiter(options.Delimiter).PageToken(string(options.PageToken))
		if options.PageSize > 0 {
			call.MaxResults(int64(options.PageSize))
		}
		found, err = call.Context(ctx).Do()
		return err
	})
	if err != nil {
		return nil, err
	}
	page := &driver.ListPage{NextPageToken: []byte(found.NextPageToken)}
	for _, object := range found.Items {
		page.Objects = append(page.Objects, &driver.ListObject{Key: object.Name, Size: int64(object.Size), AsFunc: asNothing})
	}
	for _, folder := range found.Prefixes {
		page.Objects = append(page.Objects, &driver.ListObject{Key: folder, IsDir: true, AsFunc: asNothing})
	}
	return page, nil
}

func (b *bucket) NewTypedWriter(ctx context.Context, key, contentType string, options *driver.WriterOptions) (driver.Writer, error) {
	object := &storage.Object{Name: key, ContentType: contentType}
	return &writer{ctx: ctx, bucket: b, object: object, once: options.IfNotExist}, nil
}

func (b *bucket) Delete(ctx context.Context, key string, _ *driver.DeleteOptions) error {
	return again(ctx, func() error { return b.objects.Delete(b.name, key).Context(ctx).Do() })
}

func (b *bucket) Copy(context.Context, string, string, *driver.CopyOptions) error {
	return errNotServed
}

func (b *bucket) SignedURL(context.Context, string, *driver.SignedURLOptions) (string, error) {
	return "", errNotServed
}

func (b *bucket) ErrorCode(err error) gcerrors.ErrorCode {
	var answer *googleapi.Error
	switch {
	case errors.Is(err, errNotServed):
		return gcerrors.Unimplemented
	case !errors.As(err, &answer):
		return gcerrors.Unknown
	}
	switch answer.Code {
	case http.StatusNotFound:
		return gcerrors.NotFound
	case http.StatusPreconditionFailed:
		return gcerrors.FailedPrecondition
	case http.StatusUnauthorized, http.StatusForbidden:
		return gcerrors.PermissionDenied
	case http.StatusBadRequest:
		return gcerrors.InvalidArgument
	case http.StatusTooManyRequests:
		return gcerrors.ResourceExhausted
	}
	return gcerrors.Unknown
}

func (b *bucket) As(any) bool             { return false }
func (b *bucket) ErrorAs(error, any) bool { return false }
func (b *bucket) Close() error            { return nil }

func asNothing(any) bool { return false }
