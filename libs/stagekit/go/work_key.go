package stagekit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"

	"github.com/gowebpki/jcs"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

// identity holds the digests that tell whether two executions do the same work. workKey covers the other two, the inputs, the
// market and the shard.
type identity struct{ image, configuration, workKey string }

func newIdentity[C proto.Message](c *command[C]) (identity, error) {
	image, err := imageDigest()
	if err != nil {
		return identity{}, err
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(c.config)
	if err != nil {
		return identity{}, err
	}
	configuration := artefact.Digest(encoded)
	that, err := proto.MarshalOptions{Deterministic: true}.Marshal(thatMatters(c.config))
	if err != nil {
		return identity{}, err
	}
	inputs := [][2]string{}
	for _, input := range c.inputs {
		inputs = append(inputs, [2]string{input.Name, input.Manifest.GetDigest()})
	}
	text, err := json.Marshal(map[string]any{
		"stage":         c.contract.GetName(),
		"image":         image,
		"configuration": artefact.Digest(that),
		"inputs":        inputs,
		"market":        c.market,
		"shard":         c.shardText(),
	})
	if err != nil {
		return identity{}, err
	}
	canonical, err := jcs.Transform(text)
	if err != nil {
		return identity{}, err
	}
	return identity{image, configuration, artefact.Digest(canonical)}, nil
}

// thatMatters returns a configuration without the fields that are outside the work key, such as budgets.
func thatMatters(config proto.Message) proto.Message {
	kept := proto.Clone(config)
	clearOutside(kept.ProtoReflect())
	return kept
}

func clearOutside(message protoreflect.Message) {
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case proto.GetExtension(field.Options(), sqv1.E_OutsideWorkKey).(bool):
			message.Clear(field)
		case field.Message() == nil || field.IsMap():
		case field.IsList():
			for i := range value.List().Len() {
				clearOutside(value.List().Get(i).Message())
			}
		default:
			clearOutside(value.Message())
		}
		return true
	})
}

// imageDigest is SQ_IMAGE_DIGEST if it is set, else the digest of the program's file.
func imageDigest() (string, error) {
	if given := os.Getenv("SQ_IMAGE_DIGEST"); given != "" {
		return given, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	program, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer program.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, program); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(digest.Sum(nil)), nil
}
