package jsonsearch

import (
	"encoding/json"
	"fmt"
	"strings"
)

const (
	shownMembers = 12
	shownLevels  = 2
)

// shape describes the types in a JSON value, without the values: an object {"count": a number, "items": a list of a string}.
func shape(node any) string { return shapeTo(node, shownLevels) }

func shapeTo(node any, levels int) string {
	switch value := node.(type) {
	case *object:
		return objectShape(value, levels)
	case []any:
		switch {
		case len(value) == 0:
			return "an empty list"
		case levels == 0:
			return "a list"
		}
		return fmt.Sprintf("a list of %s", shapeTo(value[0], levels-1))
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64, float64, json.Number:
		return "a number"
	}
	return "null"
}

func objectShape(value *object, levels int) string {
	if len(value.names) == 0 {
		return "an empty object"
	}
	if levels == 0 {
		return "an object"
	}
	var members []string
	for i, name := range value.names {
		if i == shownMembers {
			members = append(members, "…")
			break
		}
		members = append(members, fmt.Sprintf("%.40q: %s", name, shapeTo(value.members[name], levels-1)))
	}
	return "an object {" + strings.Join(members, ", ") + "}"
}

func shapeOfAll(nodes []any) string {
	if len(nodes) == 1 {
		return shape(nodes[0])
	}
	return fmt.Sprintf("%d values", len(nodes))
}
