package report

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Working is that the figures are being worked out, which goes on; ask again
// in a little while.
type Working struct{}

func (Working) Error() string { return "the figures are being worked out; ask again in a little while" }

var errClosed = errors.New("the figures are closed")

// work is stating that goes on when whoever asked for it has gone: it would
// have to be done again for the next.
type work struct {
	mu      sync.Mutex
	closed  bool
	last    int
	cancels map[int]context.CancelFunc
	group   sync.WaitGroup
}

type worked struct {
	t   *tally
	err error
}

// wait does fn and waits for it: as long as the context says, and patience if
// it is not 0.
func (w *work) wait(ctx context.Context, patience time.Duration, fn func(context.Context) (*tally, error)) (*tally, error) {
	on, end, err := w.begin(ctx)
	if err != nil {
		return nil, err
	}
	done := make(chan worked, 1)
	go func() {
		defer end()
		t, err := fn(on)
		done <- worked{t, err}
	}()
	var enough <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case r := <-done:
		return r.t, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-enough:
		return nil, Working{}
	}
}

// begin is a context that outlasts the one who asks, and ends with close.
func (w *work) begin(ctx context.Context) (on context.Context, end func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, nil, errClosed
	}
	on, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if w.cancels == nil {
		w.cancels = map[int]context.CancelFunc{}
	}
	w.last++
	n := w.last
	w.cancels[n] = cancel
	w.group.Add(1)
	return on, func() {
		defer w.group.Done()
		cancel()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.cancels, n)
	}, nil
}

func (w *work) close() {
	w.mu.Lock()
	w.closed = true
	for _, cancel := range w.cancels {
		cancel()
	}
	w.mu.Unlock()
	w.group.Wait()
}
