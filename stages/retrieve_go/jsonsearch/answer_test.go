package jsonsearch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

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
		"a number as text":                       {"$.n", `{"n":"9","items":[{"id":1,"t":"a"}]}`, 1, 9, false},
		"a number with a point":                  {"$.n", `{"n":9.0,"items":[{"id":1,"t":"a"}]}`, 1, 9, false},
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
		`{"n":"some","d":{"items":[]}}`:                                      {"json.answer.total", "matches a string, not one integer of at least 0"},
		`{"n":-1,"d":{"items":[]}}`:                                          {"json.answer.total", "not one integer of at least 0"},
		`{"n":1.5,"d":{"items":[]}}`:                                         {"json.answer.total", "not one integer of at least 0"},
		`{"n":1,"d":{"items":[{"id":1,"t":"a"}]}}`:                           {"json.answer.score", `the hit is an object {"id": a number, "t": a string}`},
		`{"n":1,"d":{"items":[{"id":1,"t":"a","s":"high"}]}}`:                {"json.answer.score", "matches a string, not a number"},
		`{"n":1,"d":{"items":[{"t":"a","s":1}]}}`:                            {"json.answer.id", "matches nothing in hit 1"},
		`{"n":1,"d":{"items":[{"id":1,"s":1},{"id":2,"s":1}]}}`:              {"json.answer.title", "matches nothing in any of 2 hits"},
		`{"n":1,"d":{"items":[{"id":1,"s":1,"t":{"en":"a"}}]}}`:              {"json.answer.title", `matches an object {"en": a string}, not a string`},
		`{"n":1,"d":{"items":[{"id":1,"s":1,"t":"a","b":[[{}]]}]}}`:          {"json.answer.brand", "not a string or number"},
		`{"n":1,"d":{"items":[{"id":1,"s":1,"t":"a","f":[{"name":"x"}]}]}}`:  {"json.answer.attribute_lists[0].name", `the item is an object {"name": a string}`},
		`{"n":1,"d":{"items":[{"id":1,"s":1,"t":"a","f":[{"k":7,"v":1}]}]}}`: {"json.answer.attribute_lists[0].name", "matches a number"},
	} {
		_, err := must(t, config).ParseAnswer([]byte(body))
		var misfit *search.MappingError
		if !errors.As(err, &misfit) || misfit.Field != c.field || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v\nwant %s: %s", body, err, c.field, c.says)
		}
	}
}

func TestMalformedAnswers(t *testing.T) {
	for _, body := range []string{"", "<html>", `{"items":[`, `{"items":[]} x`, strings.Repeat("[", 20000)} {
		_, err := must(t, `{"url":"http://h/{{query}}",`+plainAnswer+`}`).ParseAnswer([]byte(body))
		var malformed *search.MalformedError
		if !errors.As(err, &malformed) {
			t.Errorf("%.20s: %v", body, err)
		}
	}
}
