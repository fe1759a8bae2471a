package graph_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"flowviz/graph"
)

const printed = "../schema.graphql"

// TestSchemaIsPrinted holds schema.graphql to the schema that is served.
func TestSchemaIsPrinted(t *testing.T) {
	t.Parallel()
	have, err := os.ReadFile(printed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(graph.SDL(), string(have)); diff != "" {
		t.Errorf("schema.graphql is not what is served (-served +printed); run `make generate`:\n%s", diff)
	}
}

// TestEverythingIsDescribed: what a schema doesn't say, every client has to guess.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: graph.SDL()})
	for name, def := range schema.Types {
		if def.BuiltIn {
			continue
		}
		if def.Description == "" {
			t.Errorf("%s has no description", name)
		}
		for _, f := range def.Fields {
			if f.Description == "" && f.Name[:2] != "__" {
				t.Errorf("%s.%s has no description", name, f.Name)
			}
			for _, arg := range f.Arguments {
				if arg.Description == "" && f.Name[:2] != "__" {
					t.Errorf("%s.%s(%s:) has no description", name, f.Name, arg.Name)
				}
			}
		}
		for _, v := range def.EnumValues {
			if v.Description == "" {
				t.Errorf("%s.%s has no description", name, v.Name)
			}
		}
	}
}
