package stagekit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"

	"github.com/gowebpki/jcs"
	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/artefact"
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
	inputs := [][2]string{}
	for _, input := range c.inputs {
		inputs = append(inputs, [2]string{input.Name, input.Manifest.GetDigest()})
	}
	text, err := json.Marshal(map[string]any{
		"stage":         c.contract.GetName(),
		"image":         image,
		"configuration": configuration,
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
