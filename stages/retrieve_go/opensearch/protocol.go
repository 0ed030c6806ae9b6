// Package opensearch speaks the _search protocol of OpenSearch and Elasticsearch.
package opensearch

import (
	"fmt"
	"net/http"
	"net/url"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
	"sq/stages/retrieve_go/template"
)

// IDField is the name that a mapping uses for the _id of a hit, which is not a field of the document.
const IDField = "_id"

// Protocol is the _search protocol for one configuration.
type Protocol struct {
	url       *url.URL
	body      *template.JSON // nil without a body_template
	searched  []string
	size      uint32
	source    []string
	fields    *mapping.Mapping
	idFromHit bool // the product's id is the _id of the hit
}

// New takes the endpoint's configuration, its URL without credentials, the number of results to ask for, and the fields that
// the mapping reads. Errors: *stagekit.InputError.
func New(endpoint *sqv1.OpenSearchEndpoint, address *url.URL, size uint32, fields *mapping.Mapping) (*Protocol, error) {
	address, err := search.Below(address, endpoint.GetIndex(), "opensearch.index", "_search")
	if err != nil {
		return nil, err
	}
	// With a fixed preference the same shard copies answer each time, so that equal scores always have the same order.
	address.RawQuery = "preference=sq"
	p := &Protocol{url: address, searched: endpoint.GetSearchFields(), size: size, fields: fields}
	paths, prefixes := fields.Fields()
	for _, path := range paths {
		if path == IDField {
			p.idFromHit = true
		} else {
			p.source = append(p.source, path)
		}
	}
	for _, prefix := range prefixes {
		p.source = append(p.source, prefix+"*")
	}
	if endpoint.GetBodyTemplate() == "" {
		return p, nil
	}
	const field = "opensearch.body_template"
	placeholders := template.New(size, nil)
	if p.body, err = placeholders.JSON(endpoint.GetBodyTemplate(), field); err != nil {
		return nil, err
	}
	if !placeholders.UsesQuery() {
		return nil, &stagekit.InputError{Field: field, Problem: "does not contain {{query}}", Fix: "put {{query}} into a string of the JSON object"}
	}
	return p, nil
}

// Request implements search.Protocol.
func (p *Protocol) Request(query *sqv1.Query) (*search.Request, error) {
	body, err := p.requestBody(query)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", query.GetQueryId(), err)
	}
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
	return &search.Request{Method: http.MethodPost, URL: p.url, Header: header, Body: body}, nil
}

func (p *Protocol) requestBody(query *sqv1.Query) ([]byte, error) {
	body := p.plainBody(query)
	if err := p.override(body, query); err != nil {
		return nil, &search.ProbeError{Problem: err.Error()}
	}
	return template.Marshal(body)
}

func (p *Protocol) plainBody(query *sqv1.Query) map[string]any {
	if p.body != nil {
		return p.body.Object(query)
	}
	return map[string]any{
		"query": map[string]any{"multi_match": map[string]any{
			"query":  query.GetText(),
			"type":   "best_fields",
			"fields": p.searched,
		}},
		"size":             p.size,
		"track_total_hits": true,
		"_source":          p.source,
	}
}

// Unmatched implements search.Protocol.
func (p *Protocol) Unmatched() []string { return nil }
