package client

import (
	"net/http"
	"strconv"
	"time"
)

// retryAfter parses the Retry-After header, which is seconds or a date (RFC 9110, 10.2.3). It returns 0 for anything else.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}
