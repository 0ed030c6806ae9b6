package search

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// longestReason is in characters.
	longestReason = 300
	// deepestReason is how many objects and lists may be around a reason.
	deepestReason = 6
	// mostReasons of a list are told.
	mostReasons = 3
)

// reasonFields are the names under which services tell what is wrong, the most precise first. They may stand in each other.
var reasonFields = []string{
	"root_cause", "error", "errors", "message", "msg", "reason", "detail", "details", "error_description", "description",
	"title", "fault", "faultstring",
}

// statusTexts are the standard words for statuses, in lower case. They say nothing that the number does not say.
var statusTexts = func() map[string]bool {
	texts := map[string]bool{"error": true}
	for status := 400; status < 600; status++ {
		texts[strings.ToLower(http.StatusText(status))] = true
	}
	return texts
}()

// Reason returns what an endpoint says is wrong, in one line: the text in a JSON body, in any of the usual forms, or a short
// plain text. It is empty if there is none. It may name hosts and times, so it is for logs only.
func Reason(body []byte) string {
	var tree any
	if json.Unmarshal(body, &tree) != nil {
		return oneLine(plainText(body))
	}
	if text, is := tree.(string); is {
		return oneLine(text)
	}
	return oneLine(reasonIn(tree, 0))
}

func reasonIn(node any, depth int) string {
	if depth > deepestReason {
		return ""
	}
	switch value := node.(type) {
	case string:
		if depth > 0 && !statusTexts[strings.ToLower(strings.TrimSpace(value))] {
			return value
		}
	case []any:
		var reasons []string
		for _, each := range value {
			if reason := reasonIn(each, depth+1); reason != "" && !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
		return strings.Join(reasons[:min(len(reasons), mostReasons)], "; ")
	case map[string]any:
		for _, name := range reasonFields {
			if reason := reasonIn(value[name], depth+1); reason != "" {
				return reason
			}
		}
		if depth > 0 {
			return byField(value, depth)
		}
	}
	return ""
}

// byField reads {"size": ["must be a number"]}: lists of problems by the field of the request.
func byField(problems map[string]any, depth int) string {
	for _, name := range slices.Sorted(maps.Keys(problems)) {
		if list, is := problems[name].([]any); is {
			if reason := reasonIn(list, depth+1); reason != "" {
				return name + ": " + reason
			}
		}
	}
	return ""
}

// plainText returns a body that is a text for people: no markup, and no JSON that was cut off.
func plainText(body []byte) string {
	text := strings.TrimSpace(string(body))
	if !utf8.ValidString(text) || strings.HasPrefix(text, "<") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		return ""
	}
	return text
}

func oneLine(text string) string {
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) > longestReason {
		return string(words[:longestReason]) + "…"
	}
	return string(words)
}
