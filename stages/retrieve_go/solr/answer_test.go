package solr

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
		want  search.Answer
		id    string
		score float64
	}{
		"multi-valued fields": {`{"responseHeader":{"status":0,"QTime":1},"response":{"numFound":7,"start":0,"maxScore":1.5,"numFoundExact":true,
			"docs":[{"id":"p1","title":["one","two"],"score":1.5}]}}`, search.Answer{Total: 7}, "p1", 1.5},
		"a lower bound":        {`{"response":{"numFound":9,"numFoundExact":false,"docs":[{"id":12345678901234567891}]}}`, search.Answer{Total: 9, TotalIsLowerBound: true}, "12345678901234567891", 0},
		"before Solr 8.6":      {`{"response":{"numFound":1,"docs":[{"id":1,"score":"high"}]}}`, search.Answer{Total: 1}, "1", 0},
		"a number as text":     {`{"responseHeader":[],"response":{"numFound":"2","numFoundExact":"yes","docs":[{"id":1}]}}`, search.Answer{Total: 2}, "1", 0},
		"score not defined":    {`{"response":{"numFound":1,"docs":[{"id":1,"score":"NaN"}]}}`, search.Answer{Total: 1}, "1", 0},
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

func TestMalformedAnswers(t *testing.T) {
	for body, problem := range map[string]string{
		``:                                       "is truncated or not JSON",
		`{"response":{"numFound":1,"docs":[{"id`: "is truncated or not JSON",
		`{"response":{"numFound":1,"docs":[]}} {}`: "text after",
		`{}`:                                  "has no field response",
		`{"grouped":{"brand":{"groups":[]}}}`: "group.main",
		`{"response":{"docs":[]}}`:            "no field response.numFound",
		`{"response":{"numFound":"many","docs":[]}}`:                                                            "numFound is not a number",
		`{"error":{"metadata":["root-error-class","org.apache.solr.search.SyntaxError"],"msg":"x","code":400}}`: "but the error org.apache.solr.search.SyntaxError",
		`{"response":{"numFound":1,"docs":[null]}}`:                                                             "hit 1",
		`{"response":{"numFound":1,"docs":[7]}}`:                                                                "has the wrong type",
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
