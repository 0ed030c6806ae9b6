package retrieve

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
)

const (
	// earlyCheck is the number of queries after which the stage stops if all failed for a reason that concerns every query.
	earlyCheck = 50
	// maxLogged is how many failures are logged one by one. After the last query there is one warning for each kind.
	maxLogged = 10
)

// ledger writes outcomes in the order in which they are entered, and counts them. It writes each product before the first
// result that refers to it.
type ledger struct {
	write           func(context.Context, *sqv1.RetrievalRecord) error
	log             *slog.Logger
	indexField      string // field of the configuration that is wrong if every query fails with 404
	maxFailureShare *float64

	products      map[[32]byte]bool // by content hash, those already written
	results       uint64
	hits          uint64
	failures      map[failureKind]uint64
	details       map[failureKind]string // of the first failure of each kind
	mismatches    uint64                 // failures because a path of the configuration does not fit the answer
	firstMismatch *outcome
}

type failureKind struct {
	reason sqv1.RetrievalFailureReason
	status uint32
}

func newLedger(write func(context.Context, *sqv1.RetrievalRecord) error, log *slog.Logger, indexField string, maxFailureShare *float64) *ledger {
	return &ledger{
		write: write, log: log, indexField: indexField, maxFailureShare: maxFailureShare,
		products: map[[32]byte]bool{}, failures: map[failureKind]uint64{}, details: map[failureKind]string{},
	}
}

// enter writes the records of one outcome. It fails if the first queries all failed for a reason that concerns every query.
func (l *ledger) enter(ctx context.Context, o *outcome) error {
	if o.failure != nil {
		return l.enterFailure(ctx, o)
	}
	for _, product := range o.products {
		var hash [32]byte
		if _, err := hex.Decode(hash[:], []byte(product.GetContentHash())); err != nil {
			return err
		}
		if l.products[hash] {
			continue
		}
		l.products[hash] = true
		if err := l.write(ctx, &sqv1.RetrievalRecord{Record: &sqv1.RetrievalRecord_Product{Product: product}}); err != nil {
			return err
		}
	}
	l.results++
	l.hits += uint64(len(o.result.GetHits()))
	return l.write(ctx, &sqv1.RetrievalRecord{Record: &sqv1.RetrievalRecord_Result{Result: o.result}})
}

func (l *ledger) enterFailure(ctx context.Context, o *outcome) error {
	if l.failed() < maxLogged {
		l.log.Info("query failed", "query_id", o.failure.GetQueryId(), "reason", shortName(o.failure.GetReason()),
			"detail", o.failure.GetDetail(), "note", o.note)
	}
	kind := failureKind{o.failure.GetReason(), o.failure.GetHttpStatus()}
	if l.failures[kind]++; l.failures[kind] == 1 {
		l.details[kind] = o.failure.GetDetail()
	}
	if o.field != "" {
		l.mismatches++
		if l.firstMismatch == nil {
			l.firstMismatch = o
		}
	}
	if l.results == 0 && l.failed() == earlyCheck {
		if err := l.allFailed(); err != nil {
			return err
		}
	}
	return l.write(ctx, &sqv1.RetrievalRecord{Record: &sqv1.RetrievalRecord_Failure{Failure: o.failure}})
}

func (l *ledger) failed() (count uint64) {
	for _, of := range l.failures {
		count += of
	}
	return count
}

// allFailed returns an error if every query so far failed for the same reason, and the reason is the endpoint or the
// configuration.
func (l *ledger) allFailed() error {
	const unreachable = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNREACHABLE
	const unauthorised = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNAUTHORISED
	const refused = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_REFUSED
	var unreached, denied, notFound uint64
	for kind, count := range l.failures {
		switch {
		case kind.reason == unreachable:
			unreached += count
		case kind.reason == unauthorised:
			denied += count
		case kind.reason == refused && kind.status == 404:
			notFound += count
		}
	}
	switch failed := l.failed(); {
	case failed == 0 || l.results > 0:
		return nil
	case unreached == failed:
		return &stagekit.TryAgainError{Problem: fmt.Sprintf("the endpoint could not be reached for any of the %d queries", failed)}
	case denied == failed:
		return &stagekit.InputError{Field: "credentials", Problem: fmt.Sprintf("the endpoint rejected them (401 or 403) for all %d queries", failed), Fix: "use credentials that may search the index"}
	case notFound == failed:
		return &stagekit.InputError{Field: l.indexField, Problem: fmt.Sprintf("the endpoint answered 404 (not found) to all %d queries", failed), Fix: "use one that exists"}
	case l.mismatches == failed:
		return &stagekit.InputError{Field: l.firstMismatch.field, Problem: fmt.Sprintf("does not fit the answer to any of %d queries: %s", failed, l.firstMismatch.failure.GetDetail()), Fix: "correct the path"}
	}
	return nil
}

// close logs a summary. It fails if the results must not be published.
func (l *ledger) close() error {
	if err := l.allFailed(); err != nil {
		return err
	}
	var unanswered uint64
	byReason := map[string]uint64{}
	for kind, count := range l.failures {
		byReason[shortName(kind.reason)] += count
		if isUnanswered(kind.reason) {
			unanswered += count
		}
	}
	l.warnOfFailures()
	queries := l.results + l.failed()
	l.log.Info("searched", "queries", queries, "results", l.results, "failures", l.failed(), "reasons", byReason, "products", len(l.products))
	if l.maxFailureShare != nil && float64(unanswered) > *l.maxFailureShare*float64(queries) {
		return &stagekit.TryAgainError{Problem: fmt.Sprintf("%d of %d queries have no answer, more than max_failure_share %g allows", unanswered, queries, *l.maxFailureShare)}
	}
	return nil
}

// warnOfFailures logs one warning for each kind of failure, the most frequent first.
func (l *ledger) warnOfFailures() {
	kinds := slices.SortedFunc(maps.Keys(l.failures), func(a, b failureKind) int {
		return cmp.Or(cmp.Compare(l.failures[b], l.failures[a]), cmp.Compare(a.reason, b.reason), cmp.Compare(a.status, b.status))
	})
	for _, kind := range kinds {
		l.log.Warn("queries failed", "count", l.failures[kind], "reason", shortName(kind.reason), "detail", l.details[kind])
	}
}

// isUnanswered reports whether the endpoint may answer the query at another time.
func isUnanswered(reason sqv1.RetrievalFailureReason) bool {
	switch reason {
	case sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNREACHABLE,
		sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_TIMEOUT,
		sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_RATE_LIMITED,
		sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_SERVER_ERROR:
		return true
	}
	return false
}

func shortName(reason sqv1.RetrievalFailureReason) string {
	return strings.TrimPrefix(reason.String(), "RETRIEVAL_FAILURE_REASON_")
}
