package template

import (
	"strings"

	sqv1 "sq/proto/sq/v1"
)

// Text is a template of a string.
type Text []part

// part is a literal, or a value that depends on the query.
type part struct {
	literal string
	value   func(*sqv1.Query) string
}

// Literal returns a template that always gives the same text. It does not interpret {{…}} in it.
func Literal(text string) Text { return Text{{literal: text}} }

// Fill returns the text for one query. Placeholders inside the query itself are not replaced.
func (t Text) Fill(query *sqv1.Query) string {
	return t.FillWith(query, func(text string) string { return text }, func(text string) string { return text })
}

// FillWith is Fill with escaping: literal escapes the template's own text, value escapes the query's values.
func (t Text) FillWith(query *sqv1.Query, literal, value func(string) string) string {
	var text strings.Builder
	for _, part := range t {
		if part.value == nil {
			text.WriteString(literal(part.literal))
		} else {
			text.WriteString(value(part.value(query)))
		}
	}
	return text.String()
}
