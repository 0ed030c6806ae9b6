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

// maxLogged is how many failures are logged one by one. After the last query there is one warning for each kind.
const maxLogged = 10

// ledger writes outcomes in the order in which they are entered, and counts them. It writes each product before the first
// result that refers to it.
type ledger struct {
	write  func(context.Context, *sqv1.RetrievalRecord) error
	log    *slog.Logger
	limits limits

	products      map[[32]byte]bool // by content hash, those already written
	results       uint64
	hits          uint64
	failures      map[failureKind]uint64
	first         map[failureKind]*outcome // of each kind
	mismatches    uint64                   // failures because a path of the configuration does not fit the answer
	firstMismatch *outcome

	failed  *stagekit.Unusable // queries without a result, for any reason
	refused *stagekit.Unusable // those that the endpoint did answer
	empty   *stagekit.Unusable // results without a hit; probes are not among them
	bare    *stagekit.Unusable // results whose products have no title
}

// limits say when the results are worth nothing.
type limits struct {
	endpoint   string // field of the configuration
	titleField string // of the mapping
	indexField string // field that is wrong if every query fails with 404
	alarm      *sqv1.Alarm
	unanswered *float64 // max_failure_share
	refused    *float64
	empty      *float64
	untitled   *float64
}

func limitsOf(config *sqv1.RetrieveConfig, s *settings) limits {
	return limits{
		endpoint: s.endpoint, indexField: s.indexField, alarm: config.GetAlarm(),
		unanswered: config.MaxFailureShare, refused: config.MaxRefusedShare, empty: config.MaxZeroResultShare,
		untitled: config.MaxUntitledShare, titleField: titleFieldOf(config),
	}
}

type failureKind struct {
	reason sqv1.RetrievalFailureReason
	status uint32
}

func newLedger(write func(context.Context, *sqv1.RetrievalRecord) error, log *slog.Logger, of limits) *ledger {
	quiet := slog.New(slog.DiscardHandler)
	return &ledger{
		write: write, log: log, limits: of,
		products: map[[32]byte]bool{}, failures: map[failureKind]uint64{}, first: map[failureKind]*outcome{},
		failed: stagekit.NewUnusable("queries failed", of.alarm, nil, log),
		// failed already warns of these.
		refused: stagekit.NewUnusable("queries were refused", of.alarm, of.refused, quiet),
		empty:   stagekit.NewUnusable("queries have no results", of.alarm, of.empty, log),
		bare:    stagekit.NewUnusable("queries found products without a title", of.alarm, of.untitled, log),
	}
}

// enter writes the records of one outcome. It fails if the first queries all failed.
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
	l.failed.Add("")
	l.refused.Add("")
	if !o.isProbe {
		l.empty.Add(emptiness(o.result))
	}
	if len(o.products) > 0 {
		l.bare.Add(bareness(o.products))
	}
	return l.write(ctx, &sqv1.RetrievalRecord{Record: &sqv1.RetrievalRecord_Result{Result: o.result}})
}

func (l *ledger) enterFailure(ctx context.Context, o *outcome) error {
	kind := failureKind{o.failure.GetReason(), o.failure.GetHttpStatus()}
	if l.failedCount() < maxLogged {
		l.log.Info("query failed", "query_id", o.failure.GetQueryId(), "reason", shortName(o.failure.GetReason()),
			"detail", o.failure.GetDetail(), "note", o.note)
	}
	if l.failures[kind]++; l.failures[kind] == 1 {
		l.first[kind] = o
	}
	if o.field != "" {
		l.mismatches++
		if l.firstMismatch == nil {
			l.firstMismatch = o
		}
	}
	if o.isAsked() {
		l.count(o)
		if l.failed.AfterFirstLook() {
			if err := l.misfit(); err != nil {
				return err
			}
		}
		if l.failed.AllAtFirstLook() {
			if err := l.allFailed(); err != nil {
				return err
			}
		}
	}
	return l.write(ctx, &sqv1.RetrievalRecord{Record: &sqv1.RetrievalRecord_Failure{Failure: o.failure}})
}

// count adds a failure to the shares.
func (l *ledger) count(o *outcome) {
	told := tell(o)
	l.failed.Add(told)
	if isUnanswered(o.failure.GetReason()) {
		told = ""
	}
	l.refused.Add(told)
}

func (l *ledger) failedCount() (count uint64) {
	for _, of := range l.failures {
		count += of
	}
	return count
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
	l.failed.Warn()
	l.empty.Warn()
	l.bare.Warn()
	queries := l.results + l.failedCount()
	l.log.Info("searched", "queries", queries, "results", l.results, "failures", l.failedCount(), "reasons", byReason, "products", len(l.products))
	if share := l.limits.unanswered; share != nil && float64(unanswered) > *share*float64(queries) {
		return &stagekit.TryAgainError{Problem: fmt.Sprintf("%d of %d queries have no answer, more than max_failure_share %g allows", unanswered, queries, *share)}
	}
	return l.worthless()
}

// warnOfFailures logs one warning for each kind of failure, the most frequent first.
func (l *ledger) warnOfFailures() {
	for _, kind := range l.kinds() {
		first := l.first[kind]
		l.log.Warn("queries failed", "count", l.failures[kind], "reason", shortName(kind.reason), "detail", first.failure.GetDetail(), "note", first.note)
	}
}

// kinds are those of the failures, the most frequent first.
func (l *ledger) kinds() []failureKind {
	return slices.SortedFunc(maps.Keys(l.failures), func(a, b failureKind) int {
		return cmp.Or(cmp.Compare(l.failures[b], l.failures[a]), cmp.Compare(a.reason, b.reason), cmp.Compare(a.status, b.status))
	})
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
