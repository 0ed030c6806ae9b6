package retrieve

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"
)

// inOrder serves items with several workers and collects the results in the order of the items. It keeps at most 3*workers
// results in memory, even if one slow item holds up those after it. The first error ends it.
func inOrder[In, Out any](
	ctx context.Context,
	items iter.Seq2[In, error],
	workers int,
	serve func(context.Context, In) (Out, error),
	collect func(context.Context, Out) error,
) error {
	type task struct {
		item   In
		result chan Out
	}
	group, ctx := errgroup.WithContext(ctx)
	todo := make(chan task)
	window := make(chan task, 2*workers)
	group.Go(func() error {
		defer close(todo)
		defer close(window)
		for item, err := range items {
			if err != nil {
				return err
			}
			next := task{item, make(chan Out, 1)}
			for _, queue := range []chan<- task{window, todo} {
				select {
				case queue <- next:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		return nil
	})
	for range workers {
		group.Go(func() error {
			for next := range todo {
				result, err := serve(ctx, next.item)
				if err != nil {
					return err
				}
				next.result <- result
			}
			return nil
		})
	}
	group.Go(func() error {
		for next := range window {
			select {
			case result := <-next.result:
				if err := collect(ctx, result); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}
