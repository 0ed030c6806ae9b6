// Package mapping converts a shop's documents to products. proto/cases/mapping.json has the cases that Go and Python both pass.
package mapping

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sq/libs/handoff/go/record"
	sqv1 "sq/proto/sq/v1"
)

var price = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// NoIDError is a document whose id field is missing or empty.
type NoIDError struct{ Field string }

func (e *NoIDError) Error() string {
	return fmt.Sprintf("the product id in field %s is missing or empty", e.Field)
}

// NoFieldError is a tag type that no field of the mapping answers to.
type NoFieldError struct{ TagType string }

func (e *NoFieldError) Error() string {
	return fmt.Sprintf("no index field has tag type %s; add it to fields.attributes", e.TagType)
}

// Mapping converts documents to products by the fields of one configuration.
type Mapping struct {
	fields *sqv1.FieldMapping
	named  map[string]bool // fields with a role of their own, which attribute_prefixes skips
}

// New takes the field mapping of the configuration.
func New(fields *sqv1.FieldMapping) *Mapping {
	named := map[string]bool{}
	for _, field := range []string{
		fields.GetId(), fields.GetTitle(), fields.GetDescription(), fields.GetBrand(),
		fields.GetCategory(), fields.GetPrice(), fields.GetImage(),
	} {
		named[field] = true
	}
	for _, attribute := range fields.GetAttributes() {
		named[attribute.GetField()] = true
	}
	return &Mapping{fields, named}
}

// Product converts a document. It sorts the attributes by name and sets the content hash. Errors: *NoIDError.
func (m *Mapping) Product(document Document) (*sqv1.Product, error) {
	id := document.first(m.fields.GetId())
	if id == "" {
		return nil, &NoIDError{m.fields.GetId()}
	}
	product := &sqv1.Product{
		ProductId:   id,
		Title:       document.first(m.fields.GetTitle()),
		Description: document.first(m.fields.GetDescription()),
		Brand:       document.first(m.fields.GetBrand()),
		Categories:  document.texts(m.fields.GetCategory()),
		Attributes:  m.attributes(document),
		Price:       asPrice(document.first(m.fields.GetPrice())),
		ImageUri:    document.first(m.fields.GetImage()),
	}
	return product, record.Seal(product)
}

// Fields returns the paths, and the prefixes of paths, that the mapping reads from a document.
func (m *Mapping) Fields() (paths, prefixes []string) {
	for field := range m.named {
		if field != "" {
			paths = append(paths, field)
		}
	}
	slices.Sort(paths)
	return paths, m.fields.GetAttributePrefixes()
}

// FieldOf returns the index field that answers to a tag type; the title's for the empty type. Errors: *NoFieldError.
func (m *Mapping) FieldOf(tagType string) (string, error) {
	field := map[string]string{"": m.fields.GetTitle(), "BRAND": m.fields.GetBrand(), "CATEGORY": m.fields.GetCategory()}[tagType]
	for _, attribute := range m.fields.GetAttributes() {
		if field == "" && attribute.GetTagType() == tagType {
			field = attribute.GetField()
		}
	}
	if field == "" {
		return "", &NoFieldError{tagType}
	}
	return field, nil
}

func asPrice(text string) float64 {
	if !price.MatchString(text) {
		return 0
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(value, 0) {
		return 0
	}
	return value
}

func (m *Mapping) attributes(document Document) []*sqv1.Attribute {
	var attributes []*sqv1.Attribute
	taken := map[string]bool{}
	add := func(name string, values []string, tagType string) {
		if len(values) > 0 && !taken[name] {
			taken[name] = true
			attributes = append(attributes, &sqv1.Attribute{Name: name, Values: values, TagType: tagType})
		}
	}
	for _, item := range m.fields.GetAttributes() {
		name := item.GetName()
		if name == "" {
			name = item.GetField()
		}
		add(name, document.texts(item.GetField()), item.GetTagType())
	}
	if len(m.fields.GetAttributePrefixes()) > 0 {
		for _, path := range document.leaves() {
			if name := m.prefixed(path); name != "" {
				add(name, document.texts(path), "")
			}
		}
	}
	slices.SortFunc(attributes, func(a, b *sqv1.Attribute) int { return strings.Compare(a.GetName(), b.GetName()) })
	return attributes
}

// prefixed returns the attribute name of a path: what follows the first matching prefix. It is empty if no prefix matches.
func (m *Mapping) prefixed(path string) string {
	if m.named[path] {
		return ""
	}
	for _, prefix := range m.fields.GetAttributePrefixes() {
		if rest, fits := strings.CutPrefix(path, prefix); fits {
			return rest
		}
	}
	return ""
}
