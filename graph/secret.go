package graph

import (
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// secretNames are the fields of inputs that hold a password or a token.
var secretNames = []string{"password", "currentPassword", "newPassword", "refreshToken"}

// secrets keeps what a client wrote out of what is said about it, where it may be a secret in the wrong place: in documents that name
// something which takes one.
type secrets struct {
	takers []string        // fields that take a secret, and types of inputs that hold one
	known  map[string]bool // all names of the schema: these may be repeated
}

func newSecrets(schema *ast.Schema) *secrets {
	s := &secrets{known: map[string]bool{}}
	for name, def := range schema.Types {
		s.known[name] = true
		if def.Kind == ast.InputObject && holdsSecret(schema, def) {
			s.takers = append(s.takers, name)
		}
		for _, value := range def.EnumValues {
			s.known[value.Name] = true
		}
	}
	for _, def := range schema.Types {
		for _, field := range def.Fields {
			s.known[field.Name] = true
			for _, argument := range field.Arguments {
				s.known[argument.Name] = true
				if slices.Contains(s.takers, argument.Type.Name()) {
					s.takers = append(s.takers, field.Name)
				}
			}
		}
	}
	return s
}

// holdsSecret looks into inputs in inputs; this schema has none that holds itself.
func holdsSecret(schema *ast.Schema, def *ast.Definition) bool {
	return slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool {
		inner := schema.Types[f.Type.Name()]
		return slices.Contains(secretNames, f.Name) || inner.Kind == ast.InputObject && holdsSecret(schema, inner)
	})
}

// in tells whether a document may hold a secret. One that can't be parsed may too, so that it is the text that is looked at.
func (s *secrets) in(query string) bool {
	return slices.ContainsFunc(s.takers, func(name string) bool { return strings.Contains(query, name) })
}

// hidden is an error of the library's without what the client wrote. field is the path of the field where it was found.
func (s *secrets) hidden(err *gqlerror.Error, field ast.Path) *gqlerror.Error {
	plain := *err
	plain.Message = s.plain(err.Message)
	for i := len(field) + 1; i < len(err.Path); i++ { // the first part is an argument's name, or says that a variable follows
		if name, ok := err.Path[i].(ast.PathName); ok && !s.known[string(name)] && err.Path[i-1] != ast.PathName("variable") {
			plain.Path = err.Path[:i:i]
			break
		}
	}
	return &plain
}

// plain cuts off what the library repeats of a value, which comes last but in what it says of enums, and leaves names out that aren't the
// schema's.
func (s *secrets) plain(message string) string {
	if i := strings.LastIndex(message, " is not a valid "); i >= 0 {
		return "this" + message[i:]
	}
	for _, before := range []string{", found ", ": "} {
		message, _, _ = strings.Cut(message, before)
	}
	return s.unquoted(message)
}

var (
	inQuotes = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	word     = regexp.MustCompile(`[^][!.$]+`)
)

// unquoted leaves out what stands in quotes and isn't of the schema, as "[LoginInput!]" and "LoginInput.email" are.
func (s *secrets) unquoted(message string) string {
	return inQuotes.ReplaceAllStringFunc(message, func(quoted string) string {
		for _, name := range word.FindAllString(strings.Trim(quoted, `"`), -1) {
			if !s.known[name] {
				return `"…"`
			}
		}
		return quoted
	})
}

// name is that of a value as far as the schema has it.
func (s *secrets) name(of string) string {
	parts := strings.Split(of, ".")
	for i, part := range parts {
		part, _, _ = strings.Cut(part, "[")
		if !s.known[part] {
			return strings.Join(parts[:i], ".")
		}
	}
	return of
}
