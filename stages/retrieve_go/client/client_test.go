package client

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/opensearch"
	"sq/stages/retrieve_go/search"
)

const found = `{"hits":{"total":{"value":1,"relation":"eq"},"hits":[{"_id":"1","_score":1,"_source":{"id":"1"}}]}}`

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// inTurn gives each request the next handler, and the last one for ever.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var requests atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		n := int(requests.Add(1))
		handlers[min(n, len(handlers))-1](w, r)
	}
}

func options(t *testing.T, address string) Options {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	parsed.Path = "/" + strings.TrimPrefix(parsed.Path, "/")
	protocol, err := opensearch.New(&sqv1.OpenSearchEndpoint{Index: "index", BodyTemplate: `{"q":"{{query}}"}`}, parsed, 10,
		mapping.New(&sqv1.FieldMapping{Id: "id", Title: "title"}))
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Protocol:       protocol,
		Concurrency:    2,
		AttemptTimeout: 5 * time.Second,
		QueryTimeout:   20 * time.Second,
		MaxRetries:     2,
		FirstPause:     time.Millisecond,
		LargestAnswer:  1 << 20,
	}
}

func serve(t *testing.T, handler http.Handler) (*httptest.Server, Options) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server, options(t, server.URL+"/")
}

func request(t *testing.T, client *Client) *search.Request {
	t.Helper()
	request, err := client.options.Protocol.Request(&sqv1.Query{Text: "a"})
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func searched(t *testing.T, o Options) *Failure {
	t.Helper()
	client, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Search(t.Context(), request(t, client))
	if err == nil {
		return nil
	}
	var failure *Failure
	if !errors.As(err, &failure) {
		t.Fatal(err)
	}
	return failure
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	connection, _, _ := w.(http.Hijacker).Hijack()
	connection.Close()
}

func breakOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, found)
}

func tooLate(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	select {
	case <-r.Context().Done():
	case <-time.After(10 * time.Second):
	}
}

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
		"404":                              {[]http.HandlerFunc{answer(404, "no")}, 1, refused, 404, "HTTP 404"},
		"401":                              {[]http.HandlerFunc{answer(401, "")}, 1, unauthorised, 401, "HTTP 401"},
		"403":                              {[]http.HandlerFunc{answer(403, "")}, 1, unauthorised, 403, "HTTP 403"},
		"redirects are refused":            {[]http.HandlerFunc{http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect).ServeHTTP, answer(200, found)}, 1, malformed, 307, "HTTP 307: redirects are not followed"},
		"204":                              {[]http.HandlerFunc{answer(204, "")}, 1, malformed, 204, "HTTP 204"},
		"HTML":                             {[]http.HandlerFunc{answer(200, "<html>")}, 1, malformed, 200, "the answer is no JSON of a search: it breaks off or is not JSON"},
		"JSON that breaks off":             {[]http.HandlerFunc{answer(200, found[:40])}, 1, malformed, 200, "the answer is no JSON of a search: it breaks off or is not JSON"},
		"an answer too large":              {[]http.HandlerFunc{answer(200, strings.Repeat(" ", 1<<20)+found)}, 1, malformed, 200, "the answer has over 1 MiB"},
		"connections that break":           {[]http.HandlerFunc{hangUp}, 3, unreachable, 0, "no connection"},
		"bodies that break off":            {[]http.HandlerFunc{breakOff}, 3, unreachable, 200, "the connection broke"},
		"status of an attempt before":      {[]http.HandlerFunc{answer(500, ""), hangUp}, 3, unreachable, 500, "no connection"},
		"the engine's deadline":            {[]http.HandlerFunc{answer(200, `{"timed_out":true,"hits":{"hits":[]}}`)}, 3, timeout, 200, "the engine's own deadline passed: its answer is not whole"},
		"shards that failed, then none":    {[]http.HandlerFunc{answer(200, `{"_shards":{"total":2,"failed":1},"hits":{"hits":[]}}`), answer(200, found)}, 2, 0, 0, ""},
		"shards that fail":                 {[]http.HandlerFunc{answer(200, `{"_shards":{"total":2,"failed":1},"hits":{"hits":[]}}`)}, 3, serverError, 200, "1 of 2 shards failed: the answer is not whole"},
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

func TestNoRetriesMeansNone(t *testing.T) {
	for _, status := range []int{429, 500} {
		_, o := serve(t, inTurn(answer(status, ""), answer(200, found)))
		o.MaxRetries = 0
		if failure := searched(t, o); failure == nil || failure.Status != status {
			t.Error(failure)
		}
	}
}

func TestNothingListens(t *testing.T) {
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

func TestAttemptDeadline(t *testing.T) {
	_, o := serve(t, inTurn(tooLate, answer(200, found)))
	o.AttemptTimeout = 50 * time.Millisecond
	if failure := searched(t, o); failure != nil {
		t.Fatal(failure)
	}
}

func TestSlowBody(t *testing.T) {
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, found[:10])
		w.(http.Flusher).Flush()
		tooLate(w, r)
	}))
	o.AttemptTimeout, o.MaxRetries = 50*time.Millisecond, 0
	if failure := searched(t, o); failure == nil || failure.Reason != timeout || failure.Status != 200 {
		t.Fatal(failure)
	}
}

func TestQueryDeadlineEndsAttempts(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		reason  sqv1.RetrievalFailureReason
	}{
		"slow answers": {tooLate, timeout},
		"429":          {answer(429, ""), rateLimited},
		"5xx":          {answer(500, ""), serverError},
	} {
		t.Run(name, func(t *testing.T) {
			_, o := serve(t, c.handler)
			o.QueryTimeout, o.MaxRetries, o.FirstPause = 300*time.Millisecond, 20, 100*time.Millisecond
			start := time.Now()
			if failure := searched(t, o); failure == nil || failure.Reason != c.reason {
				t.Fatal(failure)
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestRetriesUseTheRateLimitToo(t *testing.T) {
	var requests atomic.Int32
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.WriteHeader(500)
	}))
	o.RequestsPerSecond, o.MaxRetries = 20, 3
	start := time.Now()
	searched(t, o)
	// Four requests, the first at once: three intervals of 50 ms.
	if took := time.Since(start); requests.Load() != 4 || took < 140*time.Millisecond {
		t.Fatalf("%d requests in %v", requests.Load(), took)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
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
	if opened.Load() > 2 {
		t.Fatalf("%d connections for 2 searches at once", opened.Load())
	}
}

func TestCompressedAnswersAreLimitedAsTheyUnfold(t *testing.T) {
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		io.WriteString(zip, strings.Repeat(" ", 8<<20)+found)
		zip.Close()
	}))
	if failure := searched(t, o); failure == nil || failure.Reason != malformed || !strings.Contains(failure.Detail, "over 1 MiB") {
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

func TestCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(answer(200, found))
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	o := options(t, server.URL)
	failure := searched(t, o)
	if failure == nil || failure.Reason != unreachable || failure.Detail != "the endpoint's certificate is not trusted" {
		t.Fatal(failure)
	}
	o.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(o.CAFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if failure := searched(t, o); failure != nil {
		t.Fatal(failure)
	}
	os.WriteFile(o.CAFile, []byte("none"), 0o600)
	if _, err := New(o); !errors.Is(err, errNoCertificate) {
		t.Fatal(err)
	}
}

func TestStoppedSearchIsNoFailure(t *testing.T) {
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
