package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const base = `
directive @access(role: String) on FIELD_DEFINITION
interface Node { id: ID! }
union Thing = Lot | Run
enum Status { GOOD BAD OLD @deprecated(reason: "is BAD") }
input Filter { code: String status: Status! old: String @deprecated(reason: "code has it") }
type Query {
  lots(filter: Filter, first: Int! = 10, codes: [String!]): [Lot]!
  lot(code: String!): Lot
  things: [Thing!]
  oldLot: OldLot @deprecated(reason: "lot")
}
type OldLot { code: OldCode }
scalar OldCode
type Lot implements Node { id: ID! status: Status! weight: String parents: [Lot!]! }
type Run implements Node { id: ID! }
`

func TestBreaks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, new string // what is put in place of what
		want     []string
	}{
		"nothing": {"", "", nil},

		"a new field":                                     {"type Run implements Node { ", "type Run implements Node { code: String ", nil},
		"a new enum value":                                {"GOOD", "GOOD FINE", nil},
		"a new optional argument":                         {"lot(", "lot(site: String, ", nil},
		"a new argument with default":                     {"lot(", `lot(site: String! = "DUNA", `, nil},
		"a field is never null any more":                  {"weight: String", "weight: String!", nil},
		"elements never null any more":                    {"): [Lot]!", "): [Lot!]!", nil},
		"an argument may be left out":                     {"lot(code: String!)", "lot(code: String)", nil},
		"a deprecated field goes":                         {`  oldLot: OldLot @deprecated(reason: "lot")`, "", nil},
		"a type that only a deprecated field led to goes": {"oldLot: OldLot @deprecated(reason: \"lot\")\n}\ntype OldLot { code: OldCode }\nscalar OldCode", "}", nil},
		"a deprecated enum value goes":                    {`OLD @deprecated(reason: "is BAD")`, "", nil},
		"a deprecated input field goes":                   {`old: String @deprecated(reason: "code has it")`, "", nil},
		"a field is marked as deprecated":                 {"weight: String", `weight: String @deprecated(reason: "kg")`, nil},

		"a field goes":                   {"weight: String", "", []string{"Lot.weight is gone"}},
		"a field is renamed":             {"weight: String", "weightKg: String", []string{"Lot.weight is gone"}},
		"an enum value goes":             {"GOOD BAD", "GOOD", []string{"Status.BAD is gone"}},
		"an argument goes":               {", codes: [String!]", "", []string{"Query.lots(codes) is gone"}},
		"an input field goes":            {"{ code: String ", "{ ", []string{"Filter(code) is gone"}},
		"a type goes":                    {"type Run implements Node { id: ID! }", "type Lane { id: ID! }\nunion Other = Lane", []string{"type Run is gone", "Run is no member of the union Thing any more"}},
		"a field may be null":            {"status: Status! weight", "status: Status weight", []string{"Lot.status was Status! and is Status"}},
		"elements may be null":           {"parents: [Lot!]!", "parents: [Lot]!", []string{"Lot.parents was [Lot!]! and is [Lot]!"}},
		"a list becomes one":             {"parents: [Lot!]!", "parents: Lot!", []string{"Lot.parents was [Lot!]! and is Lot!"}},
		"another type":                   {"weight: String", "weight: Float", []string{"Lot.weight was String and is Float"}},
		"an argument is required":        {"filter: Filter,", "filter: Filter!,", []string{"Query.lots(filter) was Filter and is Filter!"}},
		"a default goes":                 {"first: Int! = 10", "first: Int!", []string{"Query.lots(first) must be given now"}},
		"an argument's elements":         {"codes: [String!]", "codes: [Int!]", []string{"Query.lots(codes) was [String!] and is [Int!]"}},
		"a new required argument":        {"lot(", "lot(site: String!, ", []string{"Query.lot(site) is new and must be given"}},
		"a new required input field":     {"input Filter {", "input Filter { site: ID!", []string{"Filter(site) is new and must be given"}},
		"an input field is required":     {"input Filter { code: String", "input Filter { code: String!", []string{"Filter(code) was String and is String!"}},
		"an interface is no longer kept": {"type Run implements Node", "type Run", []string{"Run is no Node any more"}},
		"another kind":                   {"union Thing = Lot | Run", "scalar Thing", []string{"type Thing was UNION and is SCALAR"}},
		"a directive goes":               {"directive @access(role: String) on FIELD_DEFINITION", "", []string{"directive @access is gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(base, c.old, c.new, 1)
			if (changed == base) != (c.old == c.new) {
				t.Fatalf("the schema has no %q", c.old)
			}
			if name == "a type goes" {
				changed = strings.Replace(changed, "Lot | Run", "Lot", 1)
			}
			got := breaks(parse(t, base), parse(t, changed))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("want (-), got (+):\n%s", diff)
			}
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old := write("old.graphql", base)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"the same":   {[]string{old, old}, 0, ""},
		"a break":    {[]string{old, write("new.graphql", strings.Replace(base, "weight: String", "", 1))}, 1, "Lot.weight is gone\n"},
		"no schema":  {[]string{old, write("no.graphql", "type")}, 2, "no.graphql"},
		"no file":    {[]string{old, old + "s"}, 2, "no such file"},
		"no new one": {[]string{old}, 2, "usage"},
	} {
		var stderr bytes.Buffer
		if code := run(c.args, &stderr); code != c.code || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%s: exit code %d, want %d, and said:\n%s", name, code, c.code, &stderr)
		}
	}
}

func parse(t *testing.T, text string) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
