package artefact

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest returns "sha256:" and the sha256 of data in hexadecimal digits.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
