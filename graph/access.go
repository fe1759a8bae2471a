package graph

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/graph/model"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// accesses order the rules from the least that is asked for to the most.
var accesses = []model.Access{
	model.AccessPublic, model.AccessSignedIn, model.AccessView, model.AccessOperate, model.AccessValidate, model.AccessManage,
	model.AccessAdminister,
}

// ruleOf is the rule of a field; "" where it has none. __typename says nothing that a document doesn't; what else begins so
// is introspection, for whoever is signed in.
func ruleOf(field *ast.FieldDefinition) model.Access {
	switch {
	case field.Name == "__typename":
		return model.AccessPublic
	case strings.HasPrefix(field.Name, "__"):
		return model.AccessSignedIn
	}
	directive := field.Directives.ForName("access")
	if directive == nil {
		return ""
	}
	rule := model.Access(directive.Arguments.ForName("to").Value.Raw)
	if !slices.Contains(accesses, rule) {
		return ""
	}
	return rule
}

// checkRules refuses a schema in which something has no rule: what nobody thought of is not open. Nor may a field ask for
// more than its interface's, by which it is read as well.
func checkRules(schema *ast.Schema) error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		def := schema.Types[name]
		if def.BuiltIn || def.Kind != ast.Object && def.Kind != ast.Interface {
			continue
		}
		for _, field := range def.Fields {
			rule := ruleOf(field)
			if rule == "" {
				faults = append(faults, fmt.Errorf("%s.%s has no @access: say in graph/schema who may ask for it", name, field.Name))
			}
			for _, parent := range def.Interfaces {
				if by := schema.Types[parent].Fields.ForName(field.Name); by != nil && !covers(ruleOf(by), rule) {
					faults = append(faults, fmt.Errorf("%s.%s is for %s, but %s.%s, by which it is read too, for %s", name, field.Name, rule, parent, field.Name, ruleOf(by)))
				}
			}
		}
	}
	return errors.Join(faults...)
}

// covers tells whether nobody passes the first rule who doesn't pass the second.
func covers(first, second model.Access) bool {
	switch {
	case first == second, second == model.AccessPublic:
		return true
	case first == model.AccessPublic:
		return false
	case second == model.AccessSignedIn:
		return true
	case first == model.AccessSignedIn:
		return false
	}
	may := identity.Permission(second).Roles()
	for _, role := range identity.Permission(first).Roles() {
		if !slices.Contains(may, role) {
			return false
		}
	}
	return true
}

// need is one rule that an operation asks for, with the first of its fields that does.
type need struct {
	rule model.Access
	path ast.Path
}

// needsOf are the rules that an operation's whole selection asks for, each once, the least first.
func needsOf(operation *ast.OperationDefinition) []need {
	first := map[model.Access]ast.Path{}
	eachField(operation, func(f *ast.Field, path ast.Path) {
		if strings.HasPrefix(f.ObjectDefinition.Name, "__") {
			return // below __schema and __type, which have the rule
		}
		rule := ruleOf(f.Definition)
		if rule == "" {
			rule = model.AccessAdminister // checkRules let no such schema pass
		}
		if first[rule] == nil {
			first[rule] = path
		}
	})
	var needs []need
	for _, rule := range accesses {
		if path := first[rule]; path != nil && rule != model.AccessPublic {
			needs = append(needs, need{rule: rule, path: path})
		}
	}
	return needs
}

// nobody is what those are told who aren't signed in.
const nobody = "nobody is signed in: sign in, or send a token as Authorization: Bearer …"

// allow refuses an operation of which the actor may not ask everything: as a whole, before any of it runs.
func allow(ctx context.Context, needs []need) *gqlerror.Error {
	if len(needs) == 0 {
		return nil
	}
	actor := identity.ActorFrom(ctx)
	if actor == nil {
		return refuse(fault.New(fault.Unauthenticated, "", nobody), needs[0].path, nil)
	}
	for _, n := range needs {
		if n.rule == model.AccessSignedIn {
			continue
		}
		if permission := identity.Permission(n.rule); !actor.May(permission) {
			return refuse(identity.Forbidden(permission), n.path, nil)
		}
	}
	return nil
}
