package jsonsearch

import (
	"sync/atomic"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/search"
)

// listPrefix is the prefix of those members of a document whose names come from the answer.
const listPrefix = "attribute:"

// attributeList reads attributes whose names are in the answer.
type attributeList struct {
	items, name, value *path
	matched            atomic.Bool
}

// addList parses the paths of a list and adds its attributes to the mapping. Errors: *stagekit.InputError.
func (a *answerReader) addList(config *sqv1.JsonAttributeList, field string) error {
	list := &attributeList{}
	for _, each := range []struct {
		into **path
		name string
		text string
	}{{&list.items, "items", config.GetItems()}, {&list.name, "name", config.GetName()}, {&list.value, "value", config.GetValue()}} {
		var err error
		if *each.into, err = parsePath(each.text, field+"."+each.name); err != nil {
			return err
		}
	}
	for name, tagType := range config.GetTagTypes() {
		a.mapping.Attributes = append(a.mapping.Attributes, &sqv1.AttributeField{Field: listPrefix + name, Name: name, TagType: tagType})
	}
	a.mapping.AttributePrefixes = []string{listPrefix}
	a.lists = append(a.lists, list)
	return nil
}

// read copies the attributes of each hit into its document. Errors: *search.MappingError.
func (l *attributeList) read(hits []any, into []search.Hit) error {
	for i, hit := range hits {
		for _, item := range l.items.in(hit) {
			name, err := l.nameOf(item)
			if err != nil {
				return err
			}
			values, err := l.value.values(item)
			if err != nil {
				return err
			}
			l.matched.Store(true)
			document := into[i].Document
			before, _ := document[listPrefix+name].([]any)
			document[listPrefix+name] = append(before, values...)
		}
	}
	return nil
}

func (l *attributeList) nameOf(item any) (string, error) {
	found := l.name.in(item)
	if len(found) == 0 {
		return "", l.name.mismatch("matches nothing; the item is %s", shape(item))
	}
	name, is := found[0].(string)
	if !is || name == "" {
		return "", l.name.mismatch("matches %s, not a non-empty string", shape(found[0]))
	}
	return name, nil
}
