package opensearch

import (
	"encoding/json"
	"regexp"
)

var errorType = regexp.MustCompile(`^[a-z_]{1,80}$`)

// Refusal implements search.Protocol. The kind is the type of the error, such as parsing_exception.
func (p *Protocol) Refusal(body []byte) (kind, reason string) {
	var wire struct {
		Error struct {
			Type      string
			Reason    string
			RootCause []struct{ Type, Reason string } `json:"root_cause"`
		}
	}
	if json.Unmarshal(body, &wire) != nil {
		return "", textError(body)
	}
	kind, reason = wire.Error.Type, wire.Error.Reason
	if causes := wire.Error.RootCause; len(causes) > 0 {
		kind, reason = causes[0].Type, causes[0].Reason
	}
	if !errorType.MatchString(kind) {
		kind = ""
	}
	return kind, reason
}

// textError returns an error that is a text, as proxies and early versions send it.
func textError(body []byte) string {
	var wire struct{ Error string }
	if json.Unmarshal(body, &wire) != nil {
		return ""
	}
	return wire.Error
}
