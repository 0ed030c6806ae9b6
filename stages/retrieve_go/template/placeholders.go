// Package template fills in requests: {{query}}, {{size}}, {{language}} and {{filter.NAME}} stand for values. Templates are
// parsed once, so that no value can change what a request is made of.
package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
)

const (
	queryName    = "query"
	languageName = "language"
	sizeName     = "size"
	filterPrefix = "filter."
)

var mark = regexp.MustCompile(`\{\{(.*?)\}\}`)

// Placeholders are those of one configuration.
type Placeholders struct {
	fixed map[string]string // what is the same for all queries
	used  map[string]bool
	size  uint32
}

// New takes the number of results wanted, and the values of {{filter.NAME}}.
func New(size uint32, filters map[string]string) *Placeholders {
	fixed := map[string]string{sizeName: strconv.FormatUint(uint64(size), 10)}
	for name, value := range filters {
		fixed[filterPrefix+name] = value
	}
	return &Placeholders{fixed, map[string]bool{}, size}
}

// Text parses a template. Errors: *stagekit.InputError on a placeholder that stands for nothing.
func (p *Placeholders) Text(text, field string) (Text, error) {
	var parsed Text
	end := 0
	for _, found := range mark.FindAllStringSubmatchIndex(text, -1) {
		parsed = append(parsed, part{literal: text[end:found[0]]})
		end = found[1]
		name := text[found[2]:found[3]]
		value, isFixed := p.fixed[name]
		switch {
		case isFixed:
			parsed = append(parsed, part{literal: value})
		case name == queryName:
			parsed = append(parsed, part{value: (*sqv1.Query).GetText})
		case name == languageName:
			parsed = append(parsed, part{value: (*sqv1.Query).GetLanguage})
		default:
			return nil, &stagekit.InputError{Field: field, Problem: fmt.Sprintf("{{%s}} stands for nothing", name), Fix: "give one of " + p.known()}
		}
		p.used[name] = true
	}
	return append(parsed, part{literal: text[end:]}), nil
}

func (p *Placeholders) known() string {
	names := slices.Sorted(maps.Keys(p.fixed))
	return "{{" + strings.Join(append([]string{queryName, languageName}, names...), "}}, {{") + "}}"
}

// HoldsQuery reports whether any template so far has the place of the query.
func (p *Placeholders) HoldsQuery() bool { return p.used[queryName] }

// CheckFilters refuses filters that no template has a place for. Errors: *stagekit.InputError.
func (p *Placeholders) CheckFilters(field string) error {
	for _, name := range slices.Sorted(maps.Keys(p.fixed)) {
		if own, is := strings.CutPrefix(name, filterPrefix); is && !p.used[name] {
			return &stagekit.InputError{Field: field + "." + own, Problem: "no placeholder asks for it", Fix: "put {{" + name + "}} into the request, or leave it out"}
		}
	}
	return nil
}
