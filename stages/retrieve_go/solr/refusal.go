package solr

import (
	"encoding/json"
	"regexp"
	"slices"
)

var errorClass = regexp.MustCompile(`^[A-Za-z0-9_.$]{1,120}$`)

// Refusal implements search.Protocol. The kind is the class of the root error, such as org.apache.solr.search.SyntaxError.
func (p *Protocol) Refusal(body []byte) (kind, reason string) {
	var wire struct {
		Error struct {
			Metadata json.RawMessage
			Message  string `json:"msg"`
		}
	}
	if json.Unmarshal(body, &wire) != nil {
		return "", ""
	}
	var names []string // names and values alternate
	if json.Unmarshal(wire.Error.Metadata, &names) == nil {
		if at := slices.Index(names, "root-error-class"); at >= 0 && at+1 < len(names) {
			kind = names[at+1]
		}
	}
	if !errorClass.MatchString(kind) {
		kind = ""
	}
	return kind, wire.Error.Message
}
