package retrieve

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
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
		"refused": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			io.WriteString(w, `{"error":{"root_cause":[{"type":"parsing_exception","reason":"unknown query [mtch]"}]},"status":400}`)
		}, 2, "queries failed: REFUSED, HTTP 400: parsing_exception (unknown query [mtch])"},
		"redirected": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://other.example.com/x?key=s3cret")
			w.WriteHeader(302)
		}, 2, "opensearch.url"},
		"HTML":         {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, 2, "MALFORMED"},
		"server error": {status(500), 75, "SERVER_ERROR, HTTP 500"},
		"rate limited": {status(429), 75, "RATE_LIMITED, HTTP 429"},
	} {
		for _, queries := range []int{3, 120} {
			t.Run(fmt.Sprint(name, " ", queries), func(t *testing.T) {
				server := httptest.NewServer(c.handler)
				t.Cleanup(server.Close)
				e := execute(t, commandLine{queries: querySet(t, queries), config: config(server.URL, `"max_retries":0`)})
				if strings.Contains(e.logs, "s3cret") {
					t.Error("the log has a secret")
				}
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

func TestFirstFiftyThatFailEndTheStage(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(400)
	}))
	t.Cleanup(server.Close)
	e := execute(t, commandLine{queries: querySet(t, 500), config: config(server.URL)})
	if e.code != 2 || !strings.Contains(e.logs, "50 of 50 queries failed") || requests.Load() > 200 {
		t.Fatal(e.code, requests.Load(), e.logs)
	}
}

func TestMaxRefusedShare(t *testing.T) {
	server := engine(t, map[string]http.HandlerFunc{"text 0": status(400), "text 1": status(302), "text 2": status(500)})
	queries := querySet(t, 10)
	for share, code := range map[string]int{"0.1": 2, "0.2": 0, "1": 0} {
		e := execute(t, commandLine{queries: queries, config: config(server.URL, `"max_retries":0`, `"max_refused_share":`+share)})
		if e.code != code {
			t.Errorf("%s: %d, %s", share, e.code, e.logs)
		}
	}
	refusing := httptest.NewServer(status(400))
	t.Cleanup(refusing.Close)
	if e := execute(t, commandLine{queries: queries, config: config(refusing.URL, `"max_refused_share":1`)}); e.code != 0 {
		t.Error(e.code, e.logs)
	}
}

func TestZeroResults(t *testing.T) {
	empty := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, hits()) }
	all := httptest.NewServer(http.HandlerFunc(empty))
	t.Cleanup(all.Close)
	butOne := map[string]http.HandlerFunc{}
	for i := 1; i < 120; i++ {
		butOne[fmt.Sprint("text ", i)] = empty
	}
	one := engine(t, butOne)
	for name, c := range map[string]struct {
		url      string
		queries  int
		more     string
		code     int
		warnings int // at the first look and at the end
	}{
		"all":                   {all.URL, 120, `"top_k":5`, 2, 2},
		"all of few":            {all.URL, 49, `"top_k":5`, 0, 1},
		"all, and it is wanted": {all.URL, 120, `"max_zero_result_share":1`, 0, 2},
		"all but one":           {one.URL, 120, `"top_k":5`, 0, 2},
		"more than allowed":     {one.URL, 120, `"max_zero_result_share":0.9`, 2, 2},
		"few, with an alarm":    {all.URL, 20, `"alarm":{"first_look":10}`, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			e := execute(t, commandLine{queries: querySet(t, c.queries), config: config(c.url, c.more)})
			warnings := strings.Count(e.logs, `"level":"warning","message":"`) - strings.Count(e.logs, `"message":"these paths`)
			if e.code != c.code || warnings != c.warnings || !strings.Contains(e.logs, "have no results") {
				t.Fatal(e.code, warnings, e.logs)
			}
		})
	}
}

func TestProductsWithoutATitle(t *testing.T) {
	const answer = `{"hits":{"total":{"value":1,"relation":"eq"},"hits":[{"_id":"1","_score":1,"_source":{"id":"1"}}]}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) }))
	t.Cleanup(server.Close)
	for name, c := range map[string]struct {
		queries int
		more    string
		code    int
	}{
		"all":                   {60, `"top_k":5`, 2},
		"all of few":            {49, `"top_k":5`, 0},
		"all, and it is wanted": {60, `"max_untitled_share":1`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := execute(t, commandLine{queries: querySet(t, c.queries), config: config(server.URL, c.more)})
			if e.code != c.code || strings.Contains(e.logs, `"field":"fields.title"`) != (c.code == 2) {
				t.Fatal(e.code, e.logs)
			}
		})
	}
}
