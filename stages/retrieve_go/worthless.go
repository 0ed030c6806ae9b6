package retrieve

import (
	"fmt"
	"net/http"
	"slices"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
)

// allFailed returns an error if every query so far failed. The most frequent kind of failure decides which error.
func (l *ledger) allFailed() error {
	if err := l.misfit(); err != nil {
		return err
	}
	if l.failed.Total() == 0 || l.results > 0 {
		return nil
	}
	for _, kind := range l.kinds() {
		first := l.first[kind]
		switch {
		case !first.isAsked():
			continue
		case isUnanswered(kind.reason):
			return l.neverAnswered(kind)
		case allows(l.limits.refused):
			return nil
		}
		return l.refusal(kind, l.failed)
	}
	return nil
}

// misfit returns an error if a path of the configuration fits no answer so far that has hits.
func (l *ledger) misfit() error {
	if l.mismatches == 0 || l.mismatches < l.failedCount() || l.hits > 0 {
		return nil
	}
	about := fmt.Sprintf("any of %d queries", l.mismatches)
	if l.results > 0 {
		about += fmt.Sprintf("; the other %d found nothing", l.results)
	}
	return &stagekit.InputError{
		Field:   l.firstMismatch.field,
		Problem: fmt.Sprintf("does not fit the answer to %s: %s", about, tellDetail(l.firstMismatch)),
		Fix:     "correct the path",
	}
}

func (l *ledger) neverAnswered(kind failureKind) error {
	failed := l.failed.Total()
	if kind.reason == sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNREACHABLE && l.failures[kind] == failed {
		return &stagekit.TryAgainError{Problem: fmt.Sprintf("the endpoint could not be reached for any of the %d queries: %s", failed, tell(l.first[kind]))}
	}
	return &stagekit.TryAgainError{Problem: fmt.Sprintf("the endpoint gave no answer that can be used; %s", l.failed)}
}

// worthless returns an error if too many queries were refused or have no results.
func (l *ledger) worthless() error {
	if l.limits.refused != nil && l.refused.Exceeds() {
		for _, kind := range l.kinds() {
			if l.first[kind].isAsked() && !isUnanswered(kind.reason) {
				return l.refusal(kind, l.refused)
			}
		}
	}
	if l.empty.AfterFirstLook() && l.empty.Exceeds() {
		return &stagekit.InputError{
			Field:   l.limits.endpoint,
			Problem: l.empty.String(),
			Fix:     "check the names of the fields that are searched, and that the index has documents; max_zero_result_share: 1 allows it",
		}
	}
	if l.bare.AfterFirstLook() && l.bare.Exceeds() {
		return &stagekit.InputError{
			Field:   l.limits.titleField,
			Problem: l.bare.String(),
			Fix:     "name the field of the results that holds the title; max_untitled_share: 1 allows results without one",
		}
	}
	return nil
}

// refusal is the error for queries that the endpoint answered without results.
func (l *ledger) refusal(kind failureKind, share *stagekit.Unusable) error {
	field, fix := l.limits.endpoint, "correct the request: search fields, template or parameters"
	switch {
	case kind.reason == sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNAUTHORISED:
		field, fix = "credentials", "use credentials that may search the index"
	case kind.status == http.StatusNotFound:
		field, fix = l.limits.indexField, "use one that exists"
	case kind.status >= 300 && kind.status < 400:
		field, fix = l.limits.endpoint+".url", "give the URL that it redirects to"
	case kind.reason == sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_MALFORMED:
		field, fix = l.limits.endpoint, "correct the URL or the mapping of the answer"
	}
	return &stagekit.InputError{Field: field, Problem: share.String(), Fix: fix}
}

// allows reports whether a share allows everything.
func allows(share *float64) bool { return share != nil && *share >= 1 }

// tell describes a failure with its status and what the endpoint says.
func tell(o *outcome) string {
	return fmt.Sprintf("%s, %s", shortName(o.failure.GetReason()), tellDetail(o))
}

func tellDetail(o *outcome) string {
	if o.note == "" {
		return o.failure.GetDetail()
	}
	return fmt.Sprintf("%s (%s)", o.failure.GetDetail(), o.note)
}

// emptiness is the reason why a result is of no use: it has no hits. Otherwise it is empty.
func emptiness(result *sqv1.SearchResult) string {
	if len(result.GetHits()) > 0 {
		return ""
	}
	return "zero hits"
}

// bareness is the reason why a result is of no use: none of its products has a title. Otherwise it is empty.
func bareness(products []*sqv1.Product) string {
	if slices.ContainsFunc(products, func(product *sqv1.Product) bool { return product.GetTitle() != "" }) {
		return ""
	}
	return "no title"
}

// titleFieldOf is the field of the configuration that maps the title.
func titleFieldOf(config *sqv1.RetrieveConfig) string {
	if config.GetJson() != nil {
		return "json.answer.title"
	}
	return "fields.title"
}
