package retrieve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"sq/libs/handoff/go/artefact"
	"sq/libs/handoff/go/record"
	sqv1 "sq/proto/sq/v1"
)

func query(number int) *sqv1.Query {
	return &sqv1.Query{
		QueryId: fmt.Sprintf("q%016x", number), SegmentId: fmt.Sprintf("CATEGORY=c%d", number/10),
		SourceText: fmt.Sprint("text ", number), Text: fmt.Sprint("text ", number), Band: sqv1.Band_BAND_HEAD,
	}
}

// querySet publishes a query set with count queries, ten per segment, and one failure record.
func querySet(t *testing.T, count int) string {
	t.Helper()
	uri := t.TempDir()
	writer, err := artefact.NewWriter[*sqv1.QuerySetRecord](uri, 1000)
	if err != nil {
		t.Fatal(err)
	}
	records := []*sqv1.QuerySetRecord{
		{Record: &sqv1.QuerySetRecord_Summary{Summary: &sqv1.QueryLogSummary{Queries: uint64(count), Failures: 1}}},
		{Record: &sqv1.QuerySetRecord_Failure{Failure: &sqv1.QueryFailure{
			QueryId: "qx", SegmentId: "UNTAGGED", Reason: sqv1.QueryFailureReason_QUERY_FAILURE_REASON_BUDGET,
		}}},
	}
	for first := 0; first < count; first += 10 {
		segment := &sqv1.Segment{SegmentId: fmt.Sprintf("CATEGORY=c%d", first/10)}
		for i := first; i < min(first+10, count); i++ {
			segment.Queries = append(segment.Queries, query(i))
		}
		records = append(records, &sqv1.QuerySetRecord{Record: &sqv1.QuerySetRecord_Segment{Segment: segment}})
	}
	for _, r := range records {
		if err := writer.Write(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := writer.Publish(t.Context(), &sqv1.Provenance{Stage: "generate", RunId: "r"}, nil); err != nil {
		t.Fatal(err)
	}
	return uri
}

// execution is the outcome of one command line.
type execution struct {
	code    int
	handoff *sqv1.Handoff
	logs    string
	records []*sqv1.RetrievalRecord
}

func (e execution) manifest(t *testing.T) *sqv1.Manifest {
	t.Helper()
	manifest, err := artefact.FetchManifest(t.Context(), e.handoff.GetUri())
	if err != nil {
		t.Fatal(err)
	}
	return manifest
}

type commandLine struct {
	queries, output, config, shard string
}

func execute(t *testing.T, c commandLine) execution {
	t.Helper()
	handoffFile := filepath.Join(t.TempDir(), "xcom", "return.json")
	t.Setenv("SQ_HANDOFF", handoffFile)
	if c.output == "" {
		c.output = filepath.Join(t.TempDir(), "out")
	}
	arguments := []string{"--run-id", "r1", "--market", "uk", "--config", c.config, "--input", "queries=" + c.queries, "--output", c.output}
	if c.shard != "" {
		arguments = append(arguments, "--shard", c.shard)
	}
	published := func() bool {
		_, err := os.Stat(filepath.Join(c.output, "manifest.json"))
		return err == nil
	}
	before := published()
	var e execution
	e.logs = captureStderr(t, func() { e.code = Stage.Main(arguments) })
	if text, err := os.ReadFile(handoffFile); err == nil {
		e.handoff = &sqv1.Handoff{}
		if err := protojson.Unmarshal(text, e.handoff); err != nil {
			t.Fatal(err)
		}
		e.records = readRecords(t, c.output)
	} else if published() && !before {
		t.Fatal("the stage published an artefact without a handoff")
	}
	return e
}

func captureStderr(t *testing.T, run func()) string {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	standard := os.Stderr
	os.Stderr = writer
	var logs bytes.Buffer
	var copying sync.WaitGroup
	copying.Go(func() { io.Copy(&logs, reader) })
	defer func() { os.Stderr = standard }()
	run()
	writer.Close()
	copying.Wait()
	return logs.String()
}

func readRecords(t *testing.T, uri string) []*sqv1.RetrievalRecord {
	t.Helper()
	reader, err := artefact.Open[*sqv1.RetrievalRecord](t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	var records []*sqv1.RetrievalRecord
	for r, err := range reader.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func config(url string, more ...string) string {
	fields := append([]string{
		fmt.Sprintf(`"opensearch":{"url":%q,"index":"products","search_fields":["title"]}`, url),
		`"fields":{"id":"id","title":"title","attributes":[{"field":"colour","tag_type":"COLOUR"}]}`,
	}, more...)
	return "{" + strings.Join(fields, ",") + "}"
}

// engine answers "text N" with the products p(N%7) to p(N%7+2). special has handlers for other answers, by query.
func engine(t *testing.T, special map[string]http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Size  int
			Query struct {
				MultiMatch struct{ Query string } `json:"multi_match"`
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		text := body.Query.MultiMatch.Query
		if handler := special[text]; handler != nil {
			handler(w, r)
			return
		}
		var number int
		fmt.Sscanf(text, "text %d", &number)
		time.Sleep(time.Duration(number*7919%5) * time.Millisecond)
		io.WriteString(w, hits(number%7, number%7+1, number%7+2))
	}))
	t.Cleanup(server.Close)
	return server
}

func hits(products ...int) string {
	var texts []string
	for i, p := range products {
		texts = append(texts, fmt.Sprintf(`{"_id":"x%d","_score":%d,"_source":{"id":"p%d","title":"Product %d","colour":["red"]}}`, p, 10-i, p, p))
	}
	return fmt.Sprintf(`{"hits":{"total":{"value":%d,"relation":"eq"},"hits":[%s]}}`, len(products), strings.Join(texts, ","))
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// queryIDs checks the rules of every output and returns the query ids of its results and failures, in order.
func queryIDs(t *testing.T, records []*sqv1.RetrievalRecord) (ids []string) {
	t.Helper()
	products := map[string]bool{}
	for _, r := range records {
		if err := record.Check(r); err != nil {
			t.Fatal(err)
		}
		if p := r.GetProduct(); p != nil {
			if products[p.GetContentHash()] {
				t.Fatalf("product %s occurs twice", p.GetProductId())
			}
			products[p.GetContentHash()] = true
		}
		for _, hit := range r.GetResult().GetHits() {
			if !products[hit.GetProduct().GetContentHash()] {
				t.Fatalf("%v refers to a product that is not written before it", hit)
			}
		}
		if id := r.GetResult().GetQueryId() + r.GetFailure().GetQueryId(); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}
