package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
)

// JSON is a template of a JSON object. Its strings may contain placeholders.
type JSON struct{ root map[string]any }

const jsonFix = "give a JSON object with {{query}} in one of its strings"

// JSON parses a template. Errors: *stagekit.InputError.
func (p *Placeholders) JSON(text, field string) (*JSON, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, &stagekit.InputError{Field: field, Problem: fmt.Sprintf("is not a JSON object: %v", err), Fix: jsonFix}
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, &stagekit.InputError{Field: field, Problem: "has text after the JSON object", Fix: jsonFix}
	}
	parsed, err := p.node(object, field)
	if err != nil {
		return nil, err
	}
	return &JSON{parsed.(map[string]any)}, nil
}

func (p *Placeholders) node(node any, field string) (any, error) {
	switch value := node.(type) {
	case map[string]any:
		for key, child := range value {
			if mark.MatchString(key) {
				return nil, &stagekit.InputError{Field: field, Problem: fmt.Sprintf("the member name %q contains a placeholder", key), Fix: "use placeholders in values only"}
			}
			parsed, err := p.node(child, field)
			if err != nil {
				return nil, err
			}
			value[key] = parsed
		}
	case []any:
		for i, child := range value {
			parsed, err := p.node(child, field)
			if err != nil {
				return nil, err
			}
			value[i] = parsed
		}
	case string:
		if value == "{{"+sizeName+"}}" {
			return p.size, nil
		}
		return p.Text(value, field)
	}
	return node, nil
}

// Fill returns the JSON for one query.
func (j *JSON) Fill(query *sqv1.Query) ([]byte, error) { return Marshal(j.Object(query)) }

// Object returns a new JSON object for one query.
func (j *JSON) Object(query *sqv1.Query) map[string]any { return fill(j.root, query).(map[string]any) }

func fill(node any, query *sqv1.Query) any {
	switch value := node.(type) {
	case map[string]any:
		filled := make(map[string]any, len(value))
		for key, child := range value {
			filled[key] = fill(child, query)
		}
		return filled
	case []any:
		filled := make([]any, len(value))
		for i, child := range value {
			filled[i] = fill(child, query)
		}
		return filled
	case Text:
		return value.Fill(query)
	}
	return node
}

// Marshal writes JSON without escaping <, > and &.
func Marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
