package client

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfterBeyondTheDeadlineEndsTheSearch(t *testing.T) {
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	}))
	start := time.Now()
	if failure := searched(t, o); failure == nil || failure.Reason != rateLimited {
		t.Fatal(failure)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestRetryAfterIsTheShortestPause(t *testing.T) {
	var times []time.Time
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if times = append(times, time.Now()); len(times) > 1 {
			answer(200, found)(w, r)
			return
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(503)
	}))
	if failure := searched(t, o); failure != nil || times[1].Sub(times[0]) < time.Second {
		t.Fatal(failure, times)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"120":                           2 * time.Minute,
		"-1":                            0,
		"1.5":                           0,
		"soon":                          0,
		"99999999999999999999":          0,
		"Thu, 01 Jan 2026 12:00:30 GMT": 30 * time.Second,
		"Thu, 01 Jan 2026 11:00:00 GMT": 0,
	} {
		if found := retryAfter(header, now); found != want {
			t.Errorf("%q: %v", header, found)
		}
	}
}
