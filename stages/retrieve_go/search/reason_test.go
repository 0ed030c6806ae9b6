package search

import (
	"strings"
	"testing"
)

func TestReason(t *testing.T) {
	for body, want := range map[string]string{
		`{"error": "unknown facet colour"}`:                                             "unknown facet colour",
		`{"error": {"message": "q is too long"}}`:                                       "q is too long",
		`{"error": {"code": 400, "reason": "no such index"}}`:                           "no such index",
		`{"error": {"msg": "undefined field x", "code": 400}}`:                          "undefined field x",
		`{"message": "size must be a number"}`:                                          "size must be a number",
		`{"detail": "no such collection"}`:                                              "no such collection",
		`{"errors": ["a", "b"]}`:                                                        "a; b",
		`{"errors": [{"message": "Cannot query field"}, {"message": "x"}]}`:             "Cannot query field; x",
		`{"errors": {"size": ["must be a number"], "q": ["is required"]}}`:              "q: is required",
		`{"detail": [{"loc": ["query", "q"], "msg": "field required"}]}`:                "field required",
		`{"status": 400, "error": "Bad Request", "message": "page starts at 1"}`:        "page starts at 1",
		`{"type": "about:blank", "title": "Bad Request", "detail": "rows over 100"}`:    "rows over 100",
		`{"error": "invalid_request", "error_description": "wrong scope"}`:              "invalid_request",
		`{"error": {"root_cause": [{"type": "t", "reason": "deepest"}], "reason":"o"}}`: "deepest",
		`{"error": {"type": "index_not_found_exception"}}`:                              "",
		`{"error": "Bad Request"}`:                                                      "",
		`{"error": null, "message": ["", "second"]}`:                                    "second",
		`{"items": [], "total": 0}`:                                                     "",
		`"too many filters"`:                                                            "too many filters",
		"Unknown field\n\n colour":                                                      "Unknown field colour",
		`<html><body>no</body></html>`:                                                  "",
		`{"error": "cut`:                                                                "",
		"\xff\xfe":                                                                      "",
		``:                                                                              "",
		strings.Repeat(`{"error":`, 40) + `"deep"` + strings.Repeat(`}`, 40):            "",
	} {
		if got := Reason([]byte(body)); got != want {
			t.Errorf("%s: %q", body, got)
		}
	}
	if got := []rune(Reason([]byte(`{"error": "` + strings.Repeat("é", 999) + `"}`))); len(got) != longestReason+1 {
		t.Errorf("%d characters", len(got))
	}
}
