package gs

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"
)

const attempts = 5

// again calls up to five times, with pauses that grow, while the service says or shows that it may pass.
// See https://cloud.google.com/storage/docs/retry-strategy.
func again(ctx context.Context, call func() error) error {
	pauses := gax.Backoff{Initial: 200 * time.Millisecond, Max: 10 * time.Second, Multiplier: 2}
	for attempt := 1; ; attempt++ {
		err := call()
		if err == nil || attempt == attempts || !mayPass(err) {
			return err
		}
		if gax.Sleep(ctx, pauses.Pause()) != nil {
			return err
		}
	}
}

func mayPass(err error) bool {
	var answer *googleapi.Error
	if errors.As(err, &answer) {
		return answer.Code == http.StatusRequestTimeout || answer.Code == http.StatusTooManyRequests || answer.Code >= 500
	}
	var network interface{ Timeout() bool }
	return errors.As(err, &network) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}
