package jsonsearch

import (
	"fmt"

	sqv1 "sq/proto/sq/v1"
)

// answerReader converts answers to hits by the paths of one configuration.
type answerReader struct {
	hits, total, score *path
	fields             []*field
	lists              []*attributeList
	mapping            *sqv1.FieldMapping
}

func newAnswerReader(config *sqv1.JsonAnswer) (*answerReader, error) {
	a := &answerReader{mapping: &sqv1.FieldMapping{}}
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
		if err := a.add(field, field+".path", attribute.GetPath(), optional); err != nil {
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

// addFields reads the paths of the product fields. Documents get members of the same names.
func (a *answerReader) addFields(config *sqv1.JsonAnswer) error {
	for _, each := range []struct {
		into *string
		name string
		text string
		need need
	}{
		{&a.mapping.Id, "id", config.GetId(), inEachHit},
		{&a.mapping.Title, "title", config.GetTitle(), inOneHit},
		{&a.mapping.Description, "description", config.GetDescription(), optional},
		{&a.mapping.Brand, "brand", config.GetBrand(), optional},
		{&a.mapping.Category, "category", config.GetCategory(), optional},
		{&a.mapping.Price, "price", config.GetPrice(), optional},
		{&a.mapping.Image, "image", config.GetImage(), optional},
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

func (a *answerReader) add(name, of, text string, need need) error {
	path, err := parsePath(text, "json.answer."+of)
	if err != nil {
		return err
	}
	a.fields = append(a.fields, &field{path: path, name: name, need: need})
	return nil
}

// Mapping converts the documents of the answers to products.
func (a *answerReader) Mapping() *sqv1.FieldMapping { return a.mapping }
