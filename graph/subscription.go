package graph

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

const (
	// maxWaiting events may wait for a client that was up to date and has kept us waiting for writeTimeout since. More is too slow: it is
	// cut off with a cursor to resume from, and never shown old events as new ones.
	maxWaiting = 64
	// attempts at an event that failed for a reason of ours, before it is told as failed.
	attempts     = 4
	attemptAfter = 250 * time.Millisecond
)

// live is what subscriptions have in common.
type live struct {
	resolver *Resolver
	feeds    feeds
	lines    lines
	shared   sharedStreams
}

func newLive(r *Resolver) *live {
	return &live{
		resolver: r,
		feeds:    feeds{all: map[[sha256.Size]byte]*feed{}},
		lines:    lines{ending: r.Ending, open: map[*line]int{}, used: map[uuid.UUID]int{}},
		shared:   sharedStreams{all: map[string]*sharedStream{}},
	}
}

// subscription sends one client what it listens to.
type subscription struct {
	live   *live
	exec   graphql.GraphExecutor
	line   *line
	params *graphql.RawParams
	after  *relay.Cursor // stands above the argument; nil for the argument
	send   func(body []byte, cursor relay.Cursor) error

	wish     *wish
	feed     *feed
	places   []relay.EventPlace
	upToDate bool          // once was
	waited   time.Duration // for the client, since then
}

// slow ends a subscription whose client is too slow.
type slow struct{ cursor relay.Cursor }

func (slow) Error() string { return "the client is too slow" }

// operate prepares an operation for who is on the line now, through the gate.
func operate(ctx context.Context, exec graphql.GraphExecutor, l *line, params *graphql.RawParams) (context.Context, *graphql.OperationContext, *graphql.Response) {
	actor, _ := l.who()
	ctx = identity.WithActor(ctx, actor)
	params.ReadTime = graphql.TraceTiming{Start: graphql.Now(), End: graphql.Now()}
	operation, errs := exec.CreateOperationContext(ctx, params)
	if errs != nil {
		errs = errs[:min(len(errs), maxErrors)]
		return ctx, operation, exec.DispatchError(graphql.WithOperationContext(ctx, operation), errs)
	}
	return ctx, operation, nil
}

// open looks up what is asked for, as the actor of now. What was reached stays: a site that is new begins where it stands.
func (s *subscription) open(ctx context.Context, operation *graphql.OperationContext) (refused *graphql.Response, err error) {
	wish := &wish{after: s.after, again: s.wish != nil}
	next, dispatched := s.exec.DispatchOperation(context.WithValue(ctx, turnKey{}, &turn{wish: wish}), operation)
	if answer := next(dispatched); answer != nil {
		return answer, nil
	}
	joined, err := s.live.feeds.join(s.exec, operation, identity.ActorFrom(ctx))
	if err != nil {
		return nil, err
	}
	s.close()
	for i, place := range wish.places {
		if at := slices.IndexFunc(s.places, func(p relay.EventPlace) bool { return p.Site == place.Site }); at >= 0 {
			wish.places[i] = s.places[at]
		}
	}
	s.wish, s.feed, s.places = wish, joined, wish.places
	return nil, nil //nolint:nilnil // it is open
}

func (s *subscription) close() {
	if s.feed != nil {
		s.live.feeds.leave(s.feed)
		s.feed = nil
	}
}

// run sends events until ctx ends, or the client can't have more; refused is what it is told then.
func (s *subscription) run(ctx context.Context, operation *graphql.OperationContext) (refused *graphql.Response, err error) {
	defer s.close()
	for first := true; ; first = false {
		actor, changed := s.line.who()
		opening := identity.WithActor(ctx, actor)
		if !first {
			var refused *graphql.Response
			if opening, operation, refused = operate(ctx, s.exec, s.line, s.params); refused != nil {
				return refused, nil
			}
		}
		refused, err := s.open(opening, operation)
		switch {
		case err != nil:
			return nil, err
		case refused != nil && slices.ContainsFunc(refused.Errors, isOurs): // it may pass, and clients take a refusal for the end
			return nil, errOurs
		case refused != nil:
			return refused, nil
		}
		if err := s.follow(ctx, changed); err != nil {
			if f := fault.Of(err); f != nil {
				return s.exec.DispatchError(graphql.WithOperationContext(opening, operation), gqlerror.List{gqlerror.Wrap(f)}), nil
			}
			return nil, err
		}
	}
}

// follow sends events until the actor changes.
func (s *subscription) follow(ctx context.Context, changed <-chan struct{}) error {
	hub := s.live.resolver.Events
	listener := hub.Listen(s.wish.heads, s.wish.types)
	defer listener.Close()
	for {
		moved := false
		for i := range s.places {
			events, err := hub.After(ctx, s.places[i])
			if err != nil {
				return err
			}
			for _, e := range events {
				if err := s.line.certain(ctx); err != nil {
					return err
				}
				select {
				case <-changed:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				default:
				}
				s.places[i].Sequence = e.Sequence
				if err := s.tell(ctx, e); err != nil {
					return err
				}
			}
			moved = moved || len(events) > 0
		}
		if moved {
			continue
		}
		s.upToDate, s.waited = true, 0
		select {
		case <-listener.News():
		case <-changed:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tell sends one event, where it is asked for.
func (s *subscription) tell(ctx context.Context, e *event.Told) error {
	if !s.wish.wants(e) {
		return nil
	}
	answer, err := s.feed.execute(ctx, e)
	for attempt := 1; err == nil && answer.failed && attempt < attempts; attempt++ {
		select {
		case <-time.After(attemptAfter):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		answer, err = s.feed.execute(ctx, e)
	}
	switch {
	case err != nil:
		return err
	case answer.parts == nil: // not even its errors
		return errOurs
	}
	cursor := relay.EventCursor(s.places)
	begun := graphql.Now()
	if err := s.send(answer.body(cursor), cursor); err != nil {
		return err
	}
	s.waited += graphql.Now().Sub(begun)
	if s.upToDate && s.waited > writeTimeout && s.waiting() > maxWaiting {
		return slow{cursor}
	}
	return nil
}

// waiting is how many events the client is behind.
func (s *subscription) waiting() int64 {
	behind := int64(0)
	for _, place := range s.places {
		behind += s.live.resolver.Events.Behind(place)
	}
	return behind
}

// isSubscription tells what is answered again and again.
func isSubscription(operation *graphql.OperationContext) bool {
	return operation.Operation.Operation == ast.Subscription
}
