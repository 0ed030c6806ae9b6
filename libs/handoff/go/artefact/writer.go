package artefact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"sq/libs/handoff/go/record"
	"sq/libs/handoff/go/store"
	sqv1 "sq/proto/sq/v1"
)

// DefaultPartBytes is the uncompressed size at which a part is closed.
const DefaultPartBytes = 8 << 20

// Writer writes the records of one artefact and publishes it. It keeps one part in memory. Not for concurrent use.
type Writer[M proto.Message] struct {
	objects   objectStore
	partBytes int
	encoder   *zstd.Encoder

	buffer   []byte
	scratch  []byte
	buffered uint64
	all      hash.Hash
	parts    []*sqv1.Part
	kinds    *kinds
	records  uint64
}

// NewWriter returns a writer to a URI. A part is closed at partBytes, uncompressed; 0 means DefaultPartBytes.
func NewWriter[M proto.Message](uri string, partBytes int) (*Writer[M], error) {
	objects, err := store.At(uri)
	if err != nil {
		return nil, err
	}
	return newWriter[M](objects, partBytes)
}

func newWriter[M proto.Message](objects objectStore, partBytes int) (*Writer[M], error) {
	if partBytes == 0 {
		partBytes = DefaultPartBytes
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return &Writer[M]{
		objects:   objects,
		partBytes: partBytes,
		encoder:   encoder,
		all:       sha256.New(),
		kinds:     newKinds(descriptor[M]()),
	}, nil
}

func descriptor[M proto.Message]() protoreflect.MessageDescriptor {
	var none M
	return none.ProtoReflect().Descriptor()
}

// URI of the artefact.
func (w *Writer[M]) URI() string { return w.objects.URI() }

// Write appends one record. Errors: *record.Error if a field violates its contract, *store.Error.
func (w *Writer[M]) Write(ctx context.Context, message M) error {
	if err := record.Check(message); err != nil {
		return err
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.MarshalAppend(w.scratch[:0], message)
	if err != nil {
		return err
	}
	w.scratch = encoded
	w.buffer = appendDelimited(w.buffer, encoded)
	w.buffered++
	w.records++
	w.kinds.add(message)
	if len(w.buffer) >= w.partBytes {
		return w.closePart(ctx)
	}
	return nil
}

// Publish writes the manifest, which makes the artefact visible. It replaces the manifest of an unfinished artefact, if one is
// given. If equal records were published before, it keeps their manifest and returns it. Errors: ErrConflict if other records
// were published before, *store.Error.
func (w *Writer[M]) Publish(ctx context.Context, provenance *sqv1.Provenance, replaces *sqv1.Manifest) (*sqv1.Manifest, error) {
	if err := w.closePart(ctx); err != nil {
		return nil, err
	}
	manifest, err := w.manifest(provenance)
	if err != nil {
		return nil, err
	}
	text, err := CanonicalJSON(manifest)
	if err != nil {
		return nil, err
	}
	first, err := w.put(ctx, text, replaces)
	if err != nil {
		return nil, err
	}
	if first {
		return manifest, nil
	}
	earlier, err := fetchManifest(ctx, w.objects)
	if err != nil {
		return nil, err
	}
	if earlier.GetDigest() != manifest.GetDigest() {
		return nil, problem(ErrConflict, w.URI(), "already contains the artefact %s; these records have the digest %s", earlier.GetDigest(), manifest.GetDigest())
	}
	return earlier, nil
}

func (w *Writer[M]) put(ctx context.Context, text []byte, replaces *sqv1.Manifest) (bool, error) {
	if replaces == nil {
		return w.objects.PutOnce(ctx, manifestName, text)
	}
	old, err := CanonicalJSON(replaces)
	if err != nil {
		return false, err
	}
	return w.objects.Replace(ctx, manifestName, old, text)
}

func (w *Writer[M]) manifest(provenance *sqv1.Provenance) (*sqv1.Manifest, error) {
	content := &sqv1.Content{
		MessageType:       string(descriptor[M]().FullName()),
		SchemaFingerprint: Fingerprint(descriptor[M]()),
		RecordsDigest:     "sha256:" + hex.EncodeToString(w.all.Sum(nil)),
		Records:           w.records,
		Counts:            w.kinds.sorted(),
	}
	digest, err := contentDigest(content)
	if err != nil {
		return nil, err
	}
	return &sqv1.Manifest{Digest: digest, Content: content, Parts: w.parts, Provenance: provenance}, nil
}

func (w *Writer[M]) closePart(ctx context.Context) error {
	if w.buffered == 0 {
		return nil
	}
	sum := sha256.Sum256(w.buffer)
	name := hex.EncodeToString(sum[:])
	if err := w.objects.Put(ctx, partName(name), w.encoder.EncodeAll(w.buffer, nil)); err != nil {
		return err
	}
	w.all.Write(w.buffer)
	w.parts = append(w.parts, &sqv1.Part{Sha256: name, Records: w.buffered, Bytes: uint64(len(w.buffer))})
	w.buffer, w.buffered = w.buffer[:0], 0
	return nil
}
