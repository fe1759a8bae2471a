package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// plan is what an operation of a validated document asks for, whatever its variables: found once, for documents are cached.
type plan struct {
	needs []need
	walks bool // follows a genealogy
	cost  int  // -1 where it depends on variables
}

func newPlan(schema *ast.Schema, operation *ast.OperationDefinition) *plan {
	p := &plan{needs: needsOf(operation), walks: walks(operation), cost: -1}
	if len(operation.VariableDefinitions) == 0 {
		p.cost = cost(schema, operation, nil)
	}
	return p
}

// walks tells whether an operation follows a genealogy anywhere.
func walks(operation *ast.OperationDefinition) bool {
	walked := map[string]bool{}
	var in func(set ast.SelectionSet) bool
	in = func(set ast.SelectionSet) bool {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				if weights[s.ObjectDefinition.Name+"."+s.Name].itself == walkCost || in(s.SelectionSet) {
					return true
				}
			case *ast.InlineFragment:
				if in(s.SelectionSet) {
					return true
				}
			case *ast.FragmentSpread:
				if !walked[s.Name] {
					walked[s.Name] = true
					if in(s.Definition.SelectionSet) {
						return true
					}
				}
			}
		}
		return false
	}
	return in(operation.SelectionSet)
}

// gate is what an operation passes before it runs: who may ask for it, and what it costs. It is the library's extension, and
// so stands before every transport.
type gate struct {
	schema *ast.Schema
	plans  *lru.Cache[*ast.OperationDefinition, *plan]
}

var _ graphql.OperationContextMutator = (*gate)(nil)

func newGate(schema *ast.Schema) (*gate, error) {
	plans, err := lru.New[*ast.OperationDefinition, *plan](cachedQueries)
	if err != nil {
		return nil, err
	}
	return &gate{schema: schema, plans: plans}, errors.Join(checkRules(schema), checkWeights(schema))
}

// gateName is the extension's, and the name under which an operation keeps its plan.
const gateName = "Gate"

// ExtensionName implements graphql.HandlerExtension.
func (*gate) ExtensionName() string { return gateName }

// Validate implements graphql.HandlerExtension; newGate has done it.
func (*gate) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (g *gate) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	p, ok := g.plans.Get(operation.Operation)
	if !ok {
		p = newPlan(g.schema, operation.Operation)
		g.plans.Add(operation.Operation, p)
	}
	operation.Stats.SetExtension(gateName, p)
	if err := allow(ctx, p.needs); err != nil {
		return err
	}
	costs := p.cost
	if costs < 0 {
		costs = cost(g.schema, operation.Operation, operation.Variables)
	}
	return affordable(costs)
}

// planOf is an operation's plan; nil for one that was refused before it had any.
func planOf(operation *graphql.OperationContext) *plan {
	p, _ := operation.Stats.GetExtension(gateName).(*plan)
	return p
}
