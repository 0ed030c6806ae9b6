package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/search"
)

// Short names of the contract's reasons.
const (
	unreachable  = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNREACHABLE
	timeout      = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_TIMEOUT
	rateLimited  = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_RATE_LIMITED
	unauthorised = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_UNAUTHORISED
	refused      = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_REFUSED
	serverError  = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_SERVER_ERROR
	malformed    = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_MALFORMED
)

// Failure is the reason why a query has no result.
type Failure struct {
	Reason sqv1.RetrievalFailureReason
	Status int    // of the endpoint's last answer, 0 without an answer
	Detail string // for people; the same in equal runs
	Note   string // for the log only: what the endpoint says, which may name hosts and times; empty where Detail has it
	Field  string // of the configuration, if the answer does not fit it; else empty

	retryable  bool
	retryAfter time.Duration // 0 if the endpoint does not say
}

func (f *Failure) Error() string { return fmt.Sprintf("%v: %s", f.Reason, f.Detail) }

// statusFailure classifies an answer with a status other than 200. kind is that of search.Protocol.ErrorKind.
func statusFailure(answer *http.Response, kind, note string, now time.Time) *Failure {
	status := answer.StatusCode
	failure := &Failure{Status: status, Detail: fmt.Sprintf("HTTP %d", status), Note: note}
	if kind != "" {
		failure.Detail += ": " + kind
	}
	switch {
	case status == http.StatusTooManyRequests:
		failure.Reason, failure.retryable = rateLimited, true
	case status == http.StatusRequestTimeout:
		failure.Reason, failure.retryable = timeout, true
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		failure.Reason = unauthorised
	case status >= 500:
		failure.Reason, failure.retryable = serverError, true
	case status >= 400:
		failure.Reason = refused
		if kind == "" && note != "" {
			// A refusal is about the request, so it says the same in equal runs.
			failure.Detail, failure.Note = failure.Detail+": "+shortened(note), ""
		}
	case status >= 300:
		failure.Reason = malformed
		failure.Detail += ": redirects are not followed"
		failure.Note = redirectNote(answer)
	default:
		failure.Reason = malformed
	}
	if failure.retryable {
		failure.retryAfter = retryAfter(answer.Header.Get("Retry-After"), now)
	}
	return failure
}

// shortened cuts what an endpoint says to a line of the report.
func shortened(text string) string {
	const most = 200
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most]) + "…"
}

// redirectNote says where a redirect leads to: without credentials and query, which may be secret.
func redirectNote(answer *http.Response) string {
	to, err := answer.Location()
	if err != nil {
		return ""
	}
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	return "to " + to.String()
}

// transportFailure classifies an attempt without a complete answer.
func transportFailure(err error, status int) *Failure {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Reason: timeout, Status: status, Detail: "no complete answer within the deadline", retryable: true}
	case errors.As(err, &certificate):
		return &Failure{Reason: unreachable, Detail: "the endpoint's certificate is not trusted", Note: certificate.Error()}
	case status != 0:
		return &Failure{Reason: unreachable, Status: status, Detail: "the connection closed before the answer was complete", retryable: true}
	}
	return &Failure{Reason: unreachable, Detail: "cannot connect to the endpoint", retryable: true}
}

// answerFailure classifies an answer with status 200 that cannot be used.
func answerFailure(err error, status int) *Failure {
	var shards *search.ShardsFailedError
	var clusters *search.ClustersMissingError
	var mapping *search.MappingError
	switch {
	case errors.Is(err, search.ErrTimedOut):
		return &Failure{Reason: timeout, Status: status, Detail: err.Error(), retryable: true}
	case errors.As(err, &shards), errors.As(err, &clusters):
		return &Failure{Reason: serverError, Status: status, Detail: err.Error(), retryable: true}
	case errors.As(err, &mapping):
		return &Failure{Reason: malformed, Status: status, Detail: err.Error(), Field: mapping.Field}
	}
	return &Failure{Reason: malformed, Status: status, Detail: err.Error()}
}
