package opensearch

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"sq/examples/searchd/shop"
)

const longestRequest = 1 << 20

// Server serves the search of all markets.
type Server struct {
	markets map[string]*shop.Market
	faults  Faults
	routes  *http.ServeMux
}

// NewServer serves markets by their names, and the pictures of a folder.
func NewServer(markets map[string]*shop.Market, faults Faults, pictures fs.FS) *Server {
	server := &Server{markets, faults, http.NewServeMux()}
	server.routes.HandleFunc("GET /{$}", server.health)
	server.routes.Handle("GET /pictures/", http.StripPrefix("/pictures/", http.FileServerFS(pictures)))
	server.routes.HandleFunc("/", unknownRoute)
	for name, market := range markets {
		server.routes.HandleFunc("POST /"+name+"/_search", func(w http.ResponseWriter, r *http.Request) {
			server.search(w, r, name)
		})
		server.routes.HandleFunc("GET /"+name+"/_count", func(w http.ResponseWriter, _ *http.Request) {
			write(w, http.StatusOK, map[string]any{"count": market.Count(), "_shards": oneShard})
		})
	}
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

func unknownRoute(w http.ResponseWriter, r *http.Request) {
	refuse(w, refusal(http.StatusNotFound, "index_not_found_exception", "no such index or action: "+r.Method+" "+r.URL.Path))
}

func (s *Server) search(w http.ResponseWriter, r *http.Request, market string) {
	started := time.Now()
	request, err := readRequest(w, r)
	if err != nil {
		refuse(w, refusal(http.StatusBadRequest, "parsing_exception", err.Error()))
		return
	}
	fault := s.faults.Find(market, request.Text)
	if fault != nil && !fault.Truncate {
		refuse(w, refusal(fault.Status, fault.Type, fault.Reason))
		return
	}
	body, err := s.answer(market, request, started)
	if err != nil {
		slog.Error("search failed", "query", request.Text, "error", err)
		refuse(w, refusal(http.StatusInternalServerError, "search_exception", err.Error()))
		return
	}
	if fault != nil {
		body = body[:len(body)/2]
	}
	writeBody(w, http.StatusOK, body)
}

func (s *Server) answer(market string, request *Request, started time.Time) ([]byte, error) {
	hits, err := s.markets[market].Search(request.Query)
	if err != nil {
		return nil, err
	}
	return answer(market, request, hits, time.Since(started))
}

func readRequest(w http.ResponseWriter, r *http.Request) (*Request, error) {
	for name := range r.URL.Query() {
		// preference selects a copy of the index, and there is only one.
		if name != "preference" {
			return nil, fmt.Errorf("URL parameter %q is not supported; use the request body", name)
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestRequest))
	if err != nil {
		return nil, err
	}
	return ParseRequest(body)
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
		slog.Debug("the client closed the connection", "error", err)
	}
}
