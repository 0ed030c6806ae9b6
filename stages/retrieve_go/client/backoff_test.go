package client

import (
	"testing"
	"time"
)

func TestPauseStaysWithinItsCeiling(t *testing.T) {
	for attempt := 1; attempt < 100; attempt++ {
		ceiling := longestPause
		if attempt < 7 {
			ceiling = min(ceiling, 200*time.Millisecond<<(attempt-1))
		}
		for range 50 {
			if p := pause(200*time.Millisecond, attempt, time.Second); p < time.Second || p > time.Second+ceiling {
				t.Fatalf("attempt %d: %v", attempt, p)
			}
		}
	}
}
