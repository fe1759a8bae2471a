package graph

import (
	"context"
	"errors"
	"sync"
)

var (
	errSameID = errors.New("an operation of this id is running")
	errFull   = errors.New("no more operations")
)

// operations are those that run on a line, by the ids that its client gave them: maxSubscriptions at most.
type operations struct {
	work sync.WaitGroup

	mu      sync.Mutex
	running map[string]context.CancelFunc
}

// begin runs work as the operation of an id, until that is ended or the line is. When work returns, last runs, unless the client ended it
// meanwhile: its id may be another's then.
func (o *operations) begin(ctx context.Context, l *line, id string, work func(ctx context.Context), last func()) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.running[id] != nil:
		return errSameID
	case len(o.running) >= maxSubscriptions:
		return errFull
	}
	if o.running == nil {
		o.running = map[string]context.CancelFunc{}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	leave := context.AfterFunc(l.ctx, func() { cancel(context.Cause(l.ctx)) })
	o.running[id] = func() { cancel(nil) }
	o.work.Go(func() {
		defer cancel(nil)
		defer leave()
		work(ctx)
		o.mu.Lock()
		open := ctx.Err() == nil
		if open {
			delete(o.running, id)
		}
		o.mu.Unlock()
		if open {
			last()
		}
	})
	return nil
}

// end ends the operation of an id; nothing where there is none.
func (o *operations) end(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if cancel := o.running[id]; cancel != nil {
		cancel()
		delete(o.running, id)
	}
}

// tooMany refuses one more.
func tooMany() *refusal {
	return tooLarge("subscriptions", maxSubscriptions, maxSubscriptions+1, "a connection carries %d operations at once: end one, or open another", maxSubscriptions)
}
