package opensearch

import (
	"errors"
	"strings"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
)

// demotion multiplies the score of a document that a probe lowers.
const demotion = 0.2

// errNoFields: a body_template without a multi_match says nothing of the fields that words are looked for in.
var errNoFields = errors.New("the request has no multi_match, so a probe cannot require all words")

// override applies the changes of a probe to a request body, which keeps its own query inside.
func (p *Protocol) override(body map[string]any, query *sqv1.Query) error {
	request := query.GetProbe().GetRequest()
	if request == nil {
		return nil
	}
	must := []any{body["query"]}
	var filter, should []any
	if request.GetMinimumShouldMatch() != "" {
		fields := searchedFields(body["query"])
		if len(fields) == 0 {
			return errNoFields
		}
		filter = append(filter, requireWords(query.GetText(), request.GetMinimumShouldMatch(), fields))
	}
	var lowered any
	for _, boost := range request.GetBoosts() {
		match, err := fieldMatch(p.fields, boost)
		if err != nil {
			return err
		}
		if boost.GetWeight() < 0 {
			lowered = match
			continue
		}
		should = append(should, map[string]any{"constant_score": map[string]any{"filter": match, "boost": boost.GetWeight()}})
	}
	changed := map[string]any{"bool": clauses(must, filter, should)}
	if lowered != nil {
		changed = map[string]any{"boosting": map[string]any{"positive": changed, "negative": lowered, "negative_boost": demotion}}
	}
	body["query"] = changed
	return nil
}

// requireWords filters by the number of words that a document must hold in any of the fields. It leaves the scores alone.
func requireWords(text, minimum string, fields []any) any {
	return map[string]any{"multi_match": map[string]any{
		"query": text, "type": "cross_fields", "fields": fields, "minimum_should_match": minimum,
	}}
}

func clauses(must, filter, should []any) map[string]any {
	all := map[string]any{"must": must}
	if len(filter) > 0 {
		all["filter"] = filter
	}
	if len(should) > 0 {
		all["should"] = should
	}
	return all
}

// fieldMatch looks for the words of a boost in the index field of its tag type: all of them to raise, any of them to lower.
func fieldMatch(fields *mapping.Mapping, boost *sqv1.Boost) (any, error) {
	name, err := fields.FieldOf(boost.GetTagType())
	if err != nil {
		return nil, err
	}
	operator := "and"
	if boost.GetWeight() < 0 {
		operator = "or"
	}
	return map[string]any{"match": map[string]any{name: map[string]any{"query": boost.GetValue(), "operator": operator}}}, nil
}

// searchedFields collects the fields of every multi_match in a query, without their boosts.
func searchedFields(node any) []any {
	var found []any
	switch value := node.(type) {
	case map[string]any:
		if match, is := value["multi_match"].(map[string]any); is {
			found = append(found, bare(match["fields"])...)
		}
		for name, child := range value {
			if name != "multi_match" {
				found = append(found, searchedFields(child)...)
			}
		}
	case []any:
		for _, child := range value {
			found = append(found, searchedFields(child)...)
		}
	}
	return found
}

func bare(fields any) []any {
	var names []any
	switch list := fields.(type) {
	case []any:
		for _, field := range list {
			if name, is := field.(string); is {
				names = append(names, withoutBoost(name))
			}
		}
	case []string:
		for _, name := range list {
			names = append(names, withoutBoost(name))
		}
	}
	return names
}

func withoutBoost(field string) string {
	name, _, _ := strings.Cut(field, "^")
	return name
}
