package graph

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"flowviz/graph/model"
	"flowviz/internal/lot"
	"flowviz/internal/trace"
)

// respond has an operation's answer made by do, and says how long that took.
func (p *precedence) respond(ctx context.Context, kind ast.Operation, do func(context.Context) []byte) time.Duration {
	began := time.Now()
	ctx = graphql.WithOperationContext(ctx, &graphql.OperationContext{Operation: &ast.OperationDefinition{Operation: kind}})
	p.aroundResponse(ctx, func(ctx context.Context) *graphql.Response { return &graphql.Response{Data: do(ctx)} })
	return time.Since(began)
}

// mutate has mutations of so long begin one after the other.
func (p *precedence) mutate(ctx context.Context, lengths ...time.Duration) {
	for _, length := range lengths {
		go p.respond(ctx, ast.Mutation, func(context.Context) []byte {
			select {
			case <-time.After(length):
			case <-ctx.Done(): // the test is over
			}
			return make([]byte, 2*largeAnswer)
		})
	}
	synctest.Wait()
}

// listOf writes a list of so many lots.
func listOf(t *testing.T, lots int) func(context.Context) []byte {
	t.Helper()
	page := &model.LotKinConnection{Edges: make([]model.LotKinEdge, lots), Rows: make([]lot.Row, lots)}
	for i := range lots {
		page.Edges[i].Kin = trace.Kin{ID: page.Rows[i].ID, Depth: 1}
	}
	return func(ctx context.Context) []byte {
		if _, err := (flat{}).write(ctx, page, func(b []byte, _ model.LotKinEdge, _ *lot.Row) []byte { return b }); err != nil {
			t.Error(err)
		}
		return nil
	}
}

// TestMutationsGoFirst: what is large waits for the mutations under way, for all of them, and no longer than it may; the clock stands still
// but for that.
func TestMutationsGoFirst(t *testing.T) {
	t.Parallel()
	large := func(context.Context) []byte { return make([]byte, largeAnswer+1) }
	for name, test := range map[string]struct {
		mutations []time.Duration
		answer    func(context.Context) []byte
		want      time.Duration
	}{
		"nobody":              {nil, listOf(t, 10_000), 0},
		"a mutation":          {[]time.Duration{7 * time.Millisecond}, listOf(t, 10_000), 7 * time.Millisecond},
		"the last of several": {[]time.Duration{7 * time.Millisecond, 19 * time.Millisecond, time.Millisecond}, listOf(t, 10_000), 19 * time.Millisecond},
		"one without end":     {[]time.Duration{time.Hour}, listOf(t, 10_000), mostWaited},
		"before it is sent":   {[]time.Duration{7 * time.Millisecond}, large, 7 * time.Millisecond},
		"a page of lots":      {[]time.Duration{time.Hour}, listOf(t, 100), 0},
		"a small answer":      {[]time.Duration{time.Hour}, func(context.Context) []byte { return []byte("{}") }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &precedence{}
				p.mutate(t.Context(), test.mutations...)
				if took := p.respond(t.Context(), ast.Query, test.answer); took != test.want {
					t.Errorf("it waited %s, not %s", took, test.want)
				}
			})
		})
	}
}

// TestMutationsWaitForNobody: not for each other, and who has gone away waits no longer.
func TestMutationsWaitForNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &precedence{}
		p.mutate(t.Context(), time.Hour)
		if took := p.respond(t.Context(), ast.Mutation, listOf(t, 10_000)); took != 0 {
			t.Errorf("a mutation waited %s", took)
		}
		gone, cancel := context.WithTimeout(t.Context(), 3*time.Millisecond)
		defer cancel()
		if took := p.respond(gone, ast.Query, listOf(t, 10_000)); took != 3*time.Millisecond {
			t.Errorf("who went away after 3 ms waited %s", took)
		}
	})
}
