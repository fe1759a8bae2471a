package graph

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"flowviz/db"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

func subscribing(t *testing.T, query string, variables map[string]any) *graphql.OperationContext {
	t.Helper()
	document, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatal(err)
	}
	return &graphql.OperationContext{RawQuery: query, Operation: document.Operations[0], Variables: variables}
}

// TestFeedsAreOfOneRight: an execution is shared by those alone who see the same, and knows none of them.
func TestFeedsAreOfOneRight(t *testing.T) {
	t.Parallel()
	const query = `subscription ($after: Cursor, $run: String) { events(after: $after, run: $run) { id } }`
	all := &feeds{all: map[[sha256.Size]byte]*feed{}}
	join := func(actor *identity.Actor, query string, variables map[string]any) *feed {
		t.Helper()
		joined, err := all.join(nil, subscribing(t, query, variables), actor)
		if err != nil {
			t.Fatal(err)
		}
		return joined
	}
	member := func(memberships map[int32]identity.Role) *identity.Actor {
		return &identity.Actor{UserID: uuid.New(), Session: uuid.New(), Memberships: memberships}
	}
	viewers := map[int32]identity.Role{1: db.RoleVIEWER, 2: db.RoleVIEWER}
	one := join(member(viewers), query, map[string]any{"after": "a"})
	if one.actor.UserID != uuid.Nil || one.actor.Session != uuid.Nil {
		t.Errorf("it executes as %v", one.actor)
	}
	if other := join(member(viewers), query, map[string]any{"after": "b"}); other != one {
		t.Error("who sees the same from another place on is executed for again")
	}
	reader := member(viewers)
	reader.ReadOnly = true
	const twice = `subscription ($after: Cursor, $run: String) { events(after: $after, run: $run) { id ... @include(if: $after) { type } } }`
	for name, other := range map[string]*feed{
		"another role":        join(member(map[int32]identity.Role{1: db.RoleVIEWER, 2: db.RoleMANAGER}), query, nil),
		"another site":        join(member(map[int32]identity.Role{1: db.RoleVIEWER, 3: db.RoleVIEWER}), query, nil),
		"one site":            join(member(map[int32]identity.Role{1: db.RoleVIEWER}), query, nil),
		"who may only read":   join(reader, query, nil),
		"another run":         join(member(viewers), query, map[string]any{"run": "R"}),
		"another document":    join(member(viewers), strings.Replace(query, "id", "type", 1), nil),
		"a cursor used twice": join(member(viewers), twice, map[string]any{"after": "a"}),
	} {
		if other == one {
			t.Errorf("%s shares", name)
		}
	}
	if join(member(viewers), twice, map[string]any{"after": "a"}) == join(member(viewers), twice, map[string]any{"after": "b"}) {
		t.Error("what depends on the cursor is shared")
	}
	all.leave(one)
	all.leave(one)
	if join(member(viewers), query, nil) == one {
		t.Error("a feed outlives its last listener")
	}
}

// answering gives each event the same answer.
type answering struct{ graphql.GraphExecutor }

func (answering) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return graphql.OneShot(&graphql.Response{Data: json.RawMessage("{}")}), ctx
}

// TestAnswersAreKept: those of the last 256 events, also where one was made anew.
func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	f := &feed{exec: answering{}, answers: map[relay.EventPlace]*answer{}}
	execute := func(sequence int64) *answer {
		t.Helper()
		a, err := f.execute(t.Context(), &event.Told{Event: db.Event{SiteID: 1, Sequence: sequence}})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	old := execute(1)
	f.answers[relay.EventPlace{Site: 1, Sequence: 1}].begun = graphql.Now().Add(-keptFor)
	if execute(1) == old {
		t.Error("an answer is shared after its time")
	}
	for n := int64(2); n <= keptAnswers; n++ {
		execute(n)
	}
	if len(f.answers) != keptAnswers || len(f.order) != keptAnswers {
		t.Errorf("%d answers are kept, in an order of %d", len(f.answers), len(f.order))
	}
	execute(keptAnswers + 1)
	if f.answers[relay.EventPlace{Site: 1, Sequence: 1}] != nil || len(f.answers) != keptAnswers || len(f.order) != keptAnswers {
		t.Errorf("%d answers are kept after one more, in an order of %d", len(f.answers), len(f.order))
	}
}

// TestWhoListensIsCertain: nothing is told while it can't be found out who listens.
func TestWhoListensIsCertain(t *testing.T) {
	t.Parallel()
	l := newLine(t.Context(), nil)
	l.known = graphql.Now().Add(-2 * doubt)
	ctx, cancel := context.WithTimeout(t.Context(), 2*roundEvery)
	defer cancel()
	if err := l.certain(ctx); err == nil {
		t.Error("an event is told to somebody unknown")
	}
	time.AfterFunc(roundEvery, l.check)
	if err := l.certain(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestClosingReasonsFit: a reason that doesn't fit would be sent as 1011, after which no client connects again. The cursor of a dozen sites fits.
func TestClosingReasonsFit(t *testing.T) {
	t.Parallel()
	var places []relay.EventPlace
	for n := range int32(40) {
		places = append(places, relay.EventPlace{Site: n + 1, Sequence: 1e9})
		cursor := relay.EventCursor(places)
		c := closingFor(slow{cursor})
		if c.code != closeLater || len(c.reason) > maxReason || len(places) <= 12 && !strings.HasSuffix(c.reason, " "+string(cursor)) {
			t.Errorf("%d: %d bytes: %s", c.code, len(c.reason), c.reason)
		}
	}
	if c := closingFor(context.DeadlineExceeded); c.code != closeLater {
		t.Errorf("what may pass is closed with %d", c.code)
	}
}

// TestWhatMayPassIsOurs: an error that is the client's ends a subscription for good.
func TestWhatMayPassIsOurs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		code  fault.Code
		limit any
		ours  bool
	}{
		{fault.Internal, nil, true},
		{fault.Limit, fault.Seconds, true},
		{fault.Limit, fault.StatementSeconds, true},
		{fault.Limit, "objects", false},
		{fault.BadUserInput, nil, false},
	} {
		if err := (&gqlerror.Error{Extensions: map[string]any{"code": tc.code, "limit": tc.limit}}); isOurs(err) != tc.ours {
			t.Errorf("%s of %v is ours: %t", tc.code, tc.limit, !tc.ours)
		}
	}
}
