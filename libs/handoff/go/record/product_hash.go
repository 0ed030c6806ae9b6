package record

import (
	"crypto/sha256"
	"encoding/hex"

	"google.golang.org/protobuf/proto"

	sqv1 "sq/proto/sq/v1"
)

// ContentHash returns the sha256 (64 hexadecimal digits) of a product's deterministic encoding without the field content_hash.
// Go and Python return the same hash. It fails if a text is not UTF-8.
func ContentHash(product *sqv1.Product) (string, error) {
	bare := proto.CloneOf(product)
	bare.ContentHash = ""
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(bare)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:]), nil
}

// Seal sets a product's content hash.
func Seal(product *sqv1.Product) error {
	hash, err := ContentHash(product)
	if err != nil {
		return err
	}
	product.ContentHash = hash
	return nil
}
