package graph

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

const (
	// roundEvery is how often each open line is looked after. With the second for which who asks is remembered, a sign-out, a
	// deactivation or a changed role is felt within 1.25 s, and the connection closed half a second later; 2 s are allowed.
	roundEvery = 250 * time.Millisecond
	// doubt is how long a line whose listener can't be found out is told events all the same.
	doubt = time.Second
	// roundWorkers look after lines at the same time: each may have to ask the database.
	roundWorkers = 8
	// writeTimeout is how long a client may take to receive a message.
	writeTimeout = 5 * time.Second

	maxSubscriptions = 20 // of one line
	maxLines         = 5  // of one user or program that may carry several subscriptions
	maxStreams       = maxLines * maxSubscriptions
)

// Why a line ends, beside the client's own reasons.
var (
	errSignedOut = errors.New("the token doesn't hold any more: connect with a new one")
	errEnding    = errors.New("the server is about to stop: connect again")
	errStalled   = errors.New("the client receives nothing")
	errOurs      = errors.New("something went wrong on our side: connect again")
)

// line is a connection that stays open, and who listens on it.
type line struct {
	ctx    context.Context //nolint:containedctx // the connection's, which outlives each of its operations
	hangUp context.CancelCauseFunc
	beat   func(now time.Time) // looks after the connection; never waits

	mu      sync.Mutex
	entered context.Context //nolint:containedctx // with the credential, which may be renewed
	actor   *identity.Actor
	changed chan struct{} // closed when actor is another
	known   time.Time     // when actor was found out
}

func newLine(ctx context.Context, beat func(now time.Time)) *line {
	l := &line{beat: beat, entered: ctx, actor: identity.ActorFrom(ctx), changed: make(chan struct{}), known: graphql.Now()}
	l.ctx, l.hangUp = context.WithCancelCause(ctx)
	return l
}

// who is listening now; changed is closed when they may do something else.
func (l *line) who() (actor *identity.Actor, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.actor, l.changed
}

// begin says who listens, before anybody does.
func (l *line) begin(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entered, l.actor, l.known = ctx, identity.ActorFrom(ctx), graphql.Now()
}

// enter renews the credential of whoever listens. It is no other user's.
func (l *line) enter(ctx context.Context) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if userKey(identity.ActorFrom(ctx)) != userKey(l.actor) {
		return false
	}
	l.entered = ctx
	return true
}

// check looks who is listening, and hangs up where the token holds no more.
func (l *line) check() {
	l.mu.Lock()
	ctx := l.entered
	l.mu.Unlock()
	asked := graphql.Now()
	actor, err := identity.Again(ctx)
	switch {
	case fault.Of(err) != nil:
		l.hangUp(errSignedOut)
		return
	case err != nil: // the database doesn't answer, and certain waits
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = asked
	if !actor.Equal(l.actor) {
		l.actor = actor
		close(l.changed)
		l.changed = make(chan struct{})
	}
}

// certain waits while it can't be found out who listens: what they may still see isn't known.
func (l *line) certain(ctx context.Context) error {
	for {
		l.mu.Lock()
		known := l.known
		l.mu.Unlock()
		if graphql.Now().Sub(known) <= doubt {
			return nil
		}
		select {
		case <-time.After(roundEvery):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// userKey is who has lines: a user, or a program by its token.
func userKey(actor *identity.Actor) uuid.UUID {
	switch {
	case actor == nil:
		return uuid.Nil
	case actor.Token != uuid.Nil:
		return actor.Token
	}
	return actor.UserID
}

// lines are those of this replica. Somebody goes the round of them as long as there are any.
type lines struct {
	ending <-chan struct{}

	mu   sync.Mutex
	open map[*line]int // with their weights
	used map[uuid.UUID]int
	stop context.CancelFunc // nil where nobody goes the round

	turn sync.Mutex // whose round it is
}

// add takes a line of a user who has room for its weight; of maxStreams, a line for several subscriptions takes maxSubscriptions. used is what
// the user's lines take with it.
func (l *lines) add(line *line, weight int) (used int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	actor, _ := line.who()
	user := userKey(actor)
	if used = l.used[user] + weight; used > maxStreams {
		return used, false
	}
	l.used[user] = used
	l.open[line] = weight
	if l.stop == nil {
		var ctx context.Context
		ctx, l.stop = context.WithCancel(context.Background())
		go l.rounds(ctx)
	}
	return used, true
}

func (l *lines) remove(line *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	weight, ok := l.open[line]
	if !ok {
		return
	}
	delete(l.open, line)
	actor, _ := line.who()
	user := userKey(actor)
	if l.used[user] -= weight; l.used[user] == 0 {
		delete(l.used, user)
	}
	if len(l.open) == 0 {
		l.stop()
		l.stop = nil
	}
}

func (l *lines) all() []*line {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*line, 0, len(l.open))
	for line := range l.open {
		all = append(all, line)
	}
	return all
}

func (l *lines) rounds(ctx context.Context) {
	ticker := time.NewTicker(roundEvery)
	defer ticker.Stop()
	ended, ending := false, l.ending
	for {
		select {
		case <-ctx.Done():
			return
		case <-ending:
			ended, ending = true, nil
		case <-ticker.C:
		}
		l.round(ended)
	}
}

// round looks at each line, one round after the other: when the last line went and another came, the rounds before may be in their last.
func (l *lines) round(ended bool) {
	l.turn.Lock()
	defer l.turn.Unlock()
	var workers errgroup.Group
	workers.SetLimit(roundWorkers)
	for _, line := range l.all() {
		workers.Go(func() error {
			if ended {
				line.hangUp(errEnding)
				return nil
			}
			line.check()
			line.beat(graphql.Now())
			return nil
		})
	}
	_ = workers.Wait() // they return none
}
