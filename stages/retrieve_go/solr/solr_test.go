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
	"sq/stages/retrieve_go/search"
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

func TestConfigurationThatCantWork(t *testing.T) {
	for config, problem := range map[string]string{
		`{"parameters":[{"name":"wt","value":"xml"}]}`:               "wt is given",
		`{"parameters":[{"name":"q","value":"*:*"}]}`:                "no value holds {{query}}",
		`{"parameters":[{"name":"text","value":"{{query}}"}]}`:       "stands beside no q",
		`{"parameters":[{"name":"q","value":"{{query}} {{shop}}"}]}`: "solr.parameters[0].value: {{shop}} stands for nothing",
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

func TestParseAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		want  search.Answer
		id    string
		score float64
	}{
		"multi-valued fields": {`{"responseHeader":{"status":0,"QTime":1},"response":{"numFound":7,"start":0,"maxScore":1.5,"numFoundExact":true,
			"docs":[{"id":"p1","title":["one","two"],"score":1.5}]}}`, search.Answer{Total: 7}, "p1", 1.5},
		"a lower bound":        {`{"response":{"numFound":9,"numFoundExact":false,"docs":[{"id":12345678901234567891}]}}`, search.Answer{Total: 9, TotalIsLowerBound: true}, "12345678901234567891", 0},
		"before Solr 8.6":      {`{"response":{"numFound":1,"docs":[{"id":1,"score":"high"}]}}`, search.Answer{Total: 1}, "1", 0},
		"nothing found":        {`{"response":{"numFound":0,"docs":[]}}`, search.Answer{}, "", 0},
		"not partial, it says": {`{"responseHeader":{"partialResults":false},"response":{"numFound":0,"docs":[]}}`, search.Answer{}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := (&Protocol{}).ParseAnswer([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if answer.Total != c.want.Total || answer.TotalIsLowerBound != c.want.TotalIsLowerBound || (c.id == "") != (len(answer.Hits) == 0) {
				t.Errorf("%+v", answer)
			}
			for _, hit := range answer.Hits {
				product, err := mapping.New(&sqv1.FieldMapping{Id: "id", Title: "title", AttributePrefixes: []string{"s"}}).Product(hit.Document)
				if err != nil || product.GetProductId() != c.id || hit.Score != c.score {
					t.Error(product, hit.Score, err)
				}
			}
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for body, problem := range map[string]string{
		``:                                       "breaks off or is not JSON",
		`{"response":{"numFound":1,"docs":[{"id`: "breaks off or is not JSON",
		`{"response":{"numFound":1,"docs":[]}} {}`: "more after",
		`{}`:                                  "has no response",
		`{"grouped":{"brand":{"groups":[]}}}`: "has no response",
		`{"response":{"docs":[]}}`:            "no numFound",
		`{"response":{"numFound":1,"docs":[null]}}`: "hit 1",
		`{"response":{"numFound":1,"docs":[7]}}`:    "of another type",
	} {
		_, err := (&Protocol{}).ParseAnswer([]byte(body))
		var malformed *search.MalformedError
		if !errors.As(err, &malformed) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", body, err, problem)
		}
	}
	_, err := (&Protocol{}).ParseAnswer([]byte(`{"responseHeader":{"partialResults":true},"response":{"numFound":1,"docs":[]}}`))
	if !errors.Is(err, search.ErrTimedOut) {
		t.Error(err)
	}
}

func TestRefusal(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"responseHeader":{"status":400},"error":{"metadata":["error-class","org.apache.solr.common.SolrException",
			"root-error-class","org.apache.solr.parser.ParseException"],"msg":"Cannot parse","code":400}}`: {"org.apache.solr.parser.ParseException", "Cannot parse"},
		`{"error":{"metadata":{"error-class":"x"},"msg":"m"}}`: {"", "m"},
		`{"error":{"trace":"at 10.0.0.1"}}`:                    {"", ""},
		`<html>`:                                               {"", ""},
	} {
		if kind, reason := (&Protocol{}).Refusal([]byte(body)); kind != want[0] || reason != want[1] {
			t.Error(body, kind, reason)
		}
	}
}
