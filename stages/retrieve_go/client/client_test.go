package client

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	sqv1 "sq/proto/sq/v1"
)

func TestSearch(t *testing.T) {
	const refusal = `{"error":{"root_cause":[{"type":"parsing_exception","reason":"node 10.0.0.7 says no"}],"type":"x"},"status":400}`
	for name, c := range map[string]struct {
		handlers []http.HandlerFunc
		requests int32
		reason   sqv1.RetrievalFailureReason // 0: an answer
		status   int
		detail   string
	}{
		"found":                            {[]http.HandlerFunc{answer(200, found)}, 1, 0, 0, ""},
		"found at the third attempt":       {[]http.HandlerFunc{answer(503, "busy"), hangUp, answer(200, found)}, 3, 0, 0, ""},
		"after a body that broke off":      {[]http.HandlerFunc{breakOff, answer(200, found)}, 2, 0, 0, ""},
		"5xx until the attempts end":       {[]http.HandlerFunc{answer(502, "")}, 3, serverError, 502, "HTTP 502"},
		"last status counts":               {[]http.HandlerFunc{answer(500, ""), answer(503, "")}, 3, serverError, 503, "HTTP 503"},
		"400 is not tried again":           {[]http.HandlerFunc{answer(400, refusal)}, 1, refused, 400, "HTTP 400: parsing_exception"},
		"404":                              {[]http.HandlerFunc{answer(404, "no")}, 1, refused, 404, "HTTP 404: no"},
		"401":                              {[]http.HandlerFunc{answer(401, "")}, 1, unauthorised, 401, "HTTP 401"},
		"403":                              {[]http.HandlerFunc{answer(403, "")}, 1, unauthorised, 403, "HTTP 403"},
		"redirects are refused":            {[]http.HandlerFunc{http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect).ServeHTTP, answer(200, found)}, 1, malformed, 307, "HTTP 307: redirects are not followed"},
		"204":                              {[]http.HandlerFunc{answer(204, "")}, 1, malformed, 204, "HTTP 204"},
		"HTML":                             {[]http.HandlerFunc{answer(200, "<html>")}, 1, malformed, 200, "the answer is not a JSON search response: it is truncated or not JSON"},
		"JSON that breaks off":             {[]http.HandlerFunc{answer(200, found[:40])}, 1, malformed, 200, "the answer is not a JSON search response: it is truncated or not JSON"},
		"an answer too large":              {[]http.HandlerFunc{answer(200, strings.Repeat(" ", 1<<20)+found)}, 1, malformed, 200, "the answer is larger than 1 MiB"},
		"connections that break":           {[]http.HandlerFunc{hangUp}, 3, unreachable, 0, "cannot connect to the endpoint"},
		"bodies that break off":            {[]http.HandlerFunc{breakOff}, 3, unreachable, 200, "the connection closed before the answer was complete"},
		"status of an attempt before":      {[]http.HandlerFunc{answer(500, ""), hangUp}, 3, unreachable, 500, "cannot connect to the endpoint"},
		"the engine's deadline":            {[]http.HandlerFunc{answer(200, `{"timed_out":true,"hits":{"hits":[]}}`)}, 3, timeout, 200, "the engine timed out and returned partial results"},
		"shards that failed, then none":    {[]http.HandlerFunc{answer(200, `{"_shards":{"total":2,"failed":1},"hits":{"hits":[]}}`), answer(200, found)}, 2, 0, 0, ""},
		"shards that fail":                 {[]http.HandlerFunc{answer(200, `{"_shards":{"total":2,"failed":1},"hits":{"hits":[]}}`)}, 3, serverError, 200, "1 of 2 shards failed: the results are incomplete"},
		"429 is tried beyond the attempts": {[]http.HandlerFunc{answer(429, ""), answer(429, ""), answer(429, ""), answer(429, ""), answer(429, ""), answer(200, found)}, 6, 0, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			handler := inTurn(c.handlers...)
			_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				handler(w, r)
			}))
			failure := searched(t, o)
			if failure == nil {
				failure = &Failure{}
			}
			if failure.Reason != c.reason || failure.Status != c.status || failure.Detail != c.detail {
				t.Errorf("%v, status %d", failure, failure.Status)
			}
			if requests.Load() != c.requests {
				t.Errorf("%d requests, want %d", requests.Load(), c.requests)
			}
		})
	}
}

func TestMaxRetriesZeroMeansOneAttempt(t *testing.T) {
	for _, status := range []int{429, 500} {
		_, o := serve(t, inTurn(answer(status, ""), answer(200, found)))
		o.MaxRetries = 0
		if failure := searched(t, o); failure == nil || failure.Status != status {
			t.Error(failure)
		}
	}
}

func TestClosedPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	failure := searched(t, options(t, "http://"+address))
	if failure == nil || failure.Reason != unreachable || failure.Status != 0 || strings.Contains(failure.Error(), address) {
		t.Fatal(failure)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	var opened atomic.Int32
	big := strings.Repeat(" ", 100_000)
	handler := inTurn(answer(500, big), answer(200, found+big), answer(404, big), answer(200, found))
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client, err := New(options(t, server.URL))
	if err != nil {
		t.Fatal(err)
	}
	var searches sync.WaitGroup
	for range 2 {
		searches.Go(func() {
			for range 20 {
				client.Search(t.Context(), request(t, client))
			}
		})
	}
	searches.Wait()
	// The transport may dial while a connection is on its way back to the pool, so there can be one more or two.
	if opened.Load() > 4 {
		t.Fatalf("%d connections for 40 searches, 2 at once", opened.Load())
	}
}

func TestLimitAppliesToTheDecompressedAnswer(t *testing.T) {
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		io.WriteString(zip, strings.Repeat(" ", 8<<20)+found)
		zip.Close()
	}))
	if failure := searched(t, o); failure == nil || failure.Reason != malformed || !strings.Contains(failure.Detail, "larger than 1 MiB") {
		t.Fatal(failure)
	}
}

func TestRequest(t *testing.T) {
	var seen *http.Request
	var body []byte
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, body = r, nil
		body, _ = io.ReadAll(r.Body)
		answer(200, found)(w, r)
	}))
	o.Authorization = "ApiKey abc"
	if failure := searched(t, o); failure != nil {
		t.Fatal(failure)
	}
	got := fmt.Sprintln(seen.Method, seen.URL, seen.Header.Get("Content-Type"), seen.Header.Get("Authorization"), string(body))
	if want := "POST /index/_search?preference=sq application/json ApiKey abc {\"q\":\"a\"}\n"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestCancelledSearchIsNotAFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		tooLate(w, r)
	}))
	client, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Search(ctx, request(t, client)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
