// Package template fills the placeholders {{query}}, {{size}}, {{language}} and {{filter.NAME}} of a request. It parses a
// template once, before it knows any value, so that a value cannot change the structure of a request.
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

// Placeholders are the placeholders of one configuration, with the values that are the same for all queries.
type Placeholders struct {
	fixed map[string]string // values that are the same for all queries
	used  map[string]bool
	size  uint32
}

// New takes the value of {{size}} and the values of {{filter.NAME}}.
func New(size uint32, filters map[string]string) *Placeholders {
	fixed := map[string]string{sizeName: strconv.FormatUint(uint64(size), 10)}
	for name, value := range filters {
		fixed[filterPrefix+name] = value
	}
	return &Placeholders{fixed, map[string]bool{}, size}
}

// Text parses a template. Errors: *stagekit.InputError for an unknown placeholder.
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
			return nil, &stagekit.InputError{Field: field, Problem: fmt.Sprintf("{{%s}} is not a known placeholder", name), Fix: "use one of " + p.known()}
		}
		p.used[name] = true
	}
	return append(parsed, part{literal: text[end:]}), nil
}

func (p *Placeholders) known() string {
	names := slices.Sorted(maps.Keys(p.fixed))
	return "{{" + strings.Join(append([]string{queryName, languageName}, names...), "}}, {{") + "}}"
}

// UsesQuery reports whether any template parsed so far contains {{query}}.
func (p *Placeholders) UsesQuery() bool { return p.used[queryName] }

// CheckFilters fails if no template uses one of the filters. Errors: *stagekit.InputError.
func (p *Placeholders) CheckFilters(field string) error {
	for _, name := range slices.Sorted(maps.Keys(p.fixed)) {
		if own, is := strings.CutPrefix(name, filterPrefix); is && !p.used[name] {
			return &stagekit.InputError{Field: field + "." + own, Problem: "no placeholder uses it", Fix: "put {{" + name + "}} into the request, or remove the filter"}
		}
	}
	return nil
}
