package client

import (
	"math/rand/v2"
	"time"
)

const longestPause = 10 * time.Second

// pause is the wait before a retry; attempt is 1 for the first retry. It grows exponentially with full jitter, so that clients
// that failed together do not retry together (Brooker, "Exponential Backoff And Jitter", 2015). asked is what the endpoint
// asked for in Retry-After, and is added.
func pause(first time.Duration, attempt int, asked time.Duration) time.Duration {
	ceiling := longestPause
	if shift := attempt - 1; shift < 20 {
		ceiling = min(first<<shift, longestPause)
	}
	return asked + rand.N(ceiling+1)
}
