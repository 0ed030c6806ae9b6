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
		``:                                   "it breaks off or is not JSON",
		`<html>busy</html>`:                  "it breaks off or is not JSON",
		`{"hits":{"hits":[{"_id":"1"`:        "it breaks off or is not JSON",
		`[]`:                                 "of another type",
		`{}`:                                 "has no hits",
		`{"hits":null}`:                      "has no hits",
		`{"hits":[]}`:                        "hits is of another type",
		`{"hits":{"total":"7","hits":[]}}`:   "hits.total",
		`{"hits":{"total":{},"hits":[]}}`:    "hits.total",
		`{"hits":{"total":-1,"hits":[]}}`:    "hits.total",
		`{"hits":{"hits":[{"_id":"1"}]}}`:    "hit 1: it has no _source",
		`{"hits":{"hits":[{"_source":[]}]}}`: "hit 1: its _source is no object",
		`{"hits":{"hits":[{"_source":{}},{"_source":null}]}}`: "hit 2: its _source is no object",
		`{"hits":{"hits":[{"_score":"high","_source":{}}]}}`:  "of another type",
	} {
		_, err := (&Protocol{}).ParseAnswer([]byte(body))
		var malformed *search.MalformedError
		if !errors.As(err, &malformed) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", body, err, problem)
		}
	}
}

func TestAnswersThatAreNotWhole(t *testing.T) {
	if _, err := (&Protocol{}).ParseAnswer([]byte(`{"timed_out":true,"hits":{"total":1,"hits":[]}}`)); !errors.Is(err, search.ErrTimedOut) {
		t.Error(err)
	}
	_, err := (&Protocol{}).ParseAnswer([]byte(`{"_shards":{"total":5,"failed":2},"hits":{"total":1,"hits":[]}}`))
	var failed *search.ShardsFailedError
	if !errors.As(err, &failed) || failed.Failed != 2 || failed.Total != 5 {
		t.Error(err)
	}
}

func TestRefusal(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"root_cause":[{"type":"parsing_exception","reason":"[10.0.0.1] no"}],"type":"search_phase"},"status":400}`: "parsing_exception",
		`{"error":{"type":"index_not_found_exception"}}`:                                                                      "index_not_found_exception",
		`{"error":"IndexMissing"}`:              "",
		`{"error":{"type":"at 10.0.0.1:9200"}}`: "",
		`busy`:                                  "",
	} {
		if kind, _ := (&Protocol{}).Refusal([]byte(body)); kind != want {
			t.Errorf("%s: %q", body, kind)
		}
	}
}
