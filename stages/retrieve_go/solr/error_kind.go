package solr

import (
	"encoding/json"
	"regexp"
	"slices"
)

var errorClass = regexp.MustCompile(`^[A-Za-z0-9_.$]{1,120}$`)

// ErrorKind implements search.Protocol. The kind is the class of the root error, such as org.apache.solr.search.SyntaxError.
func (p *Protocol) ErrorKind(body []byte) string {
	var wire struct{ Error struct{ Metadata []string } } // names and values alternate
	if json.Unmarshal(body, &wire) != nil {
		return ""
	}
	names := wire.Error.Metadata
	at := slices.Index(names, "root-error-class")
	if at < 0 || at+1 >= len(names) || !errorClass.MatchString(names[at+1]) {
		return ""
	}
	return names[at+1]
}
