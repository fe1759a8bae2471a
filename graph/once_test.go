package graph_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/db"
	"flowviz/graph"
	"flowviz/graph/loader"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// executions counts responses of subscriptions, by the role and the run that they were executed for.
type executions struct {
	mu sync.Mutex
	of map[string]int
}

func (e *executions) count(r *graph.Resolver) {
	read := r.Read
	r.Read = func(ctx context.Context, statement time.Duration) (*loader.Finders, func()) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.of[fmt.Sprint(identity.ActorFrom(ctx).Memberships[1], " ", graphql.GetOperationContext(ctx).Variables["types"])]++
		return read(ctx, statement)
	}
}

// take returns what was counted, and counts anew.
func (e *executions) take() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	of := e.of
	e.of = map[string]int{}
	return of
}

// TestEventsAreExecutedOnce: ten listeners who see the same, of two users, by both transports and from different cursors, cost one
// execution an event; another role and other variables get their own.
func TestEventsAreExecutedOnce(t *testing.T) {
	t.Parallel()
	const query = `subscription ($after: Cursor, $types: [EventType!]) { events(after: $after, types: $types) { cursor type site { code } } }`
	tw := newTower(t, db.RoleVIEWER)
	counted := &executions{of: map[string]int{}}
	r := newResolver(tw.app)
	counted.count(r)
	tw.url = serveResolver(t, r, tw.app, graph.Edge{}).URL
	tokens := []string{tw.token, tw.member(t, "b@example.com", db.RoleVIEWER)}
	manager := tw.member(t, "c@example.com", db.RoleMANAGER)
	tw.tell(t, 2)
	var hear []func() // one event each
	bySocket := func(token string, variables map[string]any, after int64) {
		variables = maps.Clone(variables)
		variables["after"] = relay.EventCursor([]relay.EventPlace{{Site: 1, Sequence: after}})
		c := tw.enterAs(t, token)
		c.subscribe("a", query, variables)
		hear = append(hear, func() { c.expect(`{"id":"a","type":"next","payload":{"data":{"events":{"cursor":`) })
		for range 2 - after {
			hear[len(hear)-1]()
		}
	}
	byEvents := func(token string, variables map[string]any, after int64) {
		events := tw.stream(t, token, query, variables, relay.EventCursor([]relay.EventPlace{{Site: 1, Sequence: after}}))
		hear = append(hear, func() { events.next(t) })
		for range 2 - after {
			hear[len(hear)-1]()
		}
	}
	all, changes := map[string]any{}, map[string]any{"types": []string{"MASTER_DATA_CHANGED"}}
	for n := range 5 {
		bySocket(tokens[n%2], all, int64(n%2))
		byEvents(tokens[n%2], all, int64(n%2))
	}
	bySocket(manager, all, 0)
	byEvents(tw.token, changes, 0)
	const rounds = 5
	total := map[string]int{}
	counted.take() // the openings, and what was missed
	for range rounds {
		tw.tell(t, 1)
		for _, one := range hear {
			one()
		}
		for who, n := range counted.take() {
			total[who] += n
		}
	}
	for _, who := range []string{"VIEWER <nil>", "MANAGER <nil>", "VIEWER [MASTER_DATA_CHANGED]"} {
		// A listener that the machine held up for 5 s has an event executed once more: with that, still not twice an event.
		if n := total[who]; n < rounds || n >= 2*rounds {
			t.Errorf("%s: %d events are executed %d times", who, rounds, n)
		}
	}
	if len(total) != 3 {
		t.Errorf("executed for %v", total)
	}
}
