package graph

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestSchemaWithoutRuleIsRefused: what has no rule is found, and what its interface opens wider.
func TestSchemaWithoutRuleIsRefused(t *testing.T) {
	t.Parallel()
	const head = `directive @access(to: String!) on FIELD_DEFINITION
		type Query { sites: [Site!]! @access(to: "VIEW") node: Node @access(to: "VIEW") } interface Node { id: ID! @access(to: "VIEW") } `
	for name, tc := range map[string]struct{ schema, says string }{
		"all have one":               {`type Site implements Node { id: ID! @access(to: "SIGNED_IN") code: String! @access(to: "ADMINISTER") }`, ""},
		"a field has none":           {`type Site { id: ID! }`, "Site.id has no @access"},
		"a rule that isn't one":      {`type Site { id: ID! @access(to: "ANYBODY") }`, "Site.id has no @access"},
		"an interface's is weaker":   {`type Site implements Node { id: ID! @access(to: "ADMINISTER") }`, "Site.id is for ADMINISTER, but Node.id, by which it is read too, for VIEW"},
		"neither covers the other":   {`type Site { id: ID! @access(to: "VIEW") } interface A { x: ID @access(to: "OPERATE") } type B implements A { x: ID @access(to: "VALIDATE") }`, "B.x is for VALIDATE"},
		"an interface's field too":   {`type Site { id: ID! @access(to: "VIEW") } interface A { x: ID }`, "A.x has no @access"},
		"managers validate and more": {`type Site { id: ID! @access(to: "VIEW") } interface A { x: ID @access(to: "MANAGE") } type B implements A { x: ID @access(to: "VALIDATE") }`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := checkRules(gqlparser.MustLoadSchema(&ast.Source{Input: head + tc.schema}))
			switch {
			case tc.says == "" && err != nil:
				t.Error(err)
			case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)):
				t.Errorf("%v; want %q", err, tc.says)
			}
		})
	}
}

// TestServerNeedsRules: what stands before each request isn't made for the served schema less one rule.
func TestServerNeedsRules(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: SDL()})
	if _, err := newGate(Edge{}, schema); err != nil {
		t.Error(err)
	}
	schema.Types["Lot"].Fields.ForName("code").Directives = nil
	if _, err := newGate(Edge{}, schema); err == nil || !strings.Contains(err.Error(), "Lot.code has no @access") {
		t.Errorf("without the rule of Lot.code: %v", err)
	}
}
