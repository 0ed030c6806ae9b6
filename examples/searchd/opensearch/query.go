package opensearch

import (
	"encoding/json"
	"fmt"

	"sq/examples/searchd/shop"
)

// wireQuery is one clause of the query language; exactly one field is set.
type wireQuery struct {
	MultiMatch    *wireMultiMatch          `json:"multi_match"`
	Match         map[string]wireFieldText `json:"match"`
	Bool          *wireBool                `json:"bool"`
	ConstantScore *wireConstantScore       `json:"constant_score"`
	Boosting      *wireBoosting            `json:"boosting"`
}

type wireFieldText struct {
	Query              string          `json:"query"`
	Operator           string          `json:"operator"`
	MinimumShouldMatch json.RawMessage `json:"minimum_should_match"`
}

type wireBool struct {
	Must   []wireQuery `json:"must"`
	Filter []wireQuery `json:"filter"`
	Should []wireQuery `json:"should"`
}

type wireConstantScore struct {
	Filter wireQuery `json:"filter"`
	Boost  float64   `json:"boost"`
}

type wireBoosting struct {
	Positive      wireQuery `json:"positive"`
	Negative      wireQuery `json:"negative"`
	NegativeBoost float64   `json:"negative_boost"`
}

func (q *wireQuery) parse() (shop.Clause, error) {
	switch {
	case q.MultiMatch != nil:
		return named("multi_match")(q.MultiMatch.parse())
	case len(q.Match) == 1:
		return named("match")(parseMatch(q.Match))
	case q.Bool != nil:
		return named("bool")(q.Bool.parse())
	case q.ConstantScore != nil:
		filter, err := q.ConstantScore.Filter.parse()
		return named("constant_score")(shop.Constant{Clause: filter, Score: q.ConstantScore.Boost}, err)
	case q.Boosting != nil:
		return named("boosting")(q.Boosting.parse())
	}
	return nil, fmt.Errorf("query: use multi_match, match of one field, bool, constant_score or boosting")
}

// named adds the name of the clause to an error.
func named(name string) func(shop.Clause, error) (shop.Clause, error) {
	return func(clause shop.Clause, err error) (shop.Clause, error) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return clause, nil
	}
}

func parseMatch(match map[string]wireFieldText) (shop.Clause, error) {
	var multi wireMultiMatch
	for field, text := range match {
		multi = wireMultiMatch{Query: text.Query, Fields: []string{field}, Operator: text.Operator, MinimumShouldMatch: text.MinimumShouldMatch}
	}
	return multi.parse()
}

func (b *wireBool) parse() (shop.Clause, error) {
	var made shop.All
	if len(b.Must)+len(b.Filter) == 0 {
		return nil, fmt.Errorf("must and filter are empty; fill at least one")
	}
	for _, part := range []struct {
		given []wireQuery
		into  *[]shop.Clause
	}{{b.Must, &made.Must}, {b.Filter, &made.Filter}, {b.Should, &made.Should}} {
		for _, given := range part.given {
			clause, err := given.parse()
			if err != nil {
				return nil, err
			}
			*part.into = append(*part.into, clause)
		}
	}
	return made, nil
}

func (b *wireBoosting) parse() (shop.Clause, error) {
	positive, err := b.Positive.parse()
	if err != nil {
		return nil, err
	}
	negative, err := b.Negative.parse()
	return shop.Lowered{Positive: positive, Negative: negative, Factor: b.NegativeBoost}, err
}

// text is what a customer typed: the text of the first multi_match.
func (q *wireQuery) text() string {
	switch {
	case q.MultiMatch != nil:
		return q.MultiMatch.Query
	case q.Bool != nil && len(q.Bool.Must) > 0:
		return q.Bool.Must[0].text()
	case q.Boosting != nil:
		return q.Boosting.Positive.text()
	}
	return ""
}
