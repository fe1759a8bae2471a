package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"flowviz/graph/generated"
	"flowviz/graph/model"
	"flowviz/internal/identity"
)

// Anonymous is the caller whom nobody knows, beside the roles.
const Anonymous identity.Role = "ANONYMOUS"

// Callers are all that a rule tells apart, in the order of the table's columns.
func Callers() []identity.Role {
	return append([]identity.Role{Anonymous}, identity.View.Roles()...)
}

// AccessTable is the rules of the whole schema for reading: each field, and which caller may ask for it.
func AccessTable() string {
	var b strings.Builder
	b.WriteString("# Who may ask for what\n\nWritten by `make generate` from `@access` in `graph/schema`. A change here is a change of rights: read it line by line.\n" +
		"What a caller may ask for, it is shown of its own sites alone.\n\n| field |")
	for _, caller := range Callers() {
		fmt.Fprintf(&b, " %s |", caller)
	}
	b.WriteString("\n|---|" + strings.Repeat(":-:|", len(Callers())) + "\n")
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		def := schema.Types[name]
		if def.BuiltIn || def.Kind != ast.Object && def.Kind != ast.Interface {
			continue
		}
		for _, field := range def.Fields {
			fmt.Fprintf(&b, "| %s.%s |", name, field.Name)
			for _, caller := range Callers() {
				b.WriteString(map[bool]string{true: " ✓ |", false: " |"}[passes(ruleOf(field), caller)])
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// passes tells whether a rule lets a caller through.
func passes(rule model.Access, caller identity.Role) bool {
	switch rule {
	case model.AccessPublic:
		return true
	case model.AccessSignedIn:
		return caller != Anonymous
	default:
		return slices.Contains(identity.Permission(rule).Roles(), caller)
	}
}
