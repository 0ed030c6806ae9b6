// Package jsonsearch supports any search endpoint that answers with JSON. A template makes the requests, and JSONPaths read the
// answers.
package jsonsearch

import (
	"net/http"
	"net/url"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/search"
	"sq/stages/retrieve_go/template"
)

// Protocol is the protocol that one configuration describes.
type Protocol struct {
	*answerReader

	method     string
	address    *url.URL
	path       template.Text
	parameters []search.Parameter
	header     []search.Parameter
	body       *template.JSON // nil without a body
}

// New takes the endpoint's configuration, its URL without credentials, and the number of results to ask for. Errors: those of
// secrets, or *stagekit.InputError.
func New(endpoint *sqv1.JsonEndpoint, address *url.URL, size uint32, secrets search.Secrets) (*Protocol, error) {
	placeholders := template.New(size, endpoint.GetFilters())
	p := &Protocol{address: address, method: methodOf(endpoint)}
	var err error
	if p.path, err = placeholders.Text(address.Path, "json.url"); err != nil {
		return nil, err
	}
	if p.parameters, err = search.Parameters(endpoint.GetParameters(), "json.parameters", placeholders, secrets); err != nil {
		return nil, err
	}
	if p.header, err = headers(endpoint, placeholders, secrets); err != nil {
		return nil, err
	}
	if text := endpoint.GetBodyTemplate(); text != "" {
		if p.body, err = placeholders.JSON(text, "json.body_template"); err != nil {
			return nil, err
		}
	}
	if !placeholders.UsesQuery() {
		return nil, &stagekit.InputError{Field: "json", Problem: "no part of the request contains {{query}}", Fix: "put it into url, parameters or body_template"}
	}
	if err := placeholders.CheckFilters("json.filters"); err != nil {
		return nil, err
	}
	p.answerReader, err = newAnswerReader(endpoint.GetAnswer())
	return p, err
}

func methodOf(endpoint *sqv1.JsonEndpoint) string {
	switch endpoint.GetMethod() {
	case sqv1.HttpMethod_HTTP_METHOD_GET:
		return http.MethodGet
	case sqv1.HttpMethod_HTTP_METHOD_POST:
		return http.MethodPost
	}
	if endpoint.GetBodyTemplate() == "" {
		return http.MethodGet
	}
	return http.MethodPost
}

// Request implements search.Protocol.
func (p *Protocol) Request(query *sqv1.Query) (*search.Request, error) {
	if query.GetProbe().GetRequest().GetMinimumShouldMatch() != "" {
		return nil, &search.ProbeError{Problem: "a JSON endpoint cannot be told how many words must match; use opensearch or solr"}
	}
	made := &search.Request{Method: p.method, URL: p.urlFor(query), Header: http.Header{"Accept": {"application/json"}}}
	if p.body != nil {
		body, err := p.body.Fill(query)
		if err != nil {
			return nil, err
		}
		made.Body = body
		made.Header.Set("Content-Type", "application/json")
	}
	for _, each := range p.header {
		made.Header.Set(each.Name, each.Value.Fill(query))
	}
	return made, nil
}

// Reorders implements search.Reorderer.
func (p *Protocol) Reorders() bool { return true }

// urlFor fills the placeholders of the URL. It escapes slashes in values, so that they do not separate path segments.
func (p *Protocol) urlFor(query *sqv1.Query) *url.URL {
	address := *p.address
	address.Path = p.path.Fill(query)
	address.RawPath = p.path.FillWith(query, func(text string) string { return (&url.URL{Path: text}).EscapedPath() }, url.PathEscape)
	address.RawQuery = search.Encode(search.Fill(p.parameters, query))
	return &address
}
