package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"

	"flowviz/internal/fault"
)

// Limits of a document, checked before it is validated, which is quadratic: 1,000 tokens take 68 ms, 9,000 fields 5.8 s.
const (
	maxTokens     = 1_000
	maxWord       = 100 // letters of a name; an unknown one is compared with every field there is
	maxDepth      = 16  // selections in each other; what GraphiQL asks of the schema has 14
	maxFields     = 200 // of one selection
	maxAliases    = 30
	maxDirectives = 20
	maxOperations = 10
)

// alone are root fields that an operation has nothing beside: a second one would be a second guess of a password.
var alone = []string{"login"}

// limits refuses documents that cost too much to look at. It is the library's extension, and so stands before every
// transport.
type limits struct {
	known graphql.Cache[*ast.QueryDocument] // documents that were let pass, and validated
}

var _ graphql.OperationParameterMutator = limits{}

// ExtensionName implements graphql.HandlerExtension.
func (limits) ExtensionName() string { return "Limits" }

// Validate implements graphql.HandlerExtension.
func (limits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters implements graphql.OperationParameterMutator.
func (l limits) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	if _, ok := l.known.Get(ctx, request.Query); ok {
		return nil
	}
	if err := checkTokens(request.Query); err != nil {
		return err
	}
	if doc, err := parser.ParseQuery(&ast.Source{Input: request.Query}); err == nil {
		return checkDocument(doc)
	}
	return nil // the library says what is wrong, in its own words
}

func checkTokens(query string) *gqlerror.Error {
	tokens, lex := 0, lexer.New(&ast.Source{Input: query})
	for {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			break
		}
		tokens++
		if token.Kind == lexer.Name && len(token.Value) > maxWord {
			return overLimit("name", maxWord, len(token.Value), "the document has a name of %d letters, and it may have %d", len(token.Value), maxWord)
		}
	}
	if tokens > maxTokens {
		return overLimit("tokens", maxTokens, tokens, "the document has %d words and signs, and may have %d: ask for less at once", tokens, maxTokens)
	}
	return nil
}

// measure is what a document has of what is bounded.
type measure struct {
	doc                         *ast.QueryDocument
	fields, aliases, directives int
	depths                      map[string]int // of fragments; 0 while one is being measured, for those that spread themselves
}

func checkDocument(doc *ast.QueryDocument) *gqlerror.Error {
	m := &measure{doc: doc, depths: map[string]int{}}
	depth := 0
	for _, operation := range doc.Operations {
		m.directives += len(operation.Directives)
		for _, variable := range operation.VariableDefinitions {
			m.directives += len(variable.Directives)
		}
		depth = max(depth, m.depth(operation.SelectionSet))
	}
	for _, fragment := range doc.Fragments {
		m.directives += len(fragment.Directives)
		depth = max(depth, m.fragment(fragment.Name))
	}
	for _, bound := range []struct {
		name        string
		limit, cost int
		what        string
	}{
		{"operations", maxOperations, len(doc.Operations), "operations"},
		{"depth", maxDepth, depth, "selections in each other"},
		{"fields", maxFields, m.fields, "fields in one selection"},
		{"aliases", maxAliases, m.aliases, "aliases"},
		{"directives", maxDirectives, m.directives, "directives"},
	} {
		if bound.cost > bound.limit {
			return overLimit(bound.name, bound.limit, bound.cost, "the document has %d %s, and may have %d", bound.cost, bound.what, bound.limit)
		}
	}
	return m.checkAlone()
}

// depth measures a selection: how many are in each other, itself included.
func (m *measure) depth(set ast.SelectionSet) int {
	deepest, fields := 0, 0
	for _, selection := range set {
		below := 0
		switch s := selection.(type) {
		case *ast.Field:
			fields++
			if s.Alias != s.Name {
				m.aliases++
			}
			m.directives += len(s.Directives)
			below = m.depth(s.SelectionSet)
		case *ast.InlineFragment:
			m.directives += len(s.Directives)
			below = m.depth(s.SelectionSet)
		case *ast.FragmentSpread:
			m.directives += len(s.Directives)
			below = m.fragment(s.Name) - 1
		}
		deepest = max(deepest, below)
	}
	m.fields = max(m.fields, fields)
	if len(set) == 0 {
		return 0
	}
	return deepest + 1
}

// fragment measures a fragment once, however often it is spread: 100 of them, each spread twice in the next, are 2¹⁰⁰.
func (m *measure) fragment(name string) int {
	if depth, known := m.depths[name]; known {
		return depth
	}
	m.depths[name] = 0
	if fragment := m.doc.Fragments.ForName(name); fragment != nil {
		m.depths[name] = m.depth(fragment.SelectionSet)
	}
	return m.depths[name]
}

// checkAlone refuses operations that have another root field beside one that stands alone.
func (m *measure) checkAlone() *gqlerror.Error {
	for _, operation := range m.doc.Operations {
		roots := m.roots(operation.SelectionSet, map[string]bool{})
		for _, name := range alone {
			for _, root := range roots {
				if root == name && len(roots) > 1 {
					return refuse(fault.New(fault.Limit, "", "%s stands alone in its operation, and here are %d fields", name, len(roots)), nil,
						map[string]any{"limit": name, "value": 1, "cost": len(roots)})
				}
			}
		}
	}
	return nil
}

func (m *measure) roots(set ast.SelectionSet, seen map[string]bool) []string {
	var names []string
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			names = append(names, s.Name)
		case *ast.InlineFragment:
			names = append(names, m.roots(s.SelectionSet, seen)...)
		case *ast.FragmentSpread:
			if fragment := m.doc.Fragments.ForName(s.Name); fragment != nil && !seen[s.Name] {
				seen[s.Name] = true
				names = append(names, m.roots(fragment.SelectionSet, seen)...)
			}
		}
	}
	return names
}
