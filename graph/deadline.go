package graph

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/graph/loader"
	"flowviz/internal/fault"
)

// deadline is how long an operation may take, and each of its SQL statements: what takes longer is given up, and its
// connection to the database is free again.
type deadline struct{ answer, statement time.Duration }

// LongestAnswer is how long the slowest operation may take before it is answered.
const LongestAnswer = 50 * time.Second

var (
	// forPage is what people wait for a page at most. Lists of 100 take some ms.
	forPage = deadline{answer: 5 * time.Second, statement: 2 * time.Second}
	// forWalk is for operations that follow genealogies. 7,272 ancestors take 30 ms, of 1,000,000 lots with a cold cache on a
	// slow disk a hundred times that.
	forWalk = deadline{answer: 15 * time.Second, statement: 10 * time.Second}
	// forStop is for what reaches all that was made of lots: a hold that is given up stops nothing, so it has as long as anything may take. That of
	// 5,000 lots takes 0.1 s, the report of a recall over 1,000,000 some 0.7 s, and more where their rows don't tell where they are.
	forStop = deadline{answer: LongestAnswer, statement: 45 * time.Second}
	// forLog is for operations that verify a whole audit log: 1,000,000 events take 6.5 s on two busy cores (make prove-audit), more
	// than 7,000,000 are for the command line. The statement that reads the log has until the deadline; statement is for others.
	forLog = deadline{answer: LongestAnswer, statement: 10 * time.Second}
)

// deadlineFor is the class of an operation whose slowest field costs so much itself.
func deadlineFor(itself int) deadline {
	switch {
	case itself >= logCost:
		return forLog
	case itself >= stopCost:
		return forStop
	case itself >= walkCost:
		return forWalk
	}
	return forPage
}

// deadlineOf is an operation's, by its class. Loaders that gather keys for longer than usual get their time on top.
func (r *Resolver) deadlineOf(operation *graphql.OperationContext) deadline {
	d := forPage
	if p := planOf(operation); p != nil {
		d = deadlineFor(p.slowest)
	}
	d.answer += maxDepth*cmp.Or(r.LoaderWait, loader.Wait) + r.Patience
	d.statement += r.Patience
	return d
}

// cutShort is the one error of an answer that was given up, in place of those of each field that was under way then; nil
// for an answer that wasn't.
func cutShort(ctx context.Context, d deadline, b *budget, answer *graphql.Response) *gqlerror.Error {
	f := b.spent()
	extensions := map[string]any{"code": fault.Limit, "limit": "objects", "value": maxNested, "cost": b.nested.Load()}
	if f == nil {
		if len(answer.Errors) == 0 || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil
		}
		f = fault.New(fault.Limit, "", "this took longer than %s: ask for less at once", d.answer.Round(time.Second))
		seconds := d.answer.Round(time.Second).Seconds() // it was given up there, whatever it would have taken
		extensions = map[string]any{"code": fault.Limit, "limit": fault.Seconds, "value": seconds, "cost": seconds}
	}
	return &gqlerror.Error{Message: f.Message + perhapsDone(graphql.GetOperationContext(ctx).Operation), Extensions: extensions}
}

// perhapsDone is what an answer that was given up says of what its operation changed: each mutation commits by itself, and its payload is read
// after that.
func perhapsDone(operation *ast.OperationDefinition) string {
	if operation.Operation != ast.Mutation {
		return ""
	}
	return "; some or all of the changes may have been made: repeat the mutation with the same idempotency keys within a day, which makes none twice, and look first where it has none"
}
