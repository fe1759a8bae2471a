package graph

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"flowviz/internal/fault"
)

// ofLiteral is the fault of a value that stands in the document itself, by the name of its argument, such as filter.status[1];
// nil for other errors. The library says where such a value stands, and of a variable's value what it is of. Where what is said is to be
// discreet, the name is told as far as the schema has it.
func ofLiteral(query string, err *gqlerror.Error, discreet *secrets) *fault.Error {
	if err == nil || err.Rule != rules.ValuesOfCorrectTypeRule.Name || len(err.Locations) != 1 {
		return nil
	}
	doc, _ := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, maxTokens) // what is validated could be parsed
	if doc == nil {
		return nil
	}
	name := (&literals{at: err.Locations[0]}).inDocument(doc)
	if discreet != nil {
		name = discreet.name(name)
	}
	if name == "" {
		return nil
	}
	// What was to be a text may be a password without its quotes, and isn't repeated.
	secret := textOf.FindString(name)
	if secret != "" || strings.HasPrefix(err.Message, "String cannot") {
		return fault.BadInput(cmp.Or(secret, name), "give a text in quotes")
	}
	return fault.BadInput(name, "%s", err.Message)
}

// textOf is what a name has up to an argument that holds a secret.
var textOf = regexp.MustCompile(`^(.*\.)?(` + strings.Join(secretNames, "|") + `)\b`)

// literals looks for the value at a place.
type literals struct{ at gqlerror.Location }

func (l *literals) here(p *ast.Position) bool {
	return p != nil && p.Line == l.at.Line && p.Column == l.at.Column
}

func (l *literals) inDocument(doc *ast.QueryDocument) string {
	for _, operation := range doc.Operations {
		for _, variable := range operation.VariableDefinitions {
			if name := l.inValue(variable.Variable, variable.DefaultValue); name != "" {
				return name
			}
		}
		if name := l.inDirectives(operation.Directives) + l.inSelection(operation.SelectionSet); name != "" {
			return name
		}
	}
	for _, fragment := range doc.Fragments {
		if name := l.inSelection(fragment.SelectionSet); name != "" {
			return name
		}
	}
	return ""
}

// inSelection doesn't follow fragments: inDocument looks into each once.
func (l *literals) inSelection(set ast.SelectionSet) string {
	for _, selection := range set {
		name := ""
		switch s := selection.(type) {
		case *ast.Field:
			name = l.inArguments(s.Arguments) + l.inDirectives(s.Directives)
			if name == "" {
				name = l.inSelection(s.SelectionSet)
			}
		case *ast.InlineFragment:
			name = l.inDirectives(s.Directives) + l.inSelection(s.SelectionSet)
		case *ast.FragmentSpread:
			name = l.inDirectives(s.Directives)
		}
		if name != "" {
			return name
		}
	}
	return ""
}

func (l *literals) inDirectives(directives ast.DirectiveList) string {
	for _, directive := range directives {
		if name := l.inArguments(directive.Arguments); name != "" {
			return name
		}
	}
	return ""
}

func (l *literals) inArguments(arguments ast.ArgumentList) string {
	for _, argument := range arguments {
		if name := l.inValue(argument.Name, argument.Value); name != "" {
			return name
		}
	}
	return ""
}

// inValue is the name of the value at the place, given the name of the one in which it stands.
func (l *literals) inValue(name string, value *ast.Value) string {
	if value == nil {
		return ""
	}
	if l.here(value.Position) {
		return name
	}
	for i, child := range value.Children {
		inside := fmt.Sprintf("%s[%d]", name, i)
		if value.Kind == ast.ObjectValue {
			inside = name + "." + child.Name
		}
		if l.here(child.Position) {
			return inside
		}
		if found := l.inValue(inside, child.Value); found != "" {
			return found
		}
	}
	return ""
}
