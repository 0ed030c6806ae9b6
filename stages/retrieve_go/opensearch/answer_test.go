package opensearch

import (
	"errors"
	"strings"
	"testing"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

func TestParseAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		hits  int
		total uint64
		lower bool
	}{
		"exact total":         {`{"hits":{"total":{"value":7,"relation":"eq"},"hits":[{"_id":"1","_score":1.5,"_source":{}}]}}`, 1, 7, false},
		"lower bound":         {`{"hits":{"total":{"value":10000,"relation":"gte"},"hits":[]}}`, 0, 10000, true},
		"total as a number":   {`{"hits":{"total":3,"hits":[]}}`, 0, 3, false},
		"no total":            {`{"hits":{"hits":[{"_score":1,"_source":{}},{"_score":1,"_source":{}}]}}`, 2, 2, true},
		"total null":          {`{"hits":{"total":null,"hits":[]}}`, 0, 0, true},
		"no hits at all":      {`{"took":1,"timed_out":false,"_shards":{"total":1,"failed":0},"hits":{"total":{"value":0,"relation":"eq"},"max_score":null,"hits":[]}}`, 0, 0, false},
		"sorted, so unscored": {`{"hits":{"total":1,"hits":[{"_score":null,"_source":{}}]}}`, 1, 1, false},
		"total as text":       {`{"hits":{"total":{"value":"3","relation":"gte"},"hits":[]}}`, 0, 3, true},
		"what nobody needs":   {`{"timed_out":0,"_shards":"all","_clusters":[],"hits":{"total":1,"max_score":"NaN","hits":[{"_id":{},"_score":"high","_source":{}}]}}`, 1, 1, false},
		"all clusters":        {`{"_clusters":{"total":2,"successful":2,"skipped":0},"hits":{"total":0,"hits":[]}}`, 0, 0, false},
		"more than asked for": {`{"aggregations":{},"hits":{"total":1,"hits":[{"_index":"x","_source":{"a":1},"sort":[1]}]}}`, 1, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := (&Protocol{}).ParseAnswer([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if len(answer.Hits) != c.hits || answer.Total != c.total || answer.TotalIsLowerBound != c.lower {
				t.Errorf("%+v", answer)
			}
		})
	}
}

func TestMalformedAnswers(t *testing.T) {
	for body, problem := range map[string]string{
		``:                                    "it is truncated or not JSON",
		`<html>busy</html>`:                   "it is truncated or not JSON",
		`{"hits":{"hits":[{"_id":"1"`:         "it is truncated or not JSON",
		`[]`:                                  "has the wrong type",
		`{}`:                                  "has no hits",
		`{"hits":null}`:                       "has no hits",
		`{"hits":[]}`:                         "hits has the wrong type",
		`{"hits":{"total":"many","hits":[]}}`: "hits.total",
		`{"error":{"type":"parsing_exception","reason":"x"},"status":400}`: "has no hits, but the error parsing_exception",
		`{"hits":{"hits":[{"fields":[]}]}}`:                                "hit 1: fields is not an object",
		`{"hits":{"total":{},"hits":[]}}`:                                  "hits.total",
		`{"hits":{"total":-1,"hits":[]}}`:                                  "hits.total",
		`{"hits":{"hits":[{"_id":"1"}]}}`:                                  "hit 1: _source is missing",
		`{"hits":{"hits":[{"_source":[]}]}}`:                               "hit 1: _source is not an object",
		`{"hits":{"hits":[{"_source":{}},{"_source":null}]}}`:              "hit 2: _source is not an object",
	} {
		_, err := (&Protocol{}).ParseAnswer([]byte(body))
		var malformed *search.MalformedError
		if !errors.As(err, &malformed) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", body, err, problem)
		}
	}
}

func TestIncompleteAnswers(t *testing.T) {
	if _, err := (&Protocol{}).ParseAnswer([]byte(`{"timed_out":true,"hits":{"total":1,"hits":[]}}`)); !errors.Is(err, search.ErrTimedOut) {
		t.Error(err)
	}
	_, err := (&Protocol{}).ParseAnswer([]byte(`{"_shards":{"total":5,"failed":2},"hits":{"total":1,"hits":[]}}`))
	var failed *search.ShardsFailedError
	if !errors.As(err, &failed) || failed.Failed != 2 || failed.Total != 5 {
		t.Error(err)
	}
}

func TestSkippedClustersMakeAnAnswerIncomplete(t *testing.T) {
	for _, counts := range []string{`"successful":1,"skipped":1`, `"successful":1,"failed":1`, `"successful":1,"partial":1`} {
		_, err := (&Protocol{}).ParseAnswer([]byte(`{"_clusters":{"total":2,` + counts + `},"hits":{"total":1,"hits":[]}}`))
		var missing *search.ClustersMissingError
		if !errors.As(err, &missing) || missing.Missing != 1 || missing.Total != 2 {
			t.Errorf("%s: %v", counts, err)
		}
	}
}

func TestDocuments(t *testing.T) {
	fields := &sqv1.FieldMapping{Id: "_id", Title: "name", Brand: "maker.name"}
	for name, c := range map[string]struct {
		hit, product string
		score        float64
	}{
		"text id":           {`{"_id":"a1","_score":1.5,"_source":{"name":"boot","maker":{"name":"Alpa"}}}`, "a1 boot Alpa", 1.5},
		"numeric id":        {`{"_id":12345678901234567891,"_score":2,"_source":{"name":"boot"}}`, "12345678901234567891 boot ", 2},
		"score not defined": {`{"_id":"a1","_score":"NaN","_source":{"name":"boot"}}`, "a1 boot ", 0},
		"score as text":     {`{"_id":"a1","_score":"1.5","_source":{"name":"boot"}}`, "a1 boot ", 1.5},
		"fields only":       {`{"_id":"a1","fields":{"name":["boot"],"maker.name":["Alpa"]}}`, "a1 boot Alpa", 0},
		"empty source":      {`{"_id":"a1","_source":{},"fields":{"name":["boot"]}}`, "a1 boot ", 0},
		"source first":      {`{"_id":"a1","_source":{"name":"boot"},"fields":{"name":["shoe"],"maker.name":["Alpa"]}}`, "a1 boot ", 0},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := (&Protocol{idFromHit: true}).ParseAnswer([]byte(`{"hits":{"total":1,"hits":[` + c.hit + `]}}`))
			if err != nil {
				t.Fatal(err)
			}
			product, err := mapping.New(fields).Product(answer.Hits[0].Document)
			if err != nil {
				t.Fatal(err)
			}
			found := product.GetProductId() + " " + product.GetTitle() + " " + product.GetBrand()
			if found != c.product || answer.Hits[0].Score != c.score {
				t.Errorf("%q %f", found, answer.Hits[0].Score)
			}
		})
	}
}
