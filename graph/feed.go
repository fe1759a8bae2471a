package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// unwritten stands in an answer where the cursor of whoever gets it belongs. JSON has this byte nowhere else.
const unwritten = "\x00"

const (
	// keptAnswers of a feed are shared with those who are a little behind.
	keptAnswers = 256
	// keptFor is how long: what an event is about is shown as it is now.
	keptFor = 5 * time.Second
)

// feed executes the events of one document for all who see the same: with the same variables, of the same roles at the same sites.
// It executes as nobody in particular, so that nothing in an answer can depend on who asked first.
type feed struct {
	exec      graphql.GraphExecutor
	operation *graphql.OperationContext
	actor     *identity.Actor
	key       [sha256.Size]byte

	users int // known to feeds

	mu      sync.Mutex
	answers map[relay.EventPlace]*answer
	order   []relay.EventPlace // of the answers, from the oldest on
}

// answer is what one event gives; its parts stand around the cursors.
type answer struct {
	begun  time.Time
	done   chan struct{} // closed when the rest is there
	parts  [][]byte
	failed bool // for a reason of ours, which may pass
}

// body is the answer for one who has come to a cursor.
func (a *answer) body(cursor relay.Cursor) []byte {
	return bytes.Join(a.parts, []byte(cursor))
}

// execute is the answer of an event. The first who asks for it executes it, and the others wait.
func (f *feed) execute(ctx context.Context, e *event.Told) (*answer, error) {
	place := relay.EventPlace{Site: e.SiteID, Sequence: e.Sequence}
	now := graphql.Now()
	f.mu.Lock()
	a, known := f.answers[place]
	if known = known && now.Sub(a.begun) < keptFor; !known {
		a = &answer{begun: now, done: make(chan struct{})}
		f.keep(place, a)
	}
	f.mu.Unlock()
	if !known {
		f.run(context.WithoutCancel(ctx), e, a) // for the others, should the first go away
		if a.failed {
			f.mu.Lock()
			if f.answers[place] == a {
				f.forget(place)
			}
			f.mu.Unlock()
		}
	}
	select {
	case <-a.done:
		return a, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// keep shares an answer, in place of the one that its event had before, or else of the oldest.
func (f *feed) keep(place relay.EventPlace, a *answer) {
	if f.answers[place] != nil {
		f.forget(place)
	} else if len(f.order) == keptAnswers {
		f.forget(f.order[0])
	}
	f.answers[place], f.order = a, append(f.order, place)
}

// forget shares an event's answer no more.
func (f *feed) forget(place relay.EventPlace) {
	delete(f.answers, place)
	at := slices.Index(f.order, place)
	f.order = slices.Delete(f.order, at, at+1)
}

func (f *feed) run(ctx context.Context, e *event.Told, a *answer) {
	defer close(a.done)
	a.failed = true // should it panic
	ctx = context.WithValue(identity.WithActor(ctx, f.actor), turnKey{}, &turn{told: e.With(unwritten)})
	next, ctx := f.exec.DispatchOperation(ctx, f.operation)
	response := next(ctx)
	if response == nil { // given up before it began
		return
	}
	body, err := encode(response)
	if err != nil {
		return
	}
	a.failed = slices.ContainsFunc(response.Errors, isOurs)
	// A frame of server-sent events ends with its line, and stored JSON may have been written over several.
	a.parts = bytes.Split(bytes.ReplaceAll(body, []byte("\n"), []byte(" ")), []byte(unwritten))
}

// feeds are those that somebody listens to.
type feeds struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]*feed
}

// join is the feed of an operation for an actor; leave it.
func (f *feeds) join(exec graphql.GraphExecutor, operation *graphql.OperationContext, actor *identity.Actor) (*feed, error) {
	key, err := feedKey(operation, actor)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	joined := f.all[key]
	if joined == nil {
		joined = &feed{
			exec: exec, operation: operation, key: key, answers: map[relay.EventPlace]*answer{},
			actor: &identity.Actor{Memberships: actor.Memberships, ReadOnly: actor.ReadOnly},
		}
		f.all[key] = joined
	}
	joined.users++
	return joined, nil
}

func (f *feeds) leave(left *feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if left.users--; left.users == 0 {
		delete(f.all, left.key)
	}
}

// feedKey is the same for operations that give the same answers. From where somebody goes on makes no difference.
func feedKey(operation *graphql.OperationContext, actor *identity.Actor) ([sha256.Size]byte, error) {
	variables := maps.Clone(operation.Variables)
	delete(variables, cursorVariable(operation))
	encoded, err := json.Marshal([]any{operation.RawQuery, operation.OperationName, variables, actor.Memberships, actor.ReadOnly})
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("compare a subscription: %w", err)
	}
	return sha256.Sum256(encoded), nil
}

// cursorVariable is the variable that gives `after`, and nothing else; "" where there is none.
func cursorVariable(operation *graphql.OperationContext) string {
	name := ""
	eachField(operation.Operation, func(f *ast.Field, path ast.Path) {
		if after := f.Arguments.ForName("after"); len(path) == 1 && after != nil && after.Value.Kind == ast.Variable {
			name = after.Value.Raw
		}
	})
	if name == "" || strings.Count(operation.RawQuery, "$"+name) != 2 { // where it is declared, and there
		return ""
	}
	return name
}

// isOurs tells an error that is no fault of the client's, and may pass: also time that ran out, as it does for all while the database has
// too much to do.
func isOurs(err *gqlerror.Error) bool {
	limit := err.Extensions["limit"]
	return err.Extensions["code"] == fault.Internal || limit == fault.Seconds || limit == fault.StatementSeconds
}
