package jsonsearch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object whose members paths visit in the order of their names. The order of a Go map is random.
type object struct {
	members map[string]any
	names   []string
}

// ValueForKey, SetValueForKey, RemoveValueForKey and Keys implement jp.Keyed. Objects are never changed, so the setters do nothing.
func (o *object) ValueForKey(name string) (any, bool) {
	value, found := o.members[name]
	return value, found
}

func (o *object) SetValueForKey(string, any) {}

func (o *object) RemoveValueForKey(string) {}

func (o *object) Keys() []string { return o.names }

// parse reads JSON into a tree of *object, []any, string, bool, nil, int64 and float64, because filters of JSONPaths compare
// these types. Numbers out of their range stay json.Number.
func parse(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errTrailing
	}
	return forPaths(tree), nil
}

var errTrailing = fmt.Errorf("text after the JSON value")

func forPaths(node any) any {
	switch value := node.(type) {
	case map[string]any:
		for name, child := range value {
			value[name] = forPaths(child)
		}
		return &object{value, slices.Sorted(maps.Keys(value))}
	case []any:
		for i, child := range value {
			value[i] = forPaths(child)
		}
	case json.Number:
		return forFilters(value)
	}
	return node
}

func forFilters(number json.Number) any {
	if !strings.ContainsAny(number.String(), ".eE") {
		if whole, err := strconv.ParseInt(number.String(), 10, 64); err == nil {
			return whole
		}
		return number
	}
	if value, err := number.Float64(); err == nil {
		return value
	}
	return number
}

// plain converts a value to the types of mapping.Document. It returns false if the value is or contains an object.
func plain(node any) (any, bool) {
	switch value := node.(type) {
	case *object:
		return nil, false
	case []any:
		list := make([]any, len(value))
		for i, child := range value {
			var fits bool
			if list[i], fits = plain(child); !fits {
				return nil, false
			}
		}
		return list, true
	case int64:
		return json.Number(strconv.FormatInt(value, 10)), true
	case float64:
		return json.Number(strconv.FormatFloat(value, 'e', -1, 64)), true
	}
	return node, true
}
