// Package find serves an API like that of many shops: GET with URL parameters, hits in nested objects, attributes as a list of
// names and values.
package find

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"sq/examples/searchd/opensearch"
	"sq/examples/searchd/shop"
)

const (
	defaultCount = 10
	maxResults   = 1000
)

// fields are the search fields of the sample's run configuration for OpenSearch.
var fields = []shop.Field{
	{Name: "title", Boost: 8}, {Name: "brand", Boost: 4}, {Name: "category", Boost: 4}, {Name: "sizes", Boost: 2}, {Name: "description", Boost: 1},
}

// Server serves GET /MARKET/find?q=…&n=….
type Server struct {
	markets map[string]*shop.Market
	faults  opensearch.Faults
}

// NewServer serves markets by their names. faults apply to queries as in OpenSearch's protocol.
func NewServer(markets map[string]*shop.Market, faults opensearch.Faults) *Server {
	return &Server{markets, faults}
}

type problem struct {
	Problem string `json:"problem"`
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("market")
	market := s.markets[name]
	if market == nil {
		write(w, http.StatusNotFound, problem{"unknown market " + name})
		return
	}
	text, count, err := parameters(r)
	if err != nil {
		write(w, http.StatusBadRequest, problem{err.Error()})
		return
	}
	fault := s.faults.Find(name, text)
	if fault != nil && !fault.Truncate {
		write(w, fault.Status, problem{fault.Reason})
		return
	}
	hits, err := market.Search(shop.Query{Text: text, Type: shop.CrossFields, Fields: fields, MinimumShouldMatch: func(words int) int { return words }})
	if err != nil {
		slog.Error("search failed", "query", text, "error", err)
		write(w, http.StatusInternalServerError, problem{err.Error()})
		return
	}
	body, err := answer(text, hits, count)
	if err != nil {
		write(w, http.StatusInternalServerError, problem{err.Error()})
		return
	}
	if fault != nil {
		body = body[:len(body)/2]
	}
	send(w, http.StatusOK, body)
}

func parameters(r *http.Request) (text string, count int, err error) {
	count = defaultCount
	for name, values := range r.URL.Query() {
		switch {
		case len(values) > 1:
			return "", 0, fmt.Errorf("%s is given twice", name)
		case name == "q":
			text = values[0]
		case name == "n":
			if count, err = strconv.Atoi(values[0]); err != nil || count < 1 || count > maxResults {
				return "", 0, fmt.Errorf("n must be a number from 1 to %d", maxResults)
			}
		default:
			return "", 0, fmt.Errorf("unknown parameter %s; use q and n", name)
		}
	}
	if text == "" {
		return "", 0, fmt.Errorf("q is missing or empty")
	}
	return text, count, nil
}

func write(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		slog.Error("cannot write an answer", "error", err)
		status, body = http.StatusInternalServerError, nil
	}
	send(w, status, body)
}

func send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		slog.Debug("the client closed the connection", "error", err)
	}
}
