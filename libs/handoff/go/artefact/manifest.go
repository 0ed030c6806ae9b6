package artefact

import (
	"context"
	"errors"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"sq/libs/handoff/go/store"
	sqv1 "sq/proto/sq/v1"
)

const manifestName = "manifest.json"

func partName(sha256 string) string { return "parts/" + sha256 + ".binpb.zst" }

// FetchManifest returns the manifest at a URI. Errors: ErrNotFound where there is none, ErrCorrupt where it is no manifest
// or its digest is not that of its content, *store.Error where the storage fails.
func FetchManifest(ctx context.Context, uri string) (*sqv1.Manifest, error) {
	objects, err := store.At(uri)
	if err != nil {
		return nil, err
	}
	return fetchManifest(ctx, objects)
}

func fetchManifest(ctx context.Context, objects objectStore) (*sqv1.Manifest, error) {
	text, err := objects.Get(ctx, manifestName)
	if errors.Is(err, store.ErrNotFound) {
		return nil, problem(ErrNotFound, objects.URI(), "no artefact is published here")
	}
	if err != nil {
		return nil, err
	}
	manifest := &sqv1.Manifest{}
	if err := protojson.Unmarshal(text, manifest); err != nil {
		return nil, problem(ErrCorrupt, objects.URI(), "%s: %v", manifestName, err)
	}
	// The names of parts, for one, must be digests before they become paths.
	if err := protovalidate.Validate(manifest); err != nil {
		return nil, problem(ErrCorrupt, objects.URI(), "%s: %v", manifestName, err)
	}
	digest, err := contentDigest(manifest.GetContent())
	if err != nil {
		return nil, err
	}
	if digest != manifest.GetDigest() {
		return nil, problem(ErrCorrupt, objects.URI(), "%s: its digest does not match its content", manifestName)
	}
	records := uint64(0)
	for _, part := range manifest.GetParts() {
		records += part.GetRecords()
	}
	if records != manifest.GetContent().GetRecords() {
		return nil, problem(ErrCorrupt, objects.URI(), "%s: the record counts of its parts do not add up to its total", manifestName)
	}
	return manifest, nil
}

// CheckType returns ErrWrongType unless the manifest at a URI is of records of this message, in this program's version of it.
func CheckType(uri string, manifest *sqv1.Manifest, message protoreflect.MessageDescriptor) error {
	wanted, held := string(message.FullName()), manifest.GetContent().GetMessageType()
	if held != wanted {
		return problem(ErrWrongType, uri, "contains %s, not %s", held, wanted)
	}
	if manifest.GetContent().GetSchemaFingerprint() != Fingerprint(message) {
		return problem(ErrWrongType, uri, "contains another version of %s", wanted)
	}
	return nil
}

// contentDigest is the artefact digest: equal work has equal digests wherever it ran.
func contentDigest(content *sqv1.Content) (string, error) {
	text, err := CanonicalJSON(content)
	if err != nil {
		return "", err
	}
	return Digest(text), nil
}
