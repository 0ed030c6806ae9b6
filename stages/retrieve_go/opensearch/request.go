// Package opensearch speaks the _search protocol of OpenSearch and Elasticsearch: request bodies and answers, without network.
package opensearch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	sqv1 "sq/proto/sq/v1"
)

const (
	queryMark = "{{query}}"
	sizeMark  = "{{size}}"
)

// Requests makes the request bodies of one configuration.
type Requests struct {
	endpoint *sqv1.OpenSearchEndpoint
	template any // nil without a template
	size     uint32
	source   []string
}

// NewRequests takes the endpoint's configuration, the number of results wanted, and the paths of the documents, and
// beginnings of paths, that are needed. It fails on a template that is no JSON object or does not hold {{query}}.
func NewRequests(endpoint *sqv1.OpenSearchEndpoint, size uint32, paths, prefixes []string) (*Requests, error) {
	requests := &Requests{endpoint: endpoint, size: size}
	for _, path := range paths {
		if path != IDField {
			requests.source = append(requests.source, path)
		}
	}
	for _, prefix := range prefixes {
		requests.source = append(requests.source, prefix+"*")
	}
	if endpoint.GetBodyTemplate() == "" {
		return requests, nil
	}
	template, err := parseTemplate(endpoint.GetBodyTemplate())
	requests.template = template
	return requests, err
}

func parseTemplate(text string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var template map[string]any
	if err := decoder.Decode(&template); err != nil {
		return nil, fmt.Errorf("is no JSON object: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("has more after its JSON object")
	}
	if !strings.Contains(text, queryMark) {
		return nil, fmt.Errorf("does not hold %s", queryMark)
	}
	return template, nil
}

// Body makes the request for one query.
func (r *Requests) Body(query string) ([]byte, error) {
	var body any
	if r.template != nil {
		body = r.fill(r.template, query)
	} else {
		body = map[string]any{
			"query": map[string]any{"multi_match": map[string]any{
				"query":  query,
				"type":   "best_fields",
				"fields": r.endpoint.GetSearchFields(),
			}},
			"size":             r.size,
			"track_total_hits": true,
			"_source":          r.source,
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// fill puts the values into the parsed template, so that no query can change the template's structure.
func (r *Requests) fill(node any, query string) any {
	switch value := node.(type) {
	case map[string]any:
		filled := make(map[string]any, len(value))
		for key, child := range value {
			filled[key] = r.fill(child, query)
		}
		return filled
	case []any:
		filled := make([]any, len(value))
		for i, child := range value {
			filled[i] = r.fill(child, query)
		}
		return filled
	case string:
		if value == sizeMark {
			return r.size
		}
		// One pass: marks inside the query stay as the customer typed them.
		return strings.NewReplacer(queryMark, query, sizeMark, strconv.FormatUint(uint64(r.size), 10)).Replace(value)
	}
	return node
}
