package solr

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
)

func protocol(t *testing.T, config string) (*Protocol, error) {
	t.Helper()
	endpoint := &sqv1.SolrEndpoint{}
	if err := protojson.Unmarshal([]byte(config), endpoint); err != nil {
		t.Fatal(err)
	}
	fields := mapping.New(&sqv1.FieldMapping{Id: "id", Title: "title", AttributePrefixes: []string{"attr_"}})
	secrets := func(source *sqv1.SecretSource, _ string) (string, error) { return "secret of " + source.GetEnv(), nil }
	address := &url.URL{Scheme: "http", Host: "h", Path: "/solr"}
	return New(endpoint, address, 25, fields, secrets)
}

func TestRequest(t *testing.T) {
	for name, c := range map[string]struct{ config, want string }{
		"search fields": {`{"search_fields":["title^3","brand"]}`,
			"q=red+%26+%22x%22&rows=25&fl=id%2Ctitle%2Cattr_%2A%2Cscore&defType=edismax&qf=title%5E3+brand&wt=json"},
		"parameters win, and repeat": {`{"search_fields":["title"],"filters":{"shop":"uk"},"parameters":[
			{"name":"fq","value":"shop:{{filter.shop}}"},{"name":"fq","value":"lang:{{language}}"},{"name":"rows","value":"{{size}}0"},{"name":"defType","value":"dismax"}]}`,
			"fq=shop%3Auk&fq=lang%3Ade&rows=250&defType=dismax&q=red+%26+%22x%22&fl=id%2Ctitle%2Cattr_%2A%2Cscore&qf=title&wt=json"},
		"the query in a parameter of its own, and a secret": {`{"parameters":[{"name":"q","value":"{!edismax v=$text}"},
			{"name":"text","value":"{{query}}"},{"name":"key","secret":{"env":"K"}}]}`,
			"q=%7B%21edismax+v%3D%24text%7D&text=red+%26+%22x%22&key=secret+of+K&rows=25&fl=id%2Ctitle%2Cattr_%2A%2Cscore&wt=json"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := protocol(t, `{"collection":"my shop",`+c.config[1:])
			if err != nil {
				t.Fatal(err)
			}
			request, err := p.Request(&sqv1.Query{Text: `red & "x"`, Language: "de"})
			if err != nil {
				t.Fatal(err)
			}
			if found := string(request.Body); found != c.want {
				t.Errorf("%s\nwant %s", found, c.want)
			}
			if found := request.URL.String(); found != "http://h/solr/my%20shop/select" || request.Method != "POST" {
				t.Error(request.Method, found)
			}
		})
	}
}

func TestInvalidConfiguration(t *testing.T) {
	for config, problem := range map[string]string{
		`{"parameters":[{"name":"wt","value":"xml"}]}`:               "wt must not be set",
		`{"parameters":[{"name":"q","value":"*:*"}]}`:                "no value contains {{query}}",
		`{"parameters":[{"name":"text","value":"{{query}}"}]}`:       "but q is not set",
		`{"parameters":[{"name":"q","value":"{{query}} {{shop}}"}]}`: "solr.parameters[0].value: {{shop}} is not a known placeholder",
		`{"search_fields":["a"],"filters":{"shop":"uk"}}`:            "solr.filters.shop",
		`{"search_fields":["a"],"collection":".."}`:                  "solr.collection",
	} {
		_, err := protocol(t, config)
		var bad *stagekit.InputError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", config, err, problem)
		}
	}
}
