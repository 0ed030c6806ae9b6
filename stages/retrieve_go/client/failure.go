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

// Failure is why a query could not be served.
type Failure struct {
	Reason sqv1.RetrievalFailureReason
	Status int    // of the endpoint's last answer, 0 where it sent none
	Detail string // for a person; the same in equal runs
	Note   string // for the log alone: what the endpoint says, which may name hosts and times
	Field  string // of the configuration that the answer does not fit; empty for none

	mayPass    bool
	retryAfter time.Duration // 0 where the endpoint does not say
}

func (f *Failure) Error() string { return fmt.Sprintf("%v: %s", f.Reason, f.Detail) }

// ofStatus judges an answer that is none of a search, with the kind of error and the note that the protocol found in it.
func ofStatus(answer *http.Response, kind, note string, now time.Time) *Failure {
	status := answer.StatusCode
	failure := &Failure{Status: status, Detail: fmt.Sprintf("HTTP %d", status), Note: note}
	if kind != "" {
		failure.Detail += ": " + kind
	}
	switch {
	case status == http.StatusTooManyRequests:
		failure.Reason, failure.mayPass = rateLimited, true
	case status == http.StatusRequestTimeout:
		failure.Reason, failure.mayPass = timeout, true
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		failure.Reason = unauthorised
	case status >= 500:
		failure.Reason, failure.mayPass = serverError, true
	case status >= 400:
		failure.Reason = refused
	case status >= 300:
		failure.Reason = malformed
		failure.Detail += ": redirects are not followed"
	default:
		failure.Reason = malformed
	}
	if failure.mayPass {
		failure.retryAfter = retryAfter(answer.Header.Get("Retry-After"), now)
	}
	return failure
}

// ofTransport judges an attempt that brought no whole answer.
func ofTransport(err error, status int) *Failure {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Reason: timeout, Status: status, Detail: "no whole answer within the deadline", mayPass: true}
	case errors.As(err, &certificate):
		return &Failure{Reason: unreachable, Detail: "the endpoint's certificate is not trusted", Note: certificate.Error()}
	case status != 0:
		return &Failure{Reason: unreachable, Status: status, Detail: "the connection broke", mayPass: true}
	}
	return &Failure{Reason: unreachable, Detail: "no connection", mayPass: true}
}

// ofAnswer judges an answer of status 200 that cannot be used.
func ofAnswer(err error, status int) *Failure {
	var shards *search.ShardsFailedError
	var misfit *search.MappingError
	switch {
	case errors.Is(err, search.ErrTimedOut):
		return &Failure{Reason: timeout, Status: status, Detail: err.Error(), mayPass: true}
	case errors.As(err, &shards):
		return &Failure{Reason: serverError, Status: status, Detail: err.Error(), mayPass: true}
	case errors.As(err, &misfit):
		return &Failure{Reason: malformed, Status: status, Detail: err.Error(), Field: misfit.Field}
	}
	return &Failure{Reason: malformed, Status: status, Detail: err.Error()}
}
