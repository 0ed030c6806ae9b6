package stagekit

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// cancelOnSignal returns a context that the first SIGTERM or SIGINT cancels with the cause ErrStopped. A second signal kills
// the process. release stops the listening.
func cancelOnSignal() (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-signals
		signal.Stop(signals)
		cancel(ErrStopped)
	}()
	return ctx, func() { signal.Stop(signals) }
}
