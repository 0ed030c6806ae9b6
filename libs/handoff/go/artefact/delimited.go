package artefact

import (
	"encoding/binary"
	"errors"
	"iter"
)

// Records are length-delimited: a varint of the length, then the bytes, as protobuf's own writeDelimited.
func appendDelimited(data, record []byte) []byte {
	return append(binary.AppendUvarint(data, uint64(len(record))), record...)
}

var (
	errBrokenLength = errors.New("invalid record length")
	errTruncated    = errors.New("truncated record")
)

// splitDelimited yields the records in data, which it does not copy, and at last an error where data is no such stream.
func splitDelimited(data []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for len(data) > 0 {
			size, width := binary.Uvarint(data)
			if width <= 0 {
				yield(nil, errBrokenLength)
				return
			}
			data = data[width:]
			if size > uint64(len(data)) {
				yield(nil, errTruncated)
				return
			}
			if !yield(data[:size], nil) {
				return
			}
			data = data[size:]
		}
	}
}
