package jsonsearch

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/search"
)

const plainAnswer = `"answer":{"hits":"$.items","id":"$.id","title":"$.t"}`

func protocol(t *testing.T, config string) (*Protocol, error) {
	t.Helper()
	endpoint := &sqv1.JsonEndpoint{}
	if err := protojson.Unmarshal([]byte(config), endpoint); err != nil {
		t.Fatal(config, err)
	}
	address, err := url.Parse(endpoint.GetUrl())
	if err != nil {
		t.Fatal(err)
	}
	return New(endpoint, address, 25, func(source *sqv1.SecretSource, _ string) (string, error) {
		return "secret of " + source.GetEnv(), nil
	})
}

func must(t *testing.T, config string) *Protocol {
	t.Helper()
	p, err := protocol(t, config)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRequest(t *testing.T) {
	for name, c := range map[string]struct{ config, want string }{
		"GET": {`{"url":"http://h/api/{{language}}/find","filters":{"shop":"a/b"},"parameters":[{"name":"q","value":"{{query}}"},
			{"name":"n","value":"{{size}}"},{"name":"shop","value":"{{filter.shop}}"},{"name":"key","secret":{"env":"K"}}],`,
			"GET http://h/api/de/find?q=7%22+%26+%7B%7Bsize%7D%7D%2Fgr%C3%B6%C3%9Fe&n=25&shop=a%2Fb&key=secret+of+K  "},
		"the query in the path": {`{"url":"http://h/find/{{query}}",`,
			"GET http://h/find/7%22%20&%20%7B%7Bsize%7D%7D%2Fgr%C3%B6%C3%9Fe  "},
		"POST": {`{"url":"http://h/find","headers":[{"name":"x-api-key","secret":{"env":"K"}},{"name":"X-Lang","value":"{{language}}"}],
			"body_template":"{\"text\":\"{{query}}\",\"top\":[\"{{size}}\"]}",`,
			`POST http://h/find {"text":"7\" & {{size}}/größe","top":[25]} secret of K de`},
		"POST without a body": {`{"url":"http://h/find","method":"HTTP_METHOD_POST","parameters":[{"name":"q","value":"{{query}}"}],`,
			"POST http://h/find?q=7%22+%26+%7B%7Bsize%7D%7D%2Fgr%C3%B6%C3%9Fe  "},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := must(t, c.config+plainAnswer+"}").Request(&sqv1.Query{Text: `7" & {{size}}/größe`, Language: "de"})
			if err != nil {
				t.Fatal(err)
			}
			found := fmt.Sprint(request.Method, " ", request.URL, " ", string(request.Body), " ", request.Header.Get("X-Api-Key"), " ", request.Header.Get("X-Lang"))
			if strings.TrimSpace(found) != strings.TrimSpace(c.want) {
				t.Errorf("%s\nwant %s", found, c.want)
			}
		})
	}
}

func TestInvalidConfiguration(t *testing.T) {
	const address = `"url":"http://h/{{query}}"`
	for config, problem := range map[string]string{
		`{"url":"http://h/",` + plainAnswer + `}`:                                                                     "no part of the request contains {{query}}",
		`{"url":"http://h/{{shop}}",` + plainAnswer + `}`:                                                             "json.url: {{shop}} is not a known placeholder",
		`{` + address + `,"filters":{"a":"b"},` + plainAnswer + `}`:                                                   "json.filters.a",
		`{` + address + `,"headers":[{"name":"X Y","value":"a"}],` + plainAnswer + `}`:                                "json.headers[0].name",
		`{` + address + `,"headers":[{"name":"host","value":"a"}],` + plainAnswer + `}`:                               "json.headers[0].name: host",
		`{` + address + `,"headers":[{"name":"X","value":"{{query}}"}],` + plainAnswer + `}`:                          "json.headers[0].value",
		`{` + address + `,"headers":[{"name":"X","value":"a\nb"}],` + plainAnswer + `}`:                               "json.headers[0].value",
		`{` + address + `,"body_template":"[]",` + plainAnswer + `}`:                                                  "json.body_template: is not a JSON object",
		`{` + address + `,"answer":{"hits":"$.items[","id":"$.id","title":"$.t"}}`:                                    "json.answer.hits: $.items[ is not a valid JSONPath",
		`{` + address + `,"answer":{"hits":"$.i","id":"$.id","title":"$.t","attributes":[{"path":"$[","name":"n"}]}}`: "json.answer.attributes[0].path",
	} {
		_, err := protocol(t, config)
		var bad *stagekit.InputError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", config, err, problem)
		}
	}
}

func TestOfAProbeTheTextAndTheOrderCanBeChanged(t *testing.T) {
	p := must(t, nested)
	probe := func(request *sqv1.RequestOverride) *sqv1.Query {
		return &sqv1.Query{Text: "hat", Probe: &sqv1.Probe{ProbeOf: "q1", Request: request}}
	}
	if _, err := p.Request(probe(&sqv1.RequestOverride{Boosts: []*sqv1.Boost{{TagType: "BRAND", Value: "acme", Weight: 1}}})); err != nil {
		t.Errorf("boosts are left to the stage: %v", err)
	}
	var refused *search.ProbeError
	if _, err := p.Request(probe(&sqv1.RequestOverride{MinimumShouldMatch: "100%"})); !errors.As(err, &refused) {
		t.Errorf("found %v, want a ProbeError", err)
	}
	if !p.Reorders() {
		t.Error("boosts would be lost")
	}
}
