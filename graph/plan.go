package graph

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// plan is what an operation of a validated document asks for, whatever its variables: found once, for documents are cached.
type plan struct {
	needs      []need
	introspect ast.Path // the first field that asks about the schema; nil where none does
	slowest    int      // what the slowest of its fields costs itself
	secret     bool     // may hold a password or a token
	cost       int      // -1 where it depends on variables
}

func newPlan(schema *ast.Schema, hidden *secrets, operation *ast.OperationDefinition) *plan {
	p := &plan{needs: needsOf(operation), cost: -1}
	eachField(operation, func(f *ast.Field, path ast.Path) {
		if p.introspect == nil && (f.Name == "__schema" || f.Name == "__type") {
			p.introspect = path
		}
		p.secret = p.secret || slices.Contains(hidden.takers, f.Name)
		p.slowest = max(p.slowest, weights[f.ObjectDefinition.Name+"."+f.Name].itself)
	})
	if len(operation.VariableDefinitions) == 0 {
		p.cost = cost(schema, operation, nil)
	}
	return p
}

// eachField visits the fields of an operation's whole selection. A fragment is walked once, however often it is spread.
func eachField(operation *ast.OperationDefinition, visit func(f *ast.Field, path ast.Path)) {
	walked := map[string]bool{}
	var walk func(set ast.SelectionSet, path ast.Path)
	walk = func(set ast.SelectionSet, path ast.Path) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				here := append(slices.Clip(path), ast.PathName(s.Alias))
				visit(s, here)
				walk(s.SelectionSet, here)
			case *ast.InlineFragment:
				walk(s.SelectionSet, path)
			case *ast.FragmentSpread:
				if !walked[s.Name] {
					walked[s.Name] = true
					walk(s.Definition.SelectionSet, path)
				}
			}
		}
	}
	walk(operation.SelectionSet, nil)
}
