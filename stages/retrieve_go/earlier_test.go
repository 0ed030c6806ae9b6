package retrieve

import (
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
)

func TestOnlyWhatFailedForAPassingReasonIsSearchedAgain(t *testing.T) {
	var searches atomic.Int64
	var broken atomic.Bool
	broken.Store(true)
	answer := func(w http.ResponseWriter, r *http.Request) {
		searches.Add(1)
		if broken.Load() {
			status(503)(w, r)
			return
		}
		w.Write([]byte(hits(1)))
	}
	server := engine(t, map[string]http.HandlerFunc{"text 3": answer, "text 4": answer, "text 5": status(400)})
	line := commandLine{
		queries: querySet(t, 10), output: filepath.Join(t.TempDir(), "out"),
		config: config(server.URL, `"max_retries":0,"concurrency":1`),
	}
	first := execute(t, line)
	unfinished := first.manifest(t).GetProvenance().GetUnfinished()
	if len(unfinished) != 1 || unfinished[0].GetReason() != "SERVER_ERROR" || unfinished[0].GetRecords() != 2 {
		t.Fatal(unfinished)
	}
	broken.Store(false)
	// The number of searches at once is no part of the work.
	line.config = config(server.URL, `"max_retries":0,"concurrency":7`)
	second := execute(t, line)
	if second.code != 0 || searches.Load() != 4 || len(queryIDs(t, second.records)) != 10 {
		t.Fatal(second.code, searches.Load(), second.logs)
	}
	if open := second.manifest(t).GetProvenance().GetUnfinished(); len(open) != 0 {
		t.Fatal(open)
	}
	whole := line
	whole.output = filepath.Join(t.TempDir(), "out")
	if execute(t, whole).handoff.GetDigest() != second.handoff.GetDigest() {
		t.Error("the continued work differs from work that was never interrupted")
	}
}
