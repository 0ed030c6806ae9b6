package opensearch

import (
	"testing"
)

func TestRefusal(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"root_cause":[{"type":"parsing_exception","reason":"[10.0.0.1] no"}],"type":"search_phase"},"status":400}`: "parsing_exception",
		`{"error":{"type":"index_not_found_exception"}}`:                                                                      "index_not_found_exception",
		`{"error":"IndexMissing"}`:              "",
		`{"error":{"type":"at 10.0.0.1:9200"}}`: "",
		`busy`:                                  "",
	} {
		if kind, _ := (&Protocol{}).Refusal([]byte(body)); kind != want {
			t.Errorf("%s: %q", body, kind)
		}
	}
	if _, reason := (&Protocol{}).Refusal([]byte(`{"error":"no such index"}`)); reason != "no such index" {
		t.Error(reason)
	}
}
