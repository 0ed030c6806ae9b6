package opensearch

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	sqv1 "sq/proto/sq/v1"
)

func body(t *testing.T, endpoint *sqv1.OpenSearchEndpoint, query string) string {
	t.Helper()
	requests, err := NewRequests(endpoint, 25, []string{"_id", "title"}, []string{"attr_"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := requests.Body(query)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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

func TestTemplateThatIsNone(t *testing.T) {
	for template, problem := range map[string]string{
		`{"q":"{{query}}"`:        "is no JSON object",
		`["{{query}}"]`:           "is no JSON object",
		`{"q":"x"}`:               "does not hold {{query}}",
		`{"q":"{{query}}"} {}`:    "has more after its JSON object",
		`{"size":{{size}},"q":1}`: "is no JSON object",
	} {
		_, err := NewRequests(&sqv1.OpenSearchEndpoint{BodyTemplate: template}, 25, nil, nil)
		if err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", template, err, problem)
		}
	}
}
