package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/vektah/gqlparser/v2/ast"

	"flowviz/internal/relay"
)

// mutations are those that can name something of a site. Others are of the session or of the company.
func (s tenants) mutations(t *testing.T, schema *ast.Schema) []*ast.FieldDefinition {
	t.Helper()
	var namesSite func(name string, of *ast.Type) bool
	namesSite = func(name string, of *ast.Type) (names bool) {
		def := schema.Types[of.Name()]
		if def.Name == "ID" && s.of[kindNamed(name)] == nil {
			t.Fatalf("%s takes the id of what rowsOf doesn't have", name)
		}
		for _, f := range def.Fields {
			names = namesSite(f.Name, f.Type) || names
		}
		return names || isSiteCode(name) || def.Name == "ID" && !ofCompany(kindNamed(name))
	}
	return slices.DeleteFunc(slices.Clone(schema.Mutation.Fields), func(mutation *ast.FieldDefinition) bool {
		return !slices.ContainsFunc(mutation.Arguments, func(a *ast.ArgumentDefinition) bool { return namesSite(a.Name, a.Type) })
	})
}

func isSiteCode(name string) bool {
	return name == "siteCode" || name == "siteCodes" || name == "removeSites"
}

// kindNamed is whose id a field takes, by its name: lotId, causeLotId, lotIds.
func kindNamed(name string) relay.Kind {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "s"), "Id")
	switch name {
	case "supplier":
		return relay.Partner
	case "supersedes":
		return relay.QcDecision
	case "gate":
		return relay.QcGate
	case "causeLot":
		return relay.Lot
	case "responsible":
		return relay.User
	}
	kind, _ := relay.KindOf(strings.ToUpper(name[:1]) + name[1:])
	return kind
}

// ofCompany tells what belongs to no site.
func ofCompany(kind relay.Kind) bool {
	return kind == relay.Scenario || kind == relay.QcGate || kind == relay.Product
}

// refused sends a mutation, each time with other values of which one at least is of the other site, until it is refused for that one: many
// are refused for something else before. None may be done.
func (s tenants) refused(g generator, mutation *ast.FieldDefinition, ask func(string) (string, error)) error {
	var answer string
	for range 1000 {
		foreign := map[string]bool{} // the fields that have something of the other site
		g.named = func(name string, t *ast.Type) string {
			value, other := s.valueOf(&g, name, t)
			if other {
				foreign[name] = true
			}
			return value
		}
		query := "mutation { " + mutation.Name + g.arguments(mutation) + " { __typename } }"
		if len(foreign) == 0 {
			continue
		}
		var err error
		if answer, err = ask(query); err != nil {
			return err
		}
		var got struct {
			Data   map[string]json.RawMessage
			Errors []struct{ Extensions struct{ Code, Field string } }
		}
		if err := json.Unmarshal([]byte(answer), &got); err != nil {
			return err
		}
		if got.Data[mutation.Name] != nil || len(got.Errors) == 0 {
			return fmt.Errorf("something of the other site was changed, or made part of one's own:\n%s\n%s", query, answer)
		}
		for _, e := range got.Errors {
			field, _, _ := strings.Cut(e.Extensions.Field[strings.LastIndexByte(e.Extensions.Field, '.')+1:], "[")
			switch {
			case e.Extensions.Code == "INTERNAL":
				return fmt.Errorf("not refused, but broken:\n%s\n%s", query, answer)
			case foreign[field] && (e.Extensions.Code == "NOT_FOUND" || e.Extensions.Code == "FORBIDDEN"):
				return nil
			}
		}
	}
	return fmt.Errorf("%s is never refused for naming what is of another site, but in the end with %s", mutation.Name, answer)
}

// texts are such as a mutation takes: it looks for what it names only where the rest is in order.
var texts = map[string]string{
	"password": password, "reason": "found by the audit of today", "evaluation": "found by the audit of today", "notes": "found by the audit of today",
	"email": "new@example.com", "name": "New", "fullName": "New", "code": "NEW-1", "timeZone": "Europe/Budapest", "unit": "kg",
	"scenarioKey": "chilled-ready-meal", "lotType": "RAW", "lotTypes": "RAW", "parameter": "temperature",
}

// valueOf is what a field takes, by its name, and whether that is of the other site: half of the time, where it can be.
func (s tenants) valueOf(g *generator, name string, t *ast.Type) (value string, foreign bool) {
	foreign = g.rnd.IntN(2) == 0
	if t.NamedType == "ID" {
		kind := kindNamed(name)
		ids := s.of[kind].own
		if foreign = foreign && !ofCompany(kind); foreign {
			ids = s.of[kind].other
		}
		return quoted(ids[g.rnd.IntN(len(ids))]), foreign
	}
	switch {
	case isSiteCode(name) && foreign:
		return `"TISZ"`, true
	case isSiteCode(name):
		return `"DUNA"`, false
	case t.NamedType == "DateTime":
		return quoted(time.Now().Add(map[string]time.Duration{"expiresAt": time.Hour}[name] - time.Minute).UTC().Format(time.RFC3339)), false
	case t.NamedType == "Decimal":
		return `"1"`, false
	case t.NamedType == "String" && texts[name] != "":
		return quoted(texts[name]), false
	}
	return "", false
}

// everyRow is a sum of each table's rows. Refused mutations note nothing but guesses of a password.
func everyRow(t *testing.T, owner *pgxpool.Pool) map[string]string {
	t.Helper()
	tables, err := owner.Query(t.Context(), "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'password_guess'")
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(tables, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for _, table := range all {
		var sum string
		err := owner.QueryRow(t.Context(), "SELECT concat(count(*), ' rows ', md5(string_agg(r::text, ' ' ORDER BY r::text))) FROM "+pgx.Identifier{table}.Sanitize()+" r").Scan(&sum)
		if err != nil {
			t.Fatal(err)
		}
		sums[table] = sum
	}
	return sums
}
