package jsonsearch

import (
	"encoding/json"
	"fmt"
	"math"
	"sync/atomic"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

// answers reads answers by the paths of one configuration.
type answers struct {
	hits, total, score *path
	fields             []*field
	lists              []*attributeList
	mapping            *sqv1.FieldMapping
}

// field is a member of the documents made of hits.
type field struct {
	*path
	name    string
	need    need
	matched atomic.Bool
}

// need is in how many hits of an answer a field has to be.
type need int

const (
	inAny need = iota // a hit may lack it, and so may all
	inOne             // all of them without it is a path gone wrong
	inAll
)

func newAnswers(config *sqv1.JsonAnswer) (*answers, error) {
	a := &answers{mapping: &sqv1.FieldMapping{}}
	var err error
	for _, each := range []struct {
		into **path
		name string
		text string
	}{{&a.hits, "hits", config.GetHits()}, {&a.total, "total", config.GetTotal()}, {&a.score, "score", config.GetScore()}} {
		if *each.into, err = parsePath(each.text, "json.answer."+each.name); err != nil {
			return nil, err
		}
	}
	if err := a.addFields(config); err != nil {
		return nil, err
	}
	for i, attribute := range config.GetAttributes() {
		field := fmt.Sprintf("attributes[%d]", i)
		if err := a.add(field, field+".path", attribute.GetPath(), inAny); err != nil {
			return nil, err
		}
		a.mapping.Attributes = append(a.mapping.Attributes,
			&sqv1.AttributeField{Field: field, Name: attribute.GetName(), TagType: attribute.GetTagType()})
	}
	for i, list := range config.GetAttributeLists() {
		if err := a.addList(list, fmt.Sprintf("json.answer.attribute_lists[%d]", i)); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// addFields names the members of documents as the fields of the configuration.
func (a *answers) addFields(config *sqv1.JsonAnswer) error {
	for _, each := range []struct {
		into *string
		name string
		text string
		need need
	}{
		{&a.mapping.Id, "id", config.GetId(), inAll},
		{&a.mapping.Title, "title", config.GetTitle(), inOne},
		{&a.mapping.Description, "description", config.GetDescription(), inAny},
		{&a.mapping.Brand, "brand", config.GetBrand(), inAny},
		{&a.mapping.Category, "category", config.GetCategory(), inAny},
		{&a.mapping.Price, "price", config.GetPrice(), inAny},
		{&a.mapping.Image, "image", config.GetImage(), inAny},
	} {
		if each.text == "" {
			continue
		}
		*each.into = each.name
		if err := a.add(each.name, each.name, each.text, each.need); err != nil {
			return err
		}
	}
	return nil
}

func (a *answers) add(name, of, text string, need need) error {
	path, err := parsePath(text, "json.answer."+of)
	if err != nil {
		return err
	}
	a.fields = append(a.fields, &field{path: path, name: name, need: need})
	return nil
}

// Mapping is how the documents that answers are made into become products.
func (a *answers) Mapping() *sqv1.FieldMapping { return a.mapping }

// ParseAnswer implements search.Protocol. Errors: *search.MalformedError, *search.MappingError.
func (a *answers) ParseAnswer(body []byte) (*search.Answer, error) {
	tree, err := parse(body)
	if err != nil {
		return nil, &search.MalformedError{Problem: "the answer is no JSON: it breaks off or is not JSON"}
	}
	answer := &search.Answer{}
	if err := a.setTotal(answer, tree); err != nil {
		return nil, err
	}
	hits, err := a.listed(tree, a.total != nil && answer.Total == 0)
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

// listed gives the hits. There need be no list where the endpoint says that nothing was found.
func (a *answers) listed(tree any, none bool) ([]any, error) {
	lists := a.hits.in(tree)
	if len(lists) == 0 && !none {
		return nil, a.hits.misfit("matches nothing; the answer is %s", shape(tree))
	}
	var hits []any
	for _, node := range lists {
		list, is := node.([]any)
		if !is {
			return nil, a.hits.misfit("matches %s, not a list of hits", shape(node))
		}
		hits = append(hits, list...)
	}
	return hits, nil
}

func (a *answers) setTotal(answer *search.Answer, tree any) error {
	if a.total == nil {
		return nil
	}
	found := a.total.in(tree)
	if len(found) == 0 {
		return a.total.misfit("matches nothing; the answer is %s", shape(tree))
	}
	total, is := found[0].(int64)
	if !is || total < 0 || len(found) > 1 {
		return a.total.misfit("matches %s, not one whole number", shapeOfAll(found))
	}
	answer.Total = uint64(total)
	return nil
}

func (a *answers) setScore(into *search.Hit, hit any) error {
	if a.score == nil {
		return nil
	}
	found := a.score.in(hit)
	if len(found) == 0 {
		return a.score.misfit("matches nothing; the hit is %s", shape(hit))
	}
	switch score := found[0].(type) {
	case int64:
		into.Score = float64(score)
	case float64:
		into.Score = score
	case json.Number:
		into.Score, _ = score.Float64()
	case nil:
	default:
		return a.score.misfit("matches %s, not a number", shape(score))
	}
	if math.IsInf(into.Score, 0) {
		into.Score = 0
	}
	return nil
}

// read puts the field of each hit into its document.
func (f *field) read(hits []any, into []search.Hit) error {
	matched := 0
	for i, hit := range hits {
		values, err := f.values(hit)
		if err != nil {
			return err
		}
		if len(values) == 0 {
			if f.need == inAll {
				return f.misfit("matches nothing in hit %d, which is %s", i+1, shape(hit))
			}
			continue
		}
		matched++
		into[i].Document[f.name] = values
	}
	if matched > 0 {
		f.matched.Store(true)
	} else if f.need == inOne && len(hits) > 0 {
		return f.misfit("matches nothing in any of %d hits; the first is %s", len(hits), shape(hits[0]))
	}
	return nil
}

// Unmatched implements search.Protocol.
func (a *answers) Unmatched() []string {
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

// Refusal implements search.Protocol: what another status holds differs from endpoint to endpoint.
func (a *answers) Refusal([]byte) (kind, reason string) { return "", "" }

func shapeOfAll(nodes []any) string {
	if len(nodes) == 1 {
		return shape(nodes[0])
	}
	return fmt.Sprintf("%d values", len(nodes))
}
