package client

import (
	"net/http"
	"strconv"
	"time"
)

// retryAfter reads the header of that name, seconds or a date (RFC 9110, 10.2.3); 0 where it holds neither.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}
