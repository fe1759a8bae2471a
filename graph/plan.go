package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// plan is what an operation of a validated document asks for, whatever its variables: found once, for documents are cached.
type plan struct {
	needs []need
}

func newPlan(operation *ast.OperationDefinition) *plan {
	return &plan{needs: needsOf(operation)}
}

// gate is what an operation passes before it runs: who may ask for it. It is the library's extension, and so stands
// before every transport.
type gate struct {
	plans *lru.Cache[*ast.OperationDefinition, *plan]
}

var _ graphql.OperationContextMutator = (*gate)(nil)

func newGate() (*gate, error) {
	plans, err := lru.New[*ast.OperationDefinition, *plan](cachedQueries)
	return &gate{plans: plans}, err
}

// ExtensionName implements graphql.HandlerExtension.
func (*gate) ExtensionName() string { return "Gate" }

// Validate implements graphql.HandlerExtension: a schema in which something has no rule is not served.
func (*gate) Validate(schema graphql.ExecutableSchema) error { return checkRules(schema.Schema()) }

// MutateOperationContext implements graphql.OperationContextMutator.
func (g *gate) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	p, ok := g.plans.Get(operation.Operation)
	if !ok {
		p = newPlan(operation.Operation)
		g.plans.Add(operation.Operation, p)
	}
	return allow(ctx, p.needs)
}
