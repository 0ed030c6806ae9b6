package opensearch

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sq/examples/searchd/shop"
)

type wireMultiMatch struct {
	Query              string          `json:"query"`
	Fields             []string        `json:"fields"`
	Type               string          `json:"type"`
	Operator           string          `json:"operator"`
	MinimumShouldMatch json.RawMessage `json:"minimum_should_match"`
}

func (m *wireMultiMatch) parse() (shop.Query, error) {
	query := shop.Query{Text: m.Query, Type: shop.MatchType(m.Type)}
	switch query.Type {
	case "":
		query.Type = shop.BestFields
	case shop.BestFields, shop.CrossFields:
	default:
		return query, fmt.Errorf("type: %q is not supported; use best_fields or cross_fields", m.Type)
	}
	if len(m.Fields) == 0 {
		return query, fmt.Errorf("fields is empty; list at least one")
	}
	for _, text := range m.Fields {
		field, err := parseField(text)
		if err != nil {
			return query, err
		}
		query.Fields = append(query.Fields, field)
	}
	minimum, err := m.minimum()
	query.MinimumShouldMatch = minimum
	return query, err
}

func parseField(text string) (shop.Field, error) {
	name, boost, boosted := strings.Cut(text, "^")
	field := shop.Field{Name: name, Boost: 1}
	if !slices.Contains(shop.Fields, name) {
		return field, fmt.Errorf("fields: %q is not one of %s", name, strings.Join(shop.Fields, ", "))
	}
	if boosted {
		value, err := strconv.ParseFloat(boost, 64)
		if err != nil || !(value > 0) || math.IsInf(value, 0) {
			return field, fmt.Errorf("fields: %q: the boost must be a number above 0", text)
		}
		field.Boost = value
	}
	return field, nil
}

// minimum evaluates operator and minimum_should_match. The latter is a number of words or a percentage, rounded down. A negative
// value is how many words may be missing.
func (m *wireMultiMatch) minimum() (func(int) int, error) {
	operator := strings.ToLower(m.Operator)
	switch {
	case operator == "and":
		return func(words int) int { return words }, nil
	case operator != "" && operator != "or":
		return nil, fmt.Errorf(`operator: %q: use "and" or "or"`, m.Operator)
	case len(m.MinimumShouldMatch) == 0:
		return func(int) int { return 1 }, nil
	}
	text := strings.Trim(string(m.MinimumShouldMatch), `"`)
	number, percent := strings.CutSuffix(text, "%")
	value, err := strconv.Atoi(number)
	if err != nil {
		return nil, fmt.Errorf("minimum_should_match: %s: use a number or a percentage", text)
	}
	return func(words int) int {
		count := value
		if percent {
			count = words * value / 100
		}
		if value < 0 {
			count += words
		}
		return min(max(count, 1), words)
	}, nil
}
