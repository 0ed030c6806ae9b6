// Package solr speaks the select protocol of Apache Solr.
package solr

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
	"sq/stages/retrieve_go/template"
)

const parametersField = "solr.parameters"

// Protocol is the select protocol for one configuration.
type Protocol struct {
	url        *url.URL
	parameters []search.Parameter
	fields     *mapping.Mapping
}

// New takes the endpoint's configuration, its URL without credentials, the number of results to ask for, and the fields that
// the mapping reads. Errors: *stagekit.InputError.
func New(endpoint *sqv1.SolrEndpoint, address *url.URL, size uint32, fields *mapping.Mapping, secrets search.Secrets) (*Protocol, error) {
	address, err := search.Below(address, endpoint.GetCollection(), "solr.collection", "select")
	if err != nil {
		return nil, err
	}
	placeholders := template.New(size, endpoint.GetFilters())
	given, err := search.Parameters(endpoint.GetParameters(), parametersField, placeholders, secrets)
	if err != nil {
		return nil, err
	}
	if has(given, "wt") {
		return nil, &stagekit.InputError{Field: parametersField, Problem: "wt must not be set", Fix: "remove it: sq-retrieve reads answers as JSON"}
	}
	if err := placeholders.CheckFilters("solr.filters"); err != nil {
		return nil, err
	}
	own := defaults(endpoint, fields)
	if placeholders.UsesQuery() && !has(given, "q") {
		return nil, &stagekit.InputError{Field: parametersField, Problem: "a value contains {{query}}, but q is not set", Fix: "set q too, for example to {!edismax v=$text}"}
	}
	parameters := given
	for _, each := range own {
		if has(given, each.name) {
			continue
		}
		value, err := placeholders.Text(each.value, parametersField)
		if err != nil {
			return nil, err
		}
		parameters = append(parameters, search.Parameter{Name: each.name, Value: value})
	}
	if !placeholders.UsesQuery() {
		return nil, &stagekit.InputError{Field: parametersField, Problem: "no value contains {{query}}", Fix: "remove q, or put {{query}} into it"}
	}
	parameters = append(parameters, search.Parameter{Name: "wt", Value: template.Literal("json")})
	return &Protocol{address, parameters, fields}, nil
}

type parameter struct{ name, value string }

// defaults are the parameters that are sent unless the configuration sets them.
func defaults(endpoint *sqv1.SolrEndpoint, fields *mapping.Mapping) []parameter {
	needed, prefixes := fields.Fields()
	for _, prefix := range prefixes {
		needed = append(needed, prefix+"*")
	}
	own := []parameter{
		{"q", "{{query}}"},
		{"rows", "{{size}}"},
		{"fl", strings.Join(append(needed, scoreField), ",")},
	}
	if len(endpoint.GetSearchFields()) > 0 {
		own = append(own, parameter{"defType", "edismax"}, parameter{"qf", strings.Join(endpoint.GetSearchFields(), " ")})
	}
	return own
}

func has(parameters []search.Parameter, name string) bool {
	return slices.ContainsFunc(parameters, func(each search.Parameter) bool { return each.Name == name })
}

// Request implements search.Protocol. It sends the parameters as a form, because URLs have a length limit and appear in access
// logs.
func (p *Protocol) Request(query *sqv1.Query) (*search.Request, error) {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	pairs, err := override(search.Fill(p.parameters, query), query, p.fields)
	if err != nil {
		return nil, err
	}
	body := []byte(search.Encode(pairs))
	return &search.Request{Method: http.MethodPost, URL: p.url, Header: header, Body: body}, nil
}

// Unmatched implements search.Protocol.
func (p *Protocol) Unmatched() []string { return nil }
