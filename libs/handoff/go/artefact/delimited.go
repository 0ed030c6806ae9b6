package artefact

import (
	"encoding/binary"
	"errors"
	"iter"
)

// appendDelimited writes a record as protobuf's writeDelimitedTo does: the length as a varint, then the bytes.
func appendDelimited(data, record []byte) []byte {
	return append(binary.AppendUvarint(data, uint64(len(record))), record...)
}

var (
	errBrokenLength = errors.New("invalid record length")
	errTruncated    = errors.New("truncated record")
)

// splitDelimited yields the records in data without copying them. An error ends it if data is not a stream of records.
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
