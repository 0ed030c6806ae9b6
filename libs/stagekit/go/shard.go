package stagekit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
)

var shardPattern = regexp.MustCompile(`^([0-9]{1,4})/([0-9]{1,4})$`)

// Shard is one of Count parts of the queries. Index begins at 0.
type Shard struct{ Index, Count uint64 }

// ParseShard reads I/N. Errors: *InputError.
func ParseShard(text string) (Shard, error) {
	if match := shardPattern.FindStringSubmatch(text); match != nil {
		index, _ := strconv.ParseUint(match[1], 10, 64)
		count, _ := strconv.ParseUint(match[2], 10, 64)
		if index < count {
			return Shard{index, count}, nil
		}
	}
	return Shard{}, &InputError{"--shard", fmt.Sprintf("%q is not I/N with 0 <= I < N", text), "give index and count, for example 0/4"}
}

// Contains reports whether a query belongs to the shard: the first eight bytes of sha256(query id), big-endian, modulo Count.
func (s Shard) Contains(queryID string) bool {
	sum := sha256.Sum256([]byte(queryID))
	return binary.BigEndian.Uint64(sum[:8])%s.Count == s.Index
}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }
