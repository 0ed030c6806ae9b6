package gs

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"
)

const maxAttempts = 5

// retry repeats a call that fails with a temporary error, up to maxAttempts times, with exponential backoff.
// See https://cloud.google.com/storage/docs/retry-strategy.
func retry(ctx context.Context, call func() error) error {
	pauses := gax.Backoff{Initial: 200 * time.Millisecond, Max: 10 * time.Second, Multiplier: 2}
	for attempt := 1; ; attempt++ {
		err := call()
		if err == nil || attempt == maxAttempts || !isRetryable(err) {
			return err
		}
		if gax.Sleep(ctx, pauses.Pause()) != nil {
			return err
		}
	}
}

func isRetryable(err error) bool {
	var response *googleapi.Error
	if errors.As(err, &response) {
		return response.Code == http.StatusRequestTimeout || response.Code == http.StatusTooManyRequests || response.Code >= 500
	}
	var network interface{ Timeout() bool }
	return errors.As(err, &network) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}
