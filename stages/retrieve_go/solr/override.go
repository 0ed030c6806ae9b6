package solr

import (
	"fmt"
	"strings"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

const (
	// demotion multiplies the score of a document that a probe lowers.
	demotion = 0.2
	// Names of the parameters that a probe adds; the engine's own settings have other names, so that they stay.
	mainParameter    = "sq_main"
	textParameter    = "sq_text"
	raisedParameter  = "sq_raised"
	loweredParameter = "sq_lowered"
)

// override adds the changes of a probe to the parameters of a request. The query that would be sent becomes a part of the
// changed one, so the boosts of the configuration and of the request handler keep their effect.
func override(pairs []pair, query *sqv1.Query, fields *mapping.Mapping) ([]pair, error) {
	request := query.GetProbe().GetRequest()
	if request == nil {
		return pairs, nil
	}
	if minimum := request.GetMinimumShouldMatch(); minimum != "" {
		pairs = set(pairs, "mm", minimum)
	}
	if len(request.GetBoosts()) == 0 {
		return pairs, nil
	}
	changed := get(pairs, "q")
	if !strings.HasPrefix(changed, "{!") {
		pairs = set(pairs, textParameter, changed)
		changed = "{!" + parserOf(pairs) + " v=$" + textParameter + "}"
	}
	for i, boost := range request.GetBoosts() {
		clause, err := clauseOf(boost, fields)
		if err != nil {
			return nil, err
		}
		main := fmt.Sprintf("%s%d", mainParameter, i)
		pairs = set(pairs, main, changed)
		if boost.GetWeight() < 0 {
			lowered := fmt.Sprintf("%s%d", loweredParameter, i)
			pairs = set(pairs, lowered, clause)
			changed = fmt.Sprintf("{!boost b=if(exists(query($%s)),%g,1) v=$%s}", lowered, demotion, main)
			continue
		}
		raised := fmt.Sprintf("%s%d", raisedParameter, i)
		pairs = set(pairs, raised, fmt.Sprintf("(%s)^=%g", clause, boost.GetWeight()))
		changed = fmt.Sprintf("{!bool must=$%s should=$%s}", main, raised)
	}
	pairs = set(pairs, "q", changed)
	return set(pairs, "defType", "lucene"), nil
}

// parserOf is the parser that reads q: the configured one; edismax where the request handler decides.
func parserOf(pairs []pair) string {
	if parser := get(pairs, "defType"); parser != "" {
		return parser
	}
	return "edismax"
}

// clauseOf looks for the words of a boost in the index field of its tag type: all of them to raise, any of them to lower.
func clauseOf(boost *sqv1.Boost, fields *mapping.Mapping) (string, error) {
	name, err := fields.FieldOf(boost.GetTagType())
	if err != nil {
		return "", &search.ProbeError{Problem: err.Error()}
	}
	operator := " AND "
	if boost.GetWeight() < 0 {
		operator = " OR "
	}
	var words []string
	for _, word := range strings.Fields(boost.GetValue()) {
		words = append(words, name+":"+quoted(word))
	}
	return strings.Join(words, operator), nil
}

func quoted(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}

// pair is one parameter of a request, filled in.
type pair = search.Pair

func get(pairs []pair, name string) string {
	for _, each := range pairs {
		if each.Name == name {
			return each.Value
		}
	}
	return ""
}

func set(pairs []pair, name, value string) []pair {
	for i, each := range pairs {
		if each.Name == name {
			pairs[i].Value = value
			return pairs
		}
	}
	return append(pairs, pair{Name: name, Value: value})
}
