package opensearch

import (
	"errors"
	"strings"
	"testing"

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
		``:                                   "it is truncated or not JSON",
		`<html>busy</html>`:                  "it is truncated or not JSON",
		`{"hits":{"hits":[{"_id":"1"`:        "it is truncated or not JSON",
		`[]`:                                 "has the wrong type",
		`{}`:                                 "has no hits",
		`{"hits":null}`:                      "has no hits",
		`{"hits":[]}`:                        "hits has the wrong type",
		`{"hits":{"total":"7","hits":[]}}`:   "hits.total",
		`{"hits":{"total":{},"hits":[]}}`:    "hits.total",
		`{"hits":{"total":-1,"hits":[]}}`:    "hits.total",
		`{"hits":{"hits":[{"_id":"1"}]}}`:    "hit 1: _source is missing",
		`{"hits":{"hits":[{"_source":[]}]}}`: "hit 1: _source is not an object",
		`{"hits":{"hits":[{"_source":{}},{"_source":null}]}}`: "hit 2: _source is not an object",
		`{"hits":{"hits":[{"_score":"high","_source":{}}]}}`:  "has the wrong type",
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
