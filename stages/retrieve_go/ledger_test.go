package retrieve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestAllFailed(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		code    int
		says    string
	}{
		"unreachable": {func(w http.ResponseWriter, _ *http.Request) {
			connection, _, _ := w.(http.Hijacker).Hijack()
			connection.Close()
		}, 75, "could not be reached"},
		"unauthorised": {status(401), 2, "credentials"},
		"no index":     {status(404), 2, "opensearch.index"},
		"refused":      {status(400), 0, "REFUSED"},
		"server error": {status(500), 0, "SERVER_ERROR"},
	} {
		for _, queries := range []int{3, 120} {
			t.Run(fmt.Sprint(name, " ", queries), func(t *testing.T) {
				server := httptest.NewServer(c.handler)
				t.Cleanup(server.Close)
				e := execute(t, commandLine{queries: querySet(t, queries), config: config(server.URL, `"max_retries":0`)})
				if e.code != c.code || !strings.Contains(e.logs, c.says) || (e.code == 0) != (e.handoff != nil) {
					t.Fatal(e.code, e.logs)
				}
			})
		}
	}
}

func TestMaxFailureShare(t *testing.T) {
	server := engine(t, map[string]http.HandlerFunc{"text 0": status(500), "text 1": status(500), "text 2": status(400)})
	queries := querySet(t, 10)
	for share, code := range map[string]int{"0.1": 75, "0.19": 75, "0.2": 0, "1": 0} {
		e := execute(t, commandLine{queries: queries, config: config(server.URL, `"max_retries":0`, `"max_failure_share":`+share)})
		if e.code != code {
			t.Errorf("%s: %d, %s", share, e.code, e.logs)
		}
	}
}

func TestOneWarningForEachKindOfFailure(t *testing.T) {
	server := engine(t, map[string]http.HandlerFunc{"text 0": status(500), "text 1": status(400), "text 2": status(400)})
	e := execute(t, commandLine{queries: querySet(t, 10), config: config(server.URL, `"max_retries":0`)})
	var warned []string
	for _, line := range strings.Split(e.logs, "\n") {
		var event struct {
			Level, Message, Reason string
			Count                  int
		}
		if json.Unmarshal([]byte(line), &event) == nil && event.Level == "warning" && event.Count > 0 {
			warned = append(warned, fmt.Sprint(event.Count, " ", event.Message, " ", event.Reason))
		}
	}
	if want := []string{"2 queries failed REFUSED", "1 queries failed SERVER_ERROR"}; !slices.Equal(warned, want) {
		t.Errorf("%q, want %q\n%s", warned, want, e.logs)
	}
}
