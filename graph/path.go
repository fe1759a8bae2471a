package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// inList tells whether the field being resolved belongs to one element of a list.
func inList(ctx context.Context) bool {
	for f := graphql.GetFieldContext(ctx); f != nil; f = f.Parent {
		if f.Index != nil {
			return true
		}
	}
	return false
}
