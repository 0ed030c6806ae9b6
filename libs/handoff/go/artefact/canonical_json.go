package artefact

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/gowebpki/jcs"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// CanonicalJSON returns the RFC 8785 bytes of a message's JSON mapping.
func CanonicalJSON(message proto.Message) ([]byte, error) {
	text, err := protojson.Marshal(message)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(text)
}

// Digest returns "sha256:" and the hexadecimal digits of the sha256 of data.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
