package artefact

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"iter"
	"slices"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/record"
	"sq/libs/handoff/go/store"
	sqv1 "sq/proto/sq/v1"
)

// Reader streams the records of a published artefact and checks every digest. It keeps one part in memory.
type Reader[M proto.Message] struct {
	objects  objectStore
	manifest *sqv1.Manifest
}

// Open opens the artefact at a URI. Errors: ErrNotFound, ErrWrongType, ErrCorrupt if the manifest is invalid, *store.Error.
func Open[M proto.Message](ctx context.Context, uri string) (*Reader[M], error) {
	objects, err := store.At(uri)
	if err != nil {
		return nil, err
	}
	return open[M](ctx, objects)
}

func open[M proto.Message](ctx context.Context, objects objectStore) (*Reader[M], error) {
	manifest, err := fetchManifest(ctx, objects)
	if err != nil {
		return nil, err
	}
	if err := CheckType(objects.URI(), manifest, descriptor[M]()); err != nil {
		return nil, err
	}
	return &Reader[M]{objects: objects, manifest: manifest}, nil
}

// URI of the artefact.
func (r *Reader[M]) URI() string { return r.objects.URI() }

// Manifest of the artefact.
func (r *Reader[M]) Manifest() *sqv1.Manifest { return r.manifest }

// Digest of the artefact.
func (r *Reader[M]) Digest() string { return r.manifest.GetDigest() }

// All yields the records in order. An error ends it. It checks the digest of a part before it yields the part's records.
// Errors: ErrCorrupt if a part is missing or does not match the manifest, *store.Error.
func (r *Reader[M]) All(ctx context.Context) iter.Seq2[M, error] {
	return func(yield func(M, error) bool) {
		var none M
		all, kinds := sha256.New(), newKinds(descriptor[M]())
		for _, part := range r.manifest.GetParts() {
			data, err := r.part(ctx, part, all)
			if err != nil {
				yield(none, err)
				return
			}
			if !r.decode(part, data, kinds, yield) {
				return
			}
		}
		if err := r.checkWhole(all, kinds); err != nil {
			yield(none, err)
		}
	}
}

func (r *Reader[M]) part(ctx context.Context, part *sqv1.Part, all hash.Hash) ([]byte, error) {
	name := partName(part.GetSha256())
	stored, err := r.objects.Get(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, problem(ErrCorrupt, r.URI(), "%s is missing", name)
	}
	if err != nil {
		return nil, err
	}
	data, err := decompress(stored, part.GetBytes())
	if err != nil {
		return nil, problem(ErrCorrupt, r.URI(), "%s: %v", name, err)
	}
	sum := sha256.Sum256(data)
	if uint64(len(data)) != part.GetBytes() || hex.EncodeToString(sum[:]) != part.GetSha256() {
		return nil, problem(ErrCorrupt, r.URI(), "%s: its content does not match the digest in its name", name)
	}
	all.Write(data)
	return data, nil
}

// decompress reads at most one byte more than size, so that a damaged part cannot use up the memory.
func decompress(stored []byte, size uint64) ([]byte, error) {
	decoder, err := zstd.NewReader(bytes.NewReader(stored), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	return io.ReadAll(io.LimitReader(decoder, int64(min(size, 1<<40))+1))
}

// decode yields the records of a part. It reports whether to continue with the next part.
func (r *Reader[M]) decode(part *sqv1.Part, data []byte, kinds *kinds, yield func(M, error) bool) bool {
	var none M
	count := uint64(0)
	for encoded, err := range splitDelimited(data) {
		message := none.ProtoReflect().New().Interface().(M)
		if err == nil {
			err = proto.Unmarshal(encoded, message)
		}
		if err == nil {
			err = record.Check(message)
		}
		if err != nil {
			yield(none, problem(ErrCorrupt, r.URI(), "%s, record %d: %v", partName(part.GetSha256()), count, err))
			return false
		}
		count++
		kinds.add(message)
		if !yield(message, nil) {
			return false
		}
	}
	if count != part.GetRecords() {
		yield(none, problem(ErrCorrupt, r.URI(), "%s has %d records; the manifest says %d", partName(part.GetSha256()), count, part.GetRecords()))
		return false
	}
	return true
}

func (r *Reader[M]) checkWhole(all hash.Hash, kinds *kinds) error {
	content := r.manifest.GetContent()
	if "sha256:"+hex.EncodeToString(all.Sum(nil)) != content.GetRecordsDigest() {
		return problem(ErrCorrupt, r.URI(), "the records do not match the digest in the manifest")
	}
	same := func(a, b *sqv1.KindCount) bool { return proto.Equal(a, b) }
	if !slices.EqualFunc(kinds.sorted(), content.GetCounts(), same) {
		return problem(ErrCorrupt, r.URI(), "the records do not match the counts by kind in the manifest")
	}
	return nil
}
