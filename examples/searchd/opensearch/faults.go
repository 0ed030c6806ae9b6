package opensearch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
)

// Fault is a deliberate failure. It tests programs that use a search engine.
type Fault struct {
	// Pattern selects the queries that fail. It may match any part of the text.
	Pattern *regexp.Regexp
	// Status is the HTTP status of the answer. Type and Reason are the error in its body.
	Status       int
	Type, Reason string
	// Truncate sends status 200 with the first half of the real answer.
	Truncate bool
}

// Faults are the faults by market. The first one whose pattern matches a query applies.
type Faults map[string][]Fault

type wireFaults struct {
	Markets map[string][]wireFault `json:"markets"`
}

type wireFault struct {
	Pattern  string `json:"pattern"`
	Status   int    `json:"status"`
	Type     string `json:"type"`
	Reason   string `json:"reason"`
	Truncate bool   `json:"truncate"`
}

// ReadFaults reads {"markets": {NAME: [{"pattern": RE2, "status": 400..599, "type": …, "reason": …} or
// {"pattern": RE2, "truncate": true}, …]}}.
func ReadFaults(text []byte) (Faults, error) {
	var wire wireFaults
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wire); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("text after the JSON object")
	}
	faults := Faults{}
	for market, list := range wire.Markets {
		faults[market] = nil
		for i, entry := range list {
			fault, err := entry.parse()
			if err != nil {
				return nil, fmt.Errorf("markets.%s[%d]: %w", market, i, err)
			}
			faults[market] = append(faults[market], fault)
		}
	}
	return faults, nil
}

func (w wireFault) parse() (Fault, error) {
	pattern, err := regexp.Compile(w.Pattern)
	switch {
	case err != nil:
		return Fault{}, fmt.Errorf("pattern: %w", err)
	case w.Pattern == "":
		return Fault{}, fmt.Errorf("pattern is empty")
	case w.Truncate != (w.Status == 0):
		return Fault{}, fmt.Errorf("set either status or truncate")
	case !w.Truncate && (w.Status < 400 || w.Status > 599):
		return Fault{}, fmt.Errorf("status %d: use one from 400 to 599", w.Status)
	}
	return Fault{pattern, w.Status, w.Type, w.Reason, w.Truncate}, nil
}

// Find returns the fault for a query, nil if there is none.
func (f Faults) Find(market, query string) *Fault {
	for i, fault := range f[market] {
		if fault.Pattern.MatchString(query) {
			return &f[market][i]
		}
	}
	return nil
}
