package opensearch

import (
	"encoding/json"
	"regexp"
)

var errorType = regexp.MustCompile(`^[a-z_]{1,80}$`)

// ErrorKind implements search.Protocol. The kind is the type of the error, such as parsing_exception.
func (p *Protocol) ErrorKind(body []byte) string {
	var wire struct {
		Error struct {
			Type      string
			RootCause []struct{ Type string } `json:"root_cause"`
		}
	}
	if json.Unmarshal(body, &wire) != nil {
		return ""
	}
	kind := wire.Error.Type
	if causes := wire.Error.RootCause; len(causes) > 0 {
		kind = causes[0].Type
	}
	if !errorType.MatchString(kind) {
		return ""
	}
	return kind
}
