package opensearch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
)

// Fault makes the service fail on purpose, so that what watches a search engine can be tested.
type Fault struct {
	// Pattern is looked for in the text of a query.
	Pattern *regexp.Regexp
	// Status is what the query is answered with, and Type and Reason the error of the answer.
	Status       int
	Type, Reason string
	// Truncate answers as if all were well, and leaves out the second half.
	Truncate bool
}

// Faults are those of each market. The first one that fits a query is the one that happens.
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
		return nil, fmt.Errorf("more stands after the JSON object")
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
		return Fault{}, fmt.Errorf("pattern: is empty")
	case w.Truncate != (w.Status == 0):
		return Fault{}, fmt.Errorf("give either status or truncate")
	case !w.Truncate && (w.Status < 400 || w.Status > 599):
		return Fault{}, fmt.Errorf("status: %d: give one from 400 to 599", w.Status)
	}
	return Fault{pattern, w.Status, w.Type, w.Reason, w.Truncate}, nil
}

// Find gives the fault that a query meets, nil for none.
func (f Faults) Find(market, query string) *Fault {
	for i, fault := range f[market] {
		if fault.Pattern.MatchString(query) {
			return &f[market][i]
		}
	}
	return nil
}
