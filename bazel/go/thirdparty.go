// Package thirdparty imports every third-party package that first-party code does, so that they are compiled beforehand, once.
package thirdparty

import (
	_ "buf.build/go/protovalidate"
	_ "github.com/blevesearch/bleve/v2"
	_ "github.com/gowebpki/jcs"
	_ "github.com/klauspost/compress/zstd"
	_ "gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/gcsblob"
	_ "gocloud.dev/blob/memblob"
	_ "gocloud.dev/blob/s3blob"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/text/unicode/norm"
	_ "golang.org/x/time/rate"
	_ "google.golang.org/protobuf/proto"
	_ "sigs.k8s.io/yaml"
)
