package opensearch

import (
	"testing"
)

func TestErrorKind(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"root_cause":[{"type":"parsing_exception","reason":"[10.0.0.1] no"}],"type":"search_phase"},"status":400}`: "parsing_exception",
		`{"error":{"type":"index_not_found_exception"}}`:                                                                      "index_not_found_exception",
		`{"error":"IndexMissing"}`:              "",
		`{"error":{"type":"at 10.0.0.1:9200"}}`: "",
		`busy`:                                  "",
	} {
		if kind := (&Protocol{}).ErrorKind([]byte(body)); kind != want {
			t.Errorf("%s: %q", body, kind)
		}
	}
}
