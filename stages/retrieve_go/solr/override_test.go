package solr

import (
	"net/url"
	"testing"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
)

func sent(t *testing.T, endpoint *sqv1.SolrEndpoint, request *sqv1.RequestOverride) url.Values {
	t.Helper()
	endpoint.Collection = "shop"
	fields := mapping.New(&sqv1.FieldMapping{Id: "id", Title: "name", Brand: "maker"})
	p, err := New(endpoint, &url.URL{Scheme: "http", Host: "search", Path: "/solr"}, 10, fields, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.Request(&sqv1.Query{Text: `red "shoe"`, Probe: &sqv1.Probe{ProbeOf: "q1", Request: request}})
	if err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(string(made.Body))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestOverride(t *testing.T) {
	raised := &sqv1.RequestOverride{Boosts: []*sqv1.Boost{{TagType: "BRAND", Value: `a "b"`, Weight: 2.5}}}
	lowered := &sqv1.RequestOverride{Boosts: []*sqv1.Boost{{Value: "case cable", Weight: -1}}}
	searched := func() *sqv1.SolrEndpoint { return &sqv1.SolrEndpoint{SearchFields: []string{"name^2"}} }
	local := func() *sqv1.SolrEndpoint {
		return &sqv1.SolrEndpoint{Parameters: []*sqv1.RequestParameter{
			{Name: "q", Source: &sqv1.RequestParameter_Value{Value: "{!dismax qf=name v=$text}"}},
			{Name: "text", Source: &sqv1.RequestParameter_Value{Value: "{{query}}"}},
		}}
	}
	for name, c := range map[string]struct {
		endpoint *sqv1.SolrEndpoint
		request  *sqv1.RequestOverride
		want     map[string]string
	}{
		"no change": {searched(), nil, map[string]string{"q": `red "shoe"`, "defType": "edismax", "sq_main0": ""}},
		"all words": {searched(), &sqv1.RequestOverride{MinimumShouldMatch: "100%"}, map[string]string{"q": `red "shoe"`, "mm": "100%"}},
		"a brand raised": {searched(), raised, map[string]string{
			"q": "{!bool must=$sq_main0 should=$sq_raised0}", "sq_main0": "{!edismax v=$sq_text}", "sq_text": `red "shoe"`,
			"sq_raised0": `(maker:"a" AND maker:"\"b\"")^=2.5`, "defType": "lucene", "qf": "name^2", "bq": "",
		}},
		"accessories lowered": {searched(), lowered, map[string]string{
			"q": "{!boost b=if(exists(query($sq_lowered0)),0.2,1) v=$sq_main0}", "sq_lowered0": `name:"case" OR name:"cable"`,
		}},
		"a query with a parser of its own": {local(), raised, map[string]string{
			"sq_main0": "{!dismax qf=name v=$text}", "text": `red "shoe"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			found := sent(t, c.endpoint, c.request)
			for parameter, want := range c.want {
				if found.Get(parameter) != want {
					t.Errorf("%s is %q, want %q", parameter, found.Get(parameter), want)
				}
			}
		})
	}
}
