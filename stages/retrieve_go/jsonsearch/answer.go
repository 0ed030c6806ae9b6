package jsonsearch

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

// ParseAnswer implements search.Protocol. Errors: *search.MalformedError, *search.MappingError.
func (a *answerReader) ParseAnswer(body []byte) (*search.Answer, error) {
	tree, err := parse(body)
	if err != nil {
		return nil, &search.MalformedError{Problem: "the answer is not JSON or is truncated"}
	}
	answer := &search.Answer{}
	if err := a.setTotal(answer, tree); err != nil {
		return nil, err
	}
	hits, err := a.listOf(tree, a.total != nil && answer.Total == 0)
	if err != nil {
		return nil, err
	}
	if a.total == nil {
		answer.Total, answer.TotalIsLowerBound = uint64(len(hits)), true
	}
	for _, hit := range hits {
		answer.Hits = append(answer.Hits, search.Hit{Document: mapping.Document{}})
		if err := a.setScore(&answer.Hits[len(answer.Hits)-1], hit); err != nil {
			return nil, err
		}
	}
	for _, field := range a.fields {
		if err := field.read(hits, answer.Hits); err != nil {
			return nil, err
		}
	}
	for _, list := range a.lists {
		if err := list.read(hits, answer.Hits); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// listOf returns the hits. The list may be missing if the total is 0.
func (a *answerReader) listOf(tree any, mayLack bool) ([]any, error) {
	lists := a.hits.in(tree)
	if len(lists) == 0 && !mayLack {
		return nil, a.hits.mismatch("matches nothing; the answer is %s", shape(tree))
	}
	var hits []any
	for _, node := range lists {
		list, is := node.([]any)
		if !is {
			return nil, a.hits.mismatch("matches %s, not a list of hits", shape(node))
		}
		hits = append(hits, list...)
	}
	return hits, nil
}

func (a *answerReader) setTotal(answer *search.Answer, tree any) error {
	if a.total == nil {
		return nil
	}
	found := a.total.in(tree)
	if len(found) == 0 {
		return a.total.mismatch("matches nothing; the answer is %s", shape(tree))
	}
	total, is := count(found[0])
	if !is || len(found) > 1 {
		return a.total.mismatch("matches %s, not one integer of at least 0", shapeOfAll(found))
	}
	answer.Total = total
	return nil
}

func (a *answerReader) setScore(into *search.Hit, hit any) error {
	if a.score == nil {
		return nil
	}
	found := a.score.in(hit)
	if len(found) == 0 {
		return a.score.mismatch("matches nothing; the hit is %s", shape(hit))
	}
	switch score := found[0].(type) {
	case int64:
		into.Score = float64(score)
	case float64:
		into.Score = score
	case json.Number:
		into.Score, _ = score.Float64()
	case string:
		if into.Score = search.Score(score); into.Score == 0 && !isNumber(score) {
			return a.score.mismatch("matches %s, not a number", shape(score))
		}
	case nil:
	default:
		return a.score.mismatch("matches %s, not a number", shape(score))
	}
	if math.IsInf(into.Score, 0) {
		into.Score = 0
	}
	return nil
}

// count reads a number of products, which some services write as a string.
func count(node any) (uint64, bool) {
	switch value := node.(type) {
	case int64, float64, string, json.Number:
		return search.Count(fmt.Sprint(value))
	}
	return 0, false
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

// Unmatched implements search.Protocol.
func (a *answerReader) Unmatched() []string {
	var fields []string
	for _, field := range a.fields {
		if !field.matched.Load() {
			fields = append(fields, field.field)
		}
	}
	for _, list := range a.lists {
		if !list.matched.Load() {
			fields = append(fields, list.items.field)
		}
	}
	return fields
}

// ErrorKind implements search.Protocol. It returns nothing, because endpoints have no common kinds of errors.
func (a *answerReader) ErrorKind([]byte) string { return "" }
