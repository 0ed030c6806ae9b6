package artefact

import (
	"github.com/gowebpki/jcs"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// CanonicalJSON returns the JSON mapping of a message in the canonical form of RFC 8785.
func CanonicalJSON(message proto.Message) ([]byte, error) {
	text, err := protojson.Marshal(message)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(text)
}
