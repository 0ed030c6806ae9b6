package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gowebpki/jcs"
)

// space is ASCII white space. Go and Python disagree about other white space, and both must give the same product.
const space = " \t\n\v\f\r"

// Document is a JSON object. Its numbers are json.Number, so that they keep all digits.
type Document map[string]any

var errTrailing = errors.New("text after the JSON object")

// Parse reads a document.
func Parse(text []byte) (Document, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var document Document
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errTrailing
	}
	return document, nil
}

// texts returns all values of a field, in order. If no field has the whole name, a dot separates an object and its field.
func (d Document) texts(path string) []string {
	if path == "" {
		return nil
	}
	var found []string
	collect(map[string]any(d), path, func(value any) {
		if text := asText(value); text != "" {
			found = append(found, text)
		}
	})
	return found
}

func (d Document) first(path string) string {
	if found := d.texts(path); len(found) > 0 {
		return found[0]
	}
	return ""
}

// collect calls found for each scalar at a path. It flattens lists.
func collect(value any, path string, found func(any)) {
	switch node := value.(type) {
	case []any:
		for _, item := range node {
			collect(item, path, found)
		}
	case map[string]any:
		if path == "" {
			return
		}
		if child, there := node[path]; there {
			collect(child, "", found)
			return
		}
		name, rest, dotted := strings.Cut(path, ".")
		if child, there := node[name]; there && dotted && rest != "" {
			collect(child, rest, found)
		}
	default:
		if path == "" {
			found(value)
		}
	}
}

// asText formats numbers as RFC 8785 does, but integers with all their digits.
func asText(value any) string {
	switch v := value.(type) {
	case string:
		return strings.Trim(v, space)
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return numberText(v.String())
	}
	return ""
}

func numberText(literal string) string {
	if !strings.ContainsAny(literal, ".eE") {
		if literal == "-0" {
			return "0"
		}
		return literal
	}
	number, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return "" // out of the range of a double
	}
	text, err := jcs.NumberToJSON(number)
	if err != nil {
		return ""
	}
	return text
}

// leaves returns the sorted paths, with dots, of all fields that are not objects.
func (d Document) leaves() []string {
	names := appendLeaves(nil, d, "")
	slices.Sort(names)
	return names
}

func appendLeaves(names []string, object map[string]any, prefix string) []string {
	for name, value := range object {
		if child, is := value.(map[string]any); is {
			names = appendLeaves(names, child, prefix+name+".")
		} else {
			names = append(names, prefix+name)
		}
	}
	return names
}
