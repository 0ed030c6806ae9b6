package client

import (
	"math/rand/v2"
	"time"
)

const longestPause = 10 * time.Second

// pause is how long to wait before attempt number attempt, from 1 for the first retry: exponential with full jitter, so that
// clients that failed together do not return together (Brooker, "Exponential Backoff And Jitter", 2015). What the endpoint
// asks for is the least.
func pause(first time.Duration, attempt int, asked time.Duration) time.Duration {
	ceiling := longestPause
	if shift := attempt - 1; shift < 20 {
		ceiling = min(first<<shift, longestPause)
	}
	return asked + rand.N(ceiling+1)
}
