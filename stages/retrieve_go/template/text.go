package template

import (
	"strings"

	sqv1 "sq/proto/sq/v1"
)

// Text is a template of a text.
type Text []part

// part is a literal, or what differs by query.
type part struct {
	literal string
	value   func(*sqv1.Query) string
}

// Literal is a text without placeholders, whatever it holds.
func Literal(text string) Text { return Text{{literal: text}} }

// Fill puts the values in. Marks inside a query stay as the customer typed them.
func (t Text) Fill(query *sqv1.Query) string {
	return t.FillWith(query, func(text string) string { return text }, func(text string) string { return text })
}

// FillWith escapes the template's own text and the queries' values as it goes.
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

// Varies reports whether the text differs by query.
func (t Text) Varies() bool {
	for _, part := range t {
		if part.value != nil {
			return true
		}
	}
	return false
}
