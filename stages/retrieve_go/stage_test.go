package retrieve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"sq/libs/handoff/go/handofftest"
	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
)

func TestEveryQueryHasARecordInOrder(t *testing.T) {
	server := engine(t, map[string]http.HandlerFunc{
		"text 3":  status(400),
		"text 11": status(503),
		"text 12": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, hits()) },
		"text 13": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"hits":{"hits":[{"_source":{"title":"no id"}}]}}`)
		},
		"text 14": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, hits(1, 2, 1, 3)) },
	})
	e := execute(t, commandLine{queries: querySet(t, 35), config: config(server.URL, `"max_retries":1`)})
	if e.code != 0 {
		t.Fatal(e.code, e.logs)
	}
	var want []string
	for i := range 35 {
		want = append(want, query(i).GetQueryId())
	}
	if ids := queryIDs(t, e.records); !slices.Equal(ids, want) {
		t.Fatal(ids)
	}
	counts := map[string]uint64{}
	for _, c := range e.handoff.GetCounts() {
		counts[c.GetKind()] = c.GetRecords()
	}
	if counts["result"] != 32 || counts["failure"] != 3 || counts["product"] != 9 {
		t.Error(counts)
	}
	byID := map[string]*sqv1.RetrievalRecord{}
	for _, r := range e.records {
		byID[r.GetResult().GetQueryId()+r.GetFailure().GetQueryId()] = r
	}
	for number, want := range map[int]string{
		3:  `failure:{query_id:"q0000000000000003" segment_id:"CATEGORY=c0" reason:RETRIEVAL_FAILURE_REASON_REFUSED http_status:400 detail:"HTTP 400"}`,
		11: `failure:{query_id:"q000000000000000b" segment_id:"CATEGORY=c1" reason:RETRIEVAL_FAILURE_REASON_SERVER_ERROR http_status:503 detail:"HTTP 503"}`,
		12: `result:{query_id:"q000000000000000c" segment_id:"CATEGORY=c1"}`,
		13: `failure:{query_id:"q000000000000000d" segment_id:"CATEGORY=c1" reason:RETRIEVAL_FAILURE_REASON_MALFORMED http_status:200 detail:"hit 1: the product id in field id is missing or empty"}`,
	} {
		if got := strings.ReplaceAll(fmt.Sprint(byID[query(number).GetQueryId()]), "  ", " "); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	result := byID[query(14).GetQueryId()].GetResult()
	if len(result.GetHits()) != 3 || result.GetDuplicatesRemoved() != 1 || result.GetHits()[2].GetRank() != 3 || result.GetHits()[2].GetProduct().GetProductId() != "p3" {
		t.Error(result)
	}
	if e.handoff.GetFirstSegment() != "CATEGORY=c0" || e.handoff.GetLastSegment() != "CATEGORY=c3" || e.handoff.GetMarket() != "uk" {
		t.Error(e.handoff)
	}
}

func TestEqualRunsHaveEqualDigests(t *testing.T) {
	server, queries := engine(t, nil), querySet(t, 60)
	first := execute(t, commandLine{queries: queries, config: config(server.URL, `"concurrency":1`)})
	second := execute(t, commandLine{queries: queries, config: config(server.URL, `"concurrency":16`)})
	if first.handoff.GetDigest() == "" || first.handoff.GetDigest() != second.handoff.GetDigest() {
		t.Fatal(first.handoff, second.handoff)
	}
}

func TestShardsTogetherHoldEveryQuery(t *testing.T) {
	server, queries := engine(t, nil), querySet(t, 50)
	var ids []string
	for shard := range 3 {
		e := execute(t, commandLine{queries: queries, config: config(server.URL), shard: fmt.Sprintf("%d/3", shard)})
		own := queryIDs(t, e.records)
		for _, id := range own {
			if !(stagekit.Shard{Index: uint64(shard), Count: 3}).Contains(id) {
				t.Errorf("%s does not belong to shard %d", id, shard)
			}
		}
		ids = append(ids, own...)
	}
	slices.Sort(ids)
	if len(ids) != 50 || len(slices.Compact(ids)) != 50 {
		t.Fatal(ids)
	}
}

func TestFinishedWorkIsNotRepeated(t *testing.T) {
	var requests sync.Map
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Store(time.Now(), true)
		io.WriteString(w, hits(1))
	}))
	t.Cleanup(server.Close)
	line := commandLine{queries: querySet(t, 5), output: filepath.Join(t.TempDir(), "out"), config: config(server.URL)}
	first := execute(t, line)
	requests.Clear()
	second := execute(t, line)
	requests.Range(func(any, any) bool {
		t.Fatal("the second execution searched again")
		return false
	})
	if first.code != 0 || second.code != 0 || !proto.Equal(first.handoff, second.handoff) {
		t.Fatal(first.handoff, second.handoff)
	}
	line.config = config(server.URL, `"top_k":3`)
	if other := execute(t, line); other.code != 2 || !strings.Contains(other.logs, "contains the result of another configuration") {
		t.Fatal(other.code, other.logs)
	}
}

func TestNoQueries(t *testing.T) {
	e := execute(t, commandLine{queries: querySet(t, 0), config: config("http://127.0.0.1:9")})
	if e.code != 0 || e.handoff.GetRecords() != 0 {
		t.Fatal(e.code, e.logs)
	}
}

func TestSIGTERMStopsAndPublishesNothing(t *testing.T) {
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		once.Do(func() { syscall.Kill(os.Getpid(), syscall.SIGTERM) })
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	e := execute(t, commandLine{queries: querySet(t, 20), config: config(server.URL)})
	if e.code != 75 || !strings.Contains(e.logs, "stopped by a signal") || e.handoff != nil {
		t.Fatal(e.code, e.logs)
	}
}

func TestIDOfTheHit(t *testing.T) {
	server := engine(t, nil)
	text := fmt.Sprintf(`{"opensearch":{"url":%q,"index":"i","search_fields":["t"]},"fields":{"id":"_id","title":"title"}}`, server.URL)
	e := execute(t, commandLine{queries: querySet(t, 1), config: text})
	if e.code != 0 || e.records[0].GetProduct().GetProductId() != "x0" {
		t.Fatal(e.code, e.records)
	}
}

func TestOverS3(t *testing.T) {
	bucket := handofftest.S3(t)
	server := engine(t, nil)
	e := execute(t, commandLine{queries: querySet(t, 15), output: bucket + "/run/retrieve", config: config(server.URL)})
	if ids := queryIDs(t, e.records); e.code != 0 || len(ids) != 15 {
		t.Fatal(e.code, e.logs)
	}
}
