package graph

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/internal/fault"
)

// maxNested bounds the objects of lists below lists that one answer holds: a cost assumes how long they are, and this counts
// them. A list that stands in no other has its own limit.
const maxNested = 20_000

// budget counts the objects of one answer.
type budget struct {
	nested atomic.Int64
	over   context.CancelCauseFunc // ends the operation
}

type budgetKey struct{}

// withBudget gives an answer its budget; where it is spent, what still runs is cancelled.
func withBudget(ctx context.Context) (context.Context, *budget, context.CancelFunc) {
	b := &budget{}
	ctx, b.over = context.WithCancelCause(ctx)
	return context.WithValue(ctx, budgetKey{}, b), b, func() { b.over(nil) }
}

// spent is the refusal of an answer that became too large; nil while it isn't.
func (b *budget) spent() *fault.Error {
	if b.nested.Load() <= maxNested {
		return nil
	}
	return fault.New(fault.Limit, "", "lists in lists came to more than %d objects: ask for shorter pages, or for one list after the other", maxNested)
}

// countObjects counts the elements of each list that stands below another.
func countObjects(ctx context.Context, next graphql.Resolver) (any, error) {
	result, err := next(ctx)
	if err != nil || !isListOfObjects(graphql.GetFieldContext(ctx)) || !inList(ctx) {
		return result, err
	}
	if list := reflect.ValueOf(result); list.Kind() == reflect.Slice {
		if f := spend(ctx, int64(list.Len())); f != nil {
			return nil, f
		}
	}
	return result, nil
}

// spend takes so many objects of the answer's budget; a refusal where that is spent.
func spend(ctx context.Context, objects int64) *fault.Error {
	b, ok := ctx.Value(budgetKey{}).(*budget)
	if !ok {
		return nil
	}
	b.nested.Add(objects)
	f := b.spent()
	if f != nil {
		b.over(f)
	}
	return f
}

func isListOfObjects(fc *graphql.FieldContext) bool {
	return fc != nil && fc.Field.Definition.Type.Elem != nil && len(fc.Field.Selections) > 0
}
