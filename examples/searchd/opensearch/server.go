package opensearch

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"sq/examples/searchd/shop"
)

const longestRequest = 1 << 20

// Server serves the markets of a shop.
type Server struct {
	markets map[string]*shop.Market
	faults  Faults
	routes  *http.ServeMux
}

// NewServer serves markets by name, and the pictures of a folder.
func NewServer(markets map[string]*shop.Market, faults Faults, pictures fs.FS) *Server {
	server := &Server{markets, faults, http.NewServeMux()}
	server.routes.HandleFunc("GET /{$}", server.health)
	server.routes.HandleFunc("POST /{market}/_search", server.search)
	server.routes.HandleFunc("GET /{market}/_count", server.count)
	server.routes.Handle("GET /pictures/", http.StripPrefix("/pictures/", http.FileServerFS(pictures)))
	return server
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routes.ServeHTTP(w, r) }

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	documents := map[string]int{}
	for name, market := range s.markets {
		documents[name] = market.Count()
	}
	write(w, http.StatusOK, map[string]any{"name": "sq-searchd", "status": "green", "documents": documents})
}

func (s *Server) count(w http.ResponseWriter, r *http.Request) {
	if market := s.market(w, r); market != nil {
		write(w, http.StatusOK, map[string]any{"count": market.Count(), "_shards": oneShard})
	}
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	market := s.market(w, r)
	if market == nil {
		return
	}
	request, err := readRequest(w, r)
	if err != nil {
		refuse(w, refusal(http.StatusBadRequest, "parsing_exception", err.Error()))
		return
	}
	fault := s.faults.Find(r.PathValue("market"), request.Query.Text)
	if fault != nil && !fault.Truncate {
		refuse(w, refusal(fault.Status, fault.Type, fault.Reason))
		return
	}
	hits, err := market.Search(request.Query)
	if err == nil {
		var body []byte
		if body, err = answer(r.PathValue("market"), request, hits, time.Since(started)); err == nil {
			if fault != nil {
				body = body[:len(body)/2]
			}
			writeBody(w, http.StatusOK, body)
			return
		}
	}
	slog.Error("search failed", "query", request.Query.Text, "error", err)
	refuse(w, refusal(http.StatusInternalServerError, "search_exception", err.Error()))
}

func readRequest(w http.ResponseWriter, r *http.Request) (*Request, error) {
	if len(r.URL.Query()) > 0 {
		return nil, errors.New("parameters in the URL are not served: put them into the body")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestRequest))
	if err != nil {
		return nil, err
	}
	return ParseRequest(body)
}

// market finds the one that a request names, or answers that there is none.
func (s *Server) market(w http.ResponseWriter, r *http.Request) *shop.Market {
	name := r.PathValue("market")
	market := s.markets[name]
	if market == nil {
		refuse(w, refusal(http.StatusNotFound, "index_not_found_exception", "no such index ["+name+"]"))
	}
	return market
}

func refuse(w http.ResponseWriter, problem wireError) { write(w, problem.Status, problem) }

func write(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		slog.Error("cannot write an answer", "error", err)
		status, body = http.StatusInternalServerError, nil
	}
	writeBody(w, status, body)
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		slog.Debug("the client went away", "error", err)
	}
}
