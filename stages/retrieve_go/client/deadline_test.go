package client

import (
	"io"
	"net/http"
	"testing"
	"time"

	sqv1 "sq/proto/sq/v1"
)

func TestAttemptDeadline(t *testing.T) {
	_, o := serve(t, inTurn(tooLate, answer(200, found)))
	o.AttemptTimeout = 50 * time.Millisecond
	if failure := searched(t, o); failure != nil {
		t.Fatal(failure)
	}
}

func TestSlowBody(t *testing.T) {
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, found[:10])
		w.(http.Flusher).Flush()
		tooLate(w, r)
	}))
	o.AttemptTimeout, o.MaxRetries = 50*time.Millisecond, 0
	if failure := searched(t, o); failure == nil || failure.Reason != timeout || failure.Status != 200 {
		t.Fatal(failure)
	}
}

func TestQueryDeadlineEndsAttempts(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		reason  sqv1.RetrievalFailureReason
	}{
		"slow answers": {tooLate, timeout},
		"429":          {answer(429, ""), rateLimited},
		"5xx":          {answer(500, ""), serverError},
	} {
		t.Run(name, func(t *testing.T) {
			_, o := serve(t, c.handler)
			o.QueryTimeout, o.MaxRetries, o.FirstPause = 300*time.Millisecond, 20, 100*time.Millisecond
			start := time.Now()
			if failure := searched(t, o); failure == nil || failure.Reason != c.reason {
				t.Fatal(failure)
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
