package retrieve

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
)

const (
	// hopeless is after how many queries, all failed for one reason that concerns them all, the rest are spared.
	hopeless = 50
	// logged is how many failures are logged one by one.
	logged = 10
)

// ledger writes outcomes in the order they are entered, each product before the first result that names it, and keeps count.
type ledger struct {
	write           func(context.Context, *sqv1.RetrievalRecord) error
	log             *slog.Logger
	indexField      string // of the configuration, which 404 is about
	maxFailureShare *float64

	products map[[32]byte]bool // content hashes written
	results  uint64
	hits     uint64
	failures map[failureKind]uint64
	misfits  uint64   // failures that a field of the configuration is to blame for
	misfit   *outcome // the first of them
}

type failureKind struct {
	reason sqv1.RetrievalFailureReason
	status uint32
}

func newLedger(write func(context.Context, *sqv1.RetrievalRecord) error, log *slog.Logger, indexField string, maxFailureShare *float64) *ledger {
	return &ledger{
		write: write, log: log, indexField: indexField, maxFailureShare: maxFailureShare,
		products: map[[32]byte]bool{}, failures: map[failureKind]uint64{},
	}
}

// enter writes the records of one outcome. It fails when so many queries failed in one way that none will do better.
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
	if l.failed() < logged {
		l.log.Warn("query failed", "query_id", o.failure.GetQueryId(), "reason", shortName(o.failure.GetReason()),
			"detail", o.failure.GetDetail(), "note", o.note)
	}
	l.failures[failureKind{o.failure.GetReason(), o.failure.GetHttpStatus()}]++
	if o.field != "" {
		l.misfits++
		if l.misfit == nil {
			l.misfit = o
		}
	}
	if l.results == 0 && l.failed() == hopeless {
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

// allFailed returns an error where every query so far failed for one reason that lies in the endpoint or the configuration.
func (l *ledger) allFailed() error {
	const unreachable = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNREACHABLE
	const unauthorised = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNAUTHORISED
	const refused = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_REFUSED
	var absent, denied, notFound uint64
	for kind, count := range l.failures {
		switch {
		case kind.reason == unreachable:
			absent += count
		case kind.reason == unauthorised:
			denied += count
		case kind.reason == refused && kind.status == 404:
			notFound += count
		}
	}
	switch failed := l.failed(); {
	case failed == 0 || l.results > 0:
		return nil
	case absent == failed:
		return &stagekit.TryAgainError{Problem: fmt.Sprintf("the endpoint could not be reached for any of %d queries", failed)}
	case denied == failed:
		return &stagekit.InputError{Field: "credentials", Problem: fmt.Sprintf("the endpoint refused them for all of %d queries", failed), Fix: "give credentials that may search the index"}
	case notFound == failed:
		return &stagekit.InputError{Field: l.indexField, Problem: fmt.Sprintf("the endpoint does not know it: 404 for all of %d queries", failed), Fix: "give one that is there"}
	case l.misfits == failed:
		return &stagekit.InputError{Field: l.misfit.field, Problem: fmt.Sprintf("no answer to any of %d queries fits: %s", failed, l.misfit.failure.GetDetail()), Fix: "correct the path"}
	}
	return nil
}

// close says what became of the queries. It fails where nothing of them may be published.
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
	queries := l.results + l.failed()
	l.log.Info("searched", "queries", queries, "results", l.results, "failures", l.failed(), "reasons", byReason, "products", len(l.products))
	if l.maxFailureShare != nil && float64(unanswered) > *l.maxFailureShare*float64(queries) {
		return &stagekit.TryAgainError{Problem: fmt.Sprintf("%d of %d queries got no answer, over max_failure_share %g", unanswered, queries, *l.maxFailureShare)}
	}
	return nil
}

// isUnanswered: the endpoint may serve the query another time.
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
