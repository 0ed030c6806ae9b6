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

// FetchManifest returns the manifest at a URI. Errors: ErrNotFound if there is none, ErrCorrupt if it is invalid or its digest
// does not match its content, *store.Error if the storage fails.
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
	// This also ensures that the names of parts are digests. They become paths.
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

// CheckType returns ErrWrongType unless the records have this message type, in the version that this program was built with.
func CheckType(uri string, manifest *sqv1.Manifest, message protoreflect.MessageDescriptor) error {
	wanted, found := string(message.FullName()), manifest.GetContent().GetMessageType()
	if found != wanted {
		return problem(ErrWrongType, uri, "contains %s, not %s", found, wanted)
	}
	if manifest.GetContent().GetSchemaFingerprint() != Fingerprint(message) {
		return problem(ErrWrongType, uri, "contains another version of %s", wanted)
	}
	return nil
}

// contentDigest is the artefact digest. It does not cover the provenance, so equal work has equal digests.
func contentDigest(content *sqv1.Content) (string, error) {
	text, err := CanonicalJSON(content)
	if err != nil {
		return "", err
	}
	return Digest(text), nil
}
