package graph

import (
	"regexp"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestSecretsAreKnown: what is called one among the fields of inputs is treated as one, and so is all that takes one.
func TestSecretsAreKnown(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: SDL()})
	called := regexp.MustCompile(`(?i)(password|secret|token)$`)
	for name, def := range schema.Types {
		for _, field := range def.Fields {
			if def.Kind == ast.InputObject && called.MatchString(field.Name) && !slices.Contains(secretNames, field.Name) {
				t.Errorf("%s.%s is not in secretNames", name, field.Name)
			}
		}
	}
	takers := newSecrets(schema).takers
	for _, taker := range []string{"LoginInput", "login", "refreshToken", "changePassword", "createUser", "releaseLot", "rejectLot", "clearExposure", "publishScenario"} {
		if !slices.Contains(takers, taker) {
			t.Errorf("%s is not among what takes a secret: %v", taker, takers)
		}
	}
}
