// Package mapping makes a Product of a shop's document, by the rules that proto/cases/mapping.json holds every language to.
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

func (e *NoIDError) Error() string { return fmt.Sprintf("it has no id in its field %s", e.Field) }

// Mapping is how documents become products.
type Mapping struct {
	fields *sqv1.FieldMapping
	named  map[string]bool // fields that no prefix takes
}

// New takes the mapping of the configuration.
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

// Product makes the product of a document, its attributes sorted by name, its content hash set. Errors: *NoIDError.
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

// Fields are the paths of a document, and the beginnings of paths, that the mapping reads.
func (m *Mapping) Fields() (paths, prefixes []string) {
	for field := range m.named {
		if field != "" {
			paths = append(paths, field)
		}
	}
	slices.Sort(paths)
	return paths, m.fields.GetAttributePrefixes()
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

// prefixed gives the name of the attribute that a path is by the first prefix that fits, empty where none does.
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
