package opensearch

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
)

func protocol(endpoint *sqv1.OpenSearchEndpoint) (*Protocol, error) {
	fields := mapping.New(&sqv1.FieldMapping{Id: "_id", Title: "title", AttributePrefixes: []string{"attr_"}})
	return New(endpoint, &url.URL{Scheme: "http", Host: "h", Path: "/"}, 25, fields)
}

func body(t *testing.T, endpoint *sqv1.OpenSearchEndpoint, query string) string {
	t.Helper()
	p, err := protocol(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	request, err := p.Request(&sqv1.Query{Text: query, Language: "de"})
	if err != nil {
		t.Fatal(err)
	}
	return string(request.Body)
}

func TestMultiMatch(t *testing.T) {
	endpoint := &sqv1.OpenSearchEndpoint{SearchFields: []string{"title^3", "brand"}}
	want := `{"_source":["title","attr_*"],"query":{"multi_match":{"fields":["title^3","brand"],"query":"7\" <tv> & größe","type":"best_fields"}},"size":25,"track_total_hits":true}`
	if found := body(t, endpoint, `7" <tv> & größe`); found != want {
		t.Errorf("%s\nwant %s", found, want)
	}
}

func TestTemplate(t *testing.T) {
	for name, c := range map[string]struct{ template, query, want string }{
		"values":             {`{"size":"{{size}}","q":"{{query}}"}`, "a", `{"size":25,"q":"a"}`},
		"inside a text":      {`{"q":"+{{query}} -x","note":"top {{size}}"}`, "a b", `{"q":"+a b -x","note":"top 25"}`},
		"language":           {`{"q":"{{query}}","in":"x-{{language}}"}`, "a", `{"q":"a","in":"x-de"}`},
		"twice, deep":        {`{"a":[{"q":"{{query}}"},{"b":{"q":"{{query}}"}}]}`, "a", `{"a":[{"q":"a"},{"b":{"q":"a"}}]}`},
		"JSON in the query":  {`{"q":"{{query}}"}`, `"},"size":9,"x":{"y":"`, `{"q":"\"},\"size\":9,\"x\":{\"y\":\""}`},
		"backslashes":        {`{"q":"{{query}}"}`, `a\`, `{"q":"a\\"}`},
		"marks in the query": {`{"q":"{{query}}"}`, `{{size}} {{query}}`, `{"q":"{{size}} {{query}}"}`},
		"numbers keep their digits": {`{"q":"{{query}}","boost":1.10,"seed":12345678901234567890}`, "a",
			`{"q":"a","boost":1.10,"seed":12345678901234567890}`},
	} {
		t.Run(name, func(t *testing.T) {
			var found, want any
			text := body(t, &sqv1.OpenSearchEndpoint{BodyTemplate: c.template}, c.query)
			if err := json.Unmarshal([]byte(text), &found); err != nil {
				t.Fatal(text, err)
			}
			json.Unmarshal([]byte(c.want), &want)
			if !reflect.DeepEqual(found, want) {
				t.Errorf("%s\nwant %s", text, c.want)
			}
		})
	}
}

func TestTemplateKeepsNumbersAsWritten(t *testing.T) {
	text := body(t, &sqv1.OpenSearchEndpoint{BodyTemplate: `{"q":"{{query}}","seed":12345678901234567890}`}, "a")
	if !strings.Contains(text, "12345678901234567890") {
		t.Error(text)
	}
}

func TestInvalidTemplate(t *testing.T) {
	for template, problem := range map[string]string{
		`{"q":"{{query}}"`:        "is not a JSON object",
		`["{{query}}"]`:           "is not a JSON object",
		`{"q":"x"}`:               "does not contain {{query}}",
		`{"q":"{{query}}"} {}`:    "has text after the JSON object",
		`{"size":{{size}},"q":1}`: "is not a JSON object",
		`{"q":"{{query}}","a":[{"b":"{{ query }}"}]}`: "{{ query }} is not a known placeholder",
		`{"q":"{{query}}","f":"{{filter.x}}"}`:        "{{filter.x}} is not a known placeholder",
		`{"{{query}}":"{{query}}"}`:                   "contains a placeholder",
	} {
		_, err := protocol(&sqv1.OpenSearchEndpoint{BodyTemplate: template})
		if err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", template, err, problem)
		}
	}
}
