package jsonsearch

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
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

func TestConfigurationThatCantWork(t *testing.T) {
	const address = `"url":"http://h/{{query}}"`
	for config, problem := range map[string]string{
		`{"url":"http://h/",` + plainAnswer + `}`:                                                                     "{{query}} stands nowhere",
		`{"url":"http://h/{{shop}}",` + plainAnswer + `}`:                                                             "json.url: {{shop}} stands for nothing",
		`{` + address + `,"filters":{"a":"b"},` + plainAnswer + `}`:                                                   "json.filters.a",
		`{` + address + `,"headers":[{"name":"X Y","value":"a"}],` + plainAnswer + `}`:                                "json.headers[0].name",
		`{` + address + `,"headers":[{"name":"host","value":"a"}],` + plainAnswer + `}`:                               "json.headers[0].name: host",
		`{` + address + `,"headers":[{"name":"X","value":"{{query}}"}],` + plainAnswer + `}`:                          "json.headers[0].value",
		`{` + address + `,"headers":[{"name":"X","value":"a\nb"}],` + plainAnswer + `}`:                               "json.headers[0].value",
		`{` + address + `,"body_template":"[]",` + plainAnswer + `}`:                                                  "json.body_template: is no JSON object",
		`{` + address + `,"answer":{"hits":"$.items[","id":"$.id","title":"$.t"}}`:                                    "json.answer.hits: $.items[ is no JSONPath",
		`{` + address + `,"answer":{"hits":"$.i","id":"$.id","title":"$.t","attributes":[{"path":"$[","name":"n"}]}}`: "json.answer.attributes[0].path",
	} {
		_, err := protocol(t, config)
		var bad *stagekit.InputError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", config, err, problem)
		}
	}
}

const nested = `{"url":"http://h/{{query}}","answer":{
	"hits":"$.data.groups[*].items","total":"$.data.found","score":"$.rank.score","id":"$.sku","title":"$.name.text","brand":"$.brand",
	"category":"$..category","price":"$.price",
	"attributes":[{"path":"$.facts[?@.name == 'colour'].value","name":"colour","tag_type":"COLOUR"},{"path":"$.facts[?@.unit == 3].value","name":"weight"}],
	"attribute_lists":[{"items":"$.facts[*]","name":"$.name","value":"$.value","tag_types":{"gender":"GENDER"}}]}}`

func TestNestedAnswer(t *testing.T) {
	p := must(t, nested)
	answer, err := p.ParseAnswer([]byte(`{"data":{"found":31,"groups":[
		{"items":[{"sku":7,"name":{"text":"Red dress"},"rank":{"score":2.50},"price":80.0,"z":{"category":"b"},"a":{"category":["a"]},
			"facts":[{"name":"colour","value":["red","blue"]},{"name":"gender","value":"women"},{"name":"weight","value":1e3,"unit":3}]}]},
		{"items":[{"sku":12345678901234567891,"name":{"text":"Hat"},"rank":{"score":null},"facts":[]}]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Total != 31 || answer.TotalIsLowerBound || len(answer.Hits) != 2 || answer.Hits[0].Score != 2.5 || answer.Hits[1].Score != 0 {
		t.Fatalf("%+v", answer)
	}
	var found []string
	for _, hit := range answer.Hits {
		product, err := mapping.New(p.Mapping()).Product(hit.Document)
		if err != nil {
			t.Fatal(err)
		}
		product.ContentHash = ""
		found = append(found, strings.ReplaceAll(fmt.Sprint(product), "  ", " "))
	}
	want := []string{
		`product_id:"7" title:"Red dress" categories:"a" categories:"b" attributes:{name:"colour" values:"red" values:"blue" tag_type:"COLOUR"} ` +
			`attributes:{name:"gender" values:"women" tag_type:"GENDER"} attributes:{name:"weight" values:"1000"} price:80`,
		`product_id:"12345678901234567891" title:"Hat"`,
	}
	if !slices.Equal(found, want) {
		t.Errorf("%q\nwant %q", found, want)
	}
	if unmatched := p.Unmatched(); !slices.Equal(unmatched, []string{"json.answer.brand"}) {
		t.Error(unmatched)
	}
}

func TestTotals(t *testing.T) {
	for name, c := range map[string]struct {
		total, body string
		hits        int
		want        uint64
		lower       bool
	}{
		"none given":                             {"", `{"items":[{"id":1,"t":"a"}]}`, 1, 1, true},
		"beside the hits":                        {"$.n", `{"n":9,"items":[{"id":1,"t":"a"}]}`, 1, 9, false},
		"0, and an empty list":                   {"$.n", `{"n":0,"items":[]}`, 0, 0, false},
		"0, and no list":                         {"$.n", `{"n":0}`, 0, 0, false},
		"no hit, and the title's path fits none": {"", `{"items":[]}`, 0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := must(t, `{"url":"http://h/{{query}}","answer":{"hits":"$.items","id":"$.id","title":"$.t","total":"`+c.total+`"}}`)
			answer, err := p.ParseAnswer([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if len(answer.Hits) != c.hits || answer.Total != c.want || answer.TotalIsLowerBound != c.lower {
				t.Errorf("%+v", answer)
			}
		})
	}
}

func TestAnswersThatDoNotFit(t *testing.T) {
	const config = `{"url":"http://h/{{query}}","answer":{"hits":"$.d.items","total":"$.n","score":"$.s","id":"$.id","title":"$.t","brand":"$.b",
		"attribute_lists":[{"items":"$.f[*]","name":"$.k","value":"$.v"}]}}`
	for body, c := range map[string]struct{ field, says string }{
		`{"n":1,"d":{"hits":[]},"took":3}`: {"json.answer.hits",
			`$.d.items matches nothing; the answer is an object {"d": an object {"hits": an empty list}, "n": a number, "took": a number}`},
		`{"n":1,"d":{"items":{"1":{}}}}`:                                     {"json.answer.hits", `matches an object {"1": an empty object}, not a list`},
		`[]`:                                                                 {"json.answer.total", "the answer is an empty list"},
		`{"n":"1","d":{"items":[]}}`:                                         {"json.answer.total", "matches a text, not one whole number"},
		`{"n":-1,"d":{"items":[]}}`:                                          {"json.answer.total", "not one whole number"},
		`{"n":1.5,"d":{"items":[]}}`:                                         {"json.answer.total", "not one whole number"},
		`{"n":1,"d":{"items":[{"id":1,"t":"a"}]}}`:                           {"json.answer.score", `the hit is an object {"id": a number, "t": a text}`},
		`{"n":1,"d":{"items":[{"id":1,"t":"a","s":"1"}]}}`:                   {"json.answer.score", "matches a text, not a number"},
		`{"n":1,"d":{"items":[{"t":"a","s":1}]}}`:                            {"json.answer.id", "matches nothing in hit 1"},
		`{"n":1,"d":{"items":[{"id":1,"s":1},{"id":2,"s":1}]}}`:              {"json.answer.title", "matches nothing in any of 2 hits"},
		`{"n":1,"d":{"items":[{"id":1,"s":1,"t":{"en":"a"}}]}}`:              {"json.answer.title", `matches an object {"en": a text}, not a text`},
		`{"n":1,"d":{"items":[{"id":1,"s":1,"t":"a","b":[[{}]]}]}}`:          {"json.answer.brand", "not a text or number"},
		`{"n":1,"d":{"items":[{"id":1,"s":1,"t":"a","f":[{"name":"x"}]}]}}`:  {"json.answer.attribute_lists[0].name", `the item is an object {"name": a text}`},
		`{"n":1,"d":{"items":[{"id":1,"s":1,"t":"a","f":[{"k":7,"v":1}]}]}}`: {"json.answer.attribute_lists[0].name", "matches a number"},
	} {
		_, err := must(t, config).ParseAnswer([]byte(body))
		var misfit *search.MappingError
		if !errors.As(err, &misfit) || misfit.Field != c.field || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v\nwant %s: %s", body, err, c.field, c.says)
		}
	}
}

func TestAnswersThatAreNoJSON(t *testing.T) {
	for _, body := range []string{"", "<html>", `{"items":[`, `{"items":[]} x`, strings.Repeat("[", 20000)} {
		_, err := must(t, `{"url":"http://h/{{query}}",`+plainAnswer+`}`).ParseAnswer([]byte(body))
		var malformed *search.MalformedError
		if !errors.As(err, &malformed) {
			t.Errorf("%.20s: %v", body, err)
		}
	}
}
