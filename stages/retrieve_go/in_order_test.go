package retrieve

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func numbers(count int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range count {
			if !yield(i, nil) {
				return
			}
		}
	}
}

func TestResultsKeepTheOrderOfTheItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var found []int
		var atOnce, most atomic.Int32
		err := inOrder(t.Context(), numbers(200), 7,
			func(_ context.Context, i int) (int, error) {
				most.Store(max(most.Load(), atOnce.Add(1)))
				time.Sleep(time.Duration(i*7919%13) * time.Second)
				atOnce.Add(-1)
				return i, nil
			},
			func(_ context.Context, i int) error {
				found = append(found, i)
				return nil
			})
		if err != nil || len(found) != 200 || !slices.IsSorted(found) || most.Load() != 7 {
			t.Fatal(err, found, most.Load())
		}
	})
}

func TestResultsBehindASlowItemAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers = 4
		var served atomic.Int32
		release := make(chan struct{})
		go func() {
			synctest.Wait() // until all goroutines are blocked
			if n := served.Load(); n > 3*workers {
				t.Errorf("%d results are held", n)
			}
			close(release)
		}()
		err := inOrder(t.Context(), numbers(100), workers,
			func(_ context.Context, i int) (int, error) {
				if i == 0 {
					<-release
				}
				served.Add(1)
				return i, nil
			},
			func(context.Context, int) error { return nil })
		if err != nil || served.Load() != 100 {
			t.Fatal(err, served.Load())
		}
	})
}

func TestFirstErrorEndsIt(t *testing.T) {
	broken := errors.New("broken")
	failing := func(yield func(int, error) bool) {
		for i := range 10 {
			if !yield(i, nil) {
				return
			}
		}
		yield(0, broken)
	}
	at := func(bad int) func(context.Context, int) (int, error) {
		return func(_ context.Context, i int) (int, error) {
			if i == bad {
				return 0, broken
			}
			return i, nil
		}
	}
	fine := func(context.Context, int) error { return nil }
	for name, run := range map[string]func(ctx context.Context) error{
		"reading": func(ctx context.Context) error { return inOrder(ctx, failing, 3, at(-1), fine) },
		"serving": func(ctx context.Context) error { return inOrder(ctx, numbers(1000), 3, at(17), fine) },
		"collecting": func(ctx context.Context) error {
			return inOrder(ctx, numbers(1000), 3, at(-1), func(context.Context, int) error { return broken })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := run(t.Context()); !errors.Is(err, broken) {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestNoItems(t *testing.T) {
	err := inOrder(t.Context(), numbers(0), 3,
		func(context.Context, int) (int, error) { return 0, fmt.Errorf("served") },
		func(context.Context, int) error { return fmt.Errorf("collected") })
	if err != nil {
		t.Fatal(err)
	}
}
