package client

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
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

// inTurn serves each request by the next handler. The last handler serves all further requests.
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
