package graph

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// largeList is a list of so many elements, and how many of it are written between two looks for mutations: some 0.2 ms of work.
	largeList = 500
	// largeAnswer is one with such a list, in bytes.
	largeAnswer = 64 << 10
	// mostWaited is how long an answer waits for mutations, in all. One of 10,000 lots takes some 13 ms: it is late by this much at most,
	// however many mutations there are.
	mostWaited = 40 * time.Millisecond
)

// precedence lets mutations go before large answers (ADR 22): a mutation goes some twenty times between this process and the database's, and
// on two processors waited each time behind an answer of 10,000 lots.
type precedence struct {
	mu        sync.Mutex
	mutations int           // under way
	none      chan struct{} // closed when the last of them ends; nil where there are none
}

// aroundResponse counts mutations, and has other answers give way.
func (p *precedence) aroundResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	// There is no operation where a document is refused.
	if operation := graphql.GetOperationContext(ctx).Operation; operation != nil && operation.Operation == ast.Mutation {
		p.begin()
		defer p.end()
		return next(ctx)
	}
	ctx = context.WithValue(ctx, patienceKey{}, &patience{of: p})
	answer := next(ctx)
	if answer != nil && len(answer.Data) > largeAnswer {
		giveWay(ctx) // it is still to be copied and sent, and holds no snapshot any more
	}
	return answer
}

func (p *precedence) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mutations == 0 {
		p.none = make(chan struct{})
	}
	p.mutations++
}

func (p *precedence) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mutations--
	if p.mutations == 0 {
		close(p.none)
		p.none = nil
	}
}

// ended is closed when the last mutation under way ends; nil where there is none.
func (p *precedence) ended() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.none
}

type patienceKey struct{}

// patience is that of one answer.
type patience struct {
	of     *precedence
	waited atomic.Int64 // nanoseconds
}

// giveWayAt is asked before each element of a list. It gives way where that is large.
func giveWayAt(ctx context.Context, element int) {
	if element > 0 && element%largeList == 0 {
		giveWay(ctx)
	}
}

// giveWay waits while mutations are under way, as long as the answer may still wait.
func giveWay(ctx context.Context) {
	p, ok := ctx.Value(patienceKey{}).(*patience)
	if !ok {
		return
	}
	ended, left := p.of.ended(), mostWaited-time.Duration(p.waited.Load())
	if ended == nil || left <= 0 {
		return
	}
	began := graphql.Now()
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	case <-ctx.Done():
	}
	p.waited.Add(int64(graphql.Now().Sub(began)))
}
