package opensearch

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"testing"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

var probeFields = &sqv1.FieldMapping{Id: "id", Title: "name", Brand: "maker"}

func probed(request *sqv1.RequestOverride) *sqv1.Query {
	return &sqv1.Query{Text: "red shoe", Probe: &sqv1.Probe{ProbeOf: "q1", Request: request}}
}

func queryOf(t *testing.T, endpoint *sqv1.OpenSearchEndpoint, query *sqv1.Query) map[string]any {
	t.Helper()
	endpoint.Index = "shop"
	p, err := New(endpoint, &url.URL{Scheme: "http", Host: "search"}, 10, mapping.New(probeFields))
	if err != nil {
		t.Fatal(err)
	}
	request, err := p.Request(query)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(request.Body, &body); err != nil {
		t.Fatal(err)
	}
	return body["query"].(map[string]any)
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var made map[string]any
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		t.Fatal(err)
	}
	return made
}

func TestOverride(t *testing.T) {
	const own = `{"multi_match": {"query": "red shoe", "type": "best_fields", "fields": ["name^3", "maker"]}}`
	boost := func(kind, value string, weight float64) *sqv1.RequestOverride {
		return &sqv1.RequestOverride{Boosts: []*sqv1.Boost{{TagType: kind, Value: value, Weight: weight}}}
	}
	for name, c := range map[string]struct {
		request *sqv1.RequestOverride
		want    string
	}{
		"no change": {nil, own},
		"all words": {&sqv1.RequestOverride{MinimumShouldMatch: "100%"}, `{"bool": {"must": [` + own + `], "filter": [{"multi_match": {
			"query": "red shoe", "type": "cross_fields", "fields": ["name", "maker"], "minimum_should_match": "100%"}}]}}`},
		"a brand raised": {boost("BRAND", "acme inc", 2.5), `{"bool": {"must": [` + own + `], "should": [{"constant_score": {
			"boost": 2.5, "filter": {"match": {"maker": {"query": "acme inc", "operator": "and"}}}}}]}}`},
		"accessories lowered": {boost("", "case cable", -1), `{"boosting": {"positive": {"bool": {"must": [` + own + `]}},
			"negative": {"match": {"name": {"query": "case cable", "operator": "or"}}}, "negative_boost": 0.2}}`},
	} {
		t.Run(name, func(t *testing.T) {
			found := queryOf(t, &sqv1.OpenSearchEndpoint{SearchFields: []string{"name^3", "maker"}}, probed(c.request))
			if want := object(t, c.want); !reflect.DeepEqual(found, want) {
				t.Errorf("found %v, want %v", found, want)
			}
		})
	}
}

func TestOverrideKeepsTheTemplate(t *testing.T) {
	template := `{"query": {"function_score": {"query": {"multi_match": {"query": "{{query}}", "fields": ["name^2"]}}}}}`
	found := queryOf(t, &sqv1.OpenSearchEndpoint{BodyTemplate: template}, probed(&sqv1.RequestOverride{MinimumShouldMatch: "100%"}))
	clauses := found["bool"].(map[string]any)
	want := object(t, `{"must": [{"function_score": {"query": {"multi_match": {"query": "red shoe", "fields": ["name^2"]}}}}]}`)
	if !reflect.DeepEqual(clauses["must"], want["must"]) {
		t.Errorf("the template's query became %v", clauses["must"])
	}
	fields := clauses["filter"].([]any)[0].(map[string]any)["multi_match"].(map[string]any)["fields"]
	if !reflect.DeepEqual(fields, []any{"name"}) {
		t.Errorf("words are required of %v", fields)
	}
}

func TestAChangeThatTheRequestCannotCarry(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint *sqv1.OpenSearchEndpoint
		request  *sqv1.RequestOverride
	}{
		"no multi_match": {
			&sqv1.OpenSearchEndpoint{Index: "shop", BodyTemplate: `{"query": {"query_string": {"query": "{{query}}"}}}`},
			&sqv1.RequestOverride{MinimumShouldMatch: "100%"},
		},
		"no such field": {
			&sqv1.OpenSearchEndpoint{Index: "shop", SearchFields: []string{"name"}},
			&sqv1.RequestOverride{Boosts: []*sqv1.Boost{{TagType: "COLOUR", Value: "red", Weight: 1}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := New(c.endpoint, &url.URL{Scheme: "http", Host: "search"}, 10, mapping.New(probeFields))
			if err != nil {
				t.Fatal(err)
			}
			var unprobed *search.ProbeError
			if _, err := p.Request(probed(c.request)); !errors.As(err, &unprobed) {
				t.Errorf("found %v, want a ProbeError", err)
			}
		})
	}
}
