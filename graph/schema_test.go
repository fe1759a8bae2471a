package graph_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"flowviz/db"
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

// longest is how long a list may be asked for, by its description.
var longest = regexp.MustCompile(`([0-9,]+) at most\.$`)

// TestListsAreAsLongAsPromised: each list takes the longest `first` that its description names, and none longer.
// TestMutationsTakeKeys: whoever didn't hear the answer sends any of them again, but those of their own session and password.
func TestMutationsTakeKeys(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: graph.SDL()})
	own := []string{"login", "refreshToken", "logout", "changePassword"}
	for _, field := range schema.Mutation.Fields {
		if slices.Contains(own, field.Name) {
			continue
		}
		input := field.Arguments.ForName("input")
		if input == nil || schema.Types[input.Type.Name()].Fields.ForName("idempotencyKey") == nil {
			t.Errorf("%s takes no idempotencyKey", field.Name)
		}
	}
}

func TestListsAreAsLongAsPromised(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	// Where an object of the type is to be found in the demo's history.
	within := map[string]string{
		"Query": "%s", "Lot": `lot(code: "PAL-20261028-DUNA-0003") { %s }`, "Run": "runs(first: 1) { nodes { %s } }", "Location": "locations(first: 1) { nodes { %s } }",
		"Deviation": "deviations(first: 1) { nodes { %s } }",
		"Recall":    "recalls(first: 1) { nodes { %s } }", "RecallReport": "recalls(first: 1) { nodes { report { %s } } }",
	}
	const raw, pallet = `"CAAAAAEBoXvOmqBwAL0Kme3DMsBU"`, `"CAAAAAEBoYGffuBwAKOGw7sQ7zXm"`
	required := map[string]string{"Query.pathsBetween": "from: " + raw + ", to: " + pallet + ", ", "Query.commonAncestors": "lots: [" + raw + ", " + pallet + "], "}
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: graph.SDL()})
	for _, typ := range slices.Sorted(maps.Keys(schema.Types)) {
		for _, field := range schema.Types[typ].Fields {
			first := field.Arguments.ForName("first")
			if first == nil {
				continue
			}
			found := longest.FindStringSubmatch(first.Description)
			if found == nil || within[typ] == "" {
				t.Errorf("%s.%s: how long may it be, and where is one? %q", typ, field.Name, first.Description)
				continue
			}
			n, err := strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			refusal := fmt.Sprintf(`"limit":"first","value":%d`, n)
			for asked, refused := range map[int]bool{n: false, n + 1: true} {
				selection := fmt.Sprintf("%s(%sfirst: %d) { __typename }", field.Name, required[typ+"."+field.Name], asked)
				_, answer, _ := askAs(t, h, actor(t, db.RoleADMIN), "{ "+fmt.Sprintf(within[typ], selection)+" }", nil)
				if strings.Contains(string(answer), refusal) != refused || !refused && strings.Contains(string(answer), `"errors"`) {
					t.Errorf("%s.%s(first: %d): %.500s", typ, field.Name, asked, answer)
				}
			}
		}
	}
}
