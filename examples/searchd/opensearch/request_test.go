package opensearch

import (
	"reflect"
	"strings"
	"testing"

	"sq/examples/searchd/shop"
)

func TestParseRequest(t *testing.T) {
	for name, c := range map[string]struct {
		body       string
		kind       shop.MatchType
		fields     []shop.Field
		from, size int
		minimum    []int // of 1, 2, 3, 4 words
		counts     bool
		source     SourceFilter
	}{
		"as the adapter sends it by itself": {
			`{"_source":["title","attr_*"],"query":{"multi_match":{"fields":["title^3","brand"],"query":"a","type":"best_fields"}},"size":25,"track_total_hits":true}`,
			shop.BestFields, []shop.Field{{Name: "title", Boost: 3}, {Name: "brand", Boost: 1}}, 0, 25, []int{1, 1, 1, 1}, true, SourceFilter{"title", "attr_*"},
		},
		"as little as there can be": {
			`{"query":{"multi_match":{"fields":["title"],"query":"a"}}}`,
			shop.BestFields, []shop.Field{{Name: "title", Boost: 1}}, 0, 10, []int{1, 1, 1, 1}, true, nil,
		},
		"all words": {
			`{"query":{"multi_match":{"fields":["title"],"query":"a","type":"cross_fields","operator":"AND"}},"track_total_hits":false,"from":5,"_source":"title"}`,
			shop.CrossFields, []shop.Field{{Name: "title", Boost: 1}}, 5, 10, []int{1, 2, 3, 4}, false, SourceFilter{"title"},
		},
		"a number of words": {
			`{"query":{"multi_match":{"fields":["title^0.5"],"query":"a","operator":"or","minimum_should_match":2}},"track_total_hits":100,"_source":true}`,
			shop.BestFields, []shop.Field{{Name: "title", Boost: 0.5}}, 0, 10, []int{1, 2, 2, 2}, true, nil,
		},
		"all but one": {
			`{"query":{"multi_match":{"fields":["title"],"query":"a","minimum_should_match":"-1"}},"size":0}`,
			shop.BestFields, []shop.Field{{Name: "title", Boost: 1}}, 0, 0, []int{1, 1, 2, 3}, true, nil,
		},
		"a share": {
			`{"query":{"multi_match":{"fields":["title"],"query":"a","minimum_should_match":"75%"}}}`,
			shop.BestFields, []shop.Field{{Name: "title", Boost: 1}}, 0, 10, []int{1, 1, 2, 3}, true, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := ParseRequest([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			query, isQuery := request.Query.(shop.Query)
			if !isQuery {
				t.Fatalf("%T, want one multi_match", request.Query)
			}
			var minimum []int
			for words := 1; words <= 4; words++ {
				minimum = append(minimum, query.MinimumShouldMatch(words))
			}
			if !reflect.DeepEqual(minimum, c.minimum) {
				t.Errorf("minimum %v, want %v", minimum, c.minimum)
			}
			want := &Request{
				Query: shop.Query{Text: "a", Fields: c.fields, Type: c.kind}, Text: "a",
				From: c.from, Size: c.size, TrackTotalHits: c.counts, Source: c.source,
			}
			query.MinimumShouldMatch = nil
			request.Query = query
			if !reflect.DeepEqual(request, want) {
				t.Errorf("%+v, want %+v", request, want)
			}
		})
	}
}

func TestRejectedRequests(t *testing.T) {
	search := func(more string) string { return `{"query":{"multi_match":{"fields":["title"],"query":"a"` + more }
	for body, problem := range map[string]string{
		``:                                     "EOF",
		`[]`:                                   "cannot unmarshal",
		`{}`:                                   "query: use multi_match",
		`{"query":{"match_all":{}}}`:           "match_all",
		search(`}},"sort":["price"]}`):         "sort",
		search(`}},"aggs":{}}`):                "aggs",
		search(`,"fuzziness":"AUTO"}}}`):       "fuzziness",
		search(`,"type":"phrase"}}}`):          `type: "phrase"`,
		search(`,"operator":"xor"}}}`):         `operator: "xor"`,
		search(`,"minimum_should_match":"x"}`): "unexpected EOF",
		search(`,"minimum_should_match":"2<75%"}}}`):                        "minimum_should_match",
		search(`}},"size":-1}`):                                             "from and size must not be negative",
		search(`}},"size":10001}`):                                          "from and size must not be negative",
		search(`}},"from":9999,"size":2}`):                                  "from and size must not be negative",
		search(`}},"track_total_hits":"yes"}`):                              "track_total_hits",
		search(`}},"_source":{"includes":["a"]}}`):                          "_source",
		search(`}},"_source":false}`):                                       "_source",
		search(`}}} {}`):                                                    "text after",
		`{"query":{"multi_match":{"fields":[],"query":"a"}}}`:               "fields is empty",
		`{"query":{"multi_match":{"query":"a"}}}`:                           "fields is empty",
		`{"query":{"bool":{}}}`:                                             "must and filter are empty",
		`{"query":{"boosting":{"positive":{}}}}`:                            "boosting: query: use multi_match",
		`{"query":{"multi_match":{"fields":["name"],"query":"a"}}}`:         `"name" is not one of title`,
		`{"query":{"multi_match":{"fields":["title^"],"query":"a"}}}`:       "must be a number above 0",
		`{"query":{"multi_match":{"fields":["title^-1"],"query":"a"}}}`:     "must be a number above 0",
		`{"query":{"multi_match":{"fields":["title^NaN"],"query":"a"}}}`:    "must be a number above 0",
		`{"query":{"multi_match":{"fields":["title"],"query":["a"]}}}`:      "cannot unmarshal",
		`{"query":{"multi_match":{"fields":["title"],"query":"a"}},"x":""}`: `"x"`,
	} {
		if _, err := ParseRequest([]byte(body)); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", body, err, problem)
		}
	}
}
