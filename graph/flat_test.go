package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/demo/demotest"
	"flowviz/internal/relay"
)

// columns are all that flat lists know; of these facts are what an index of the genealogy knows too.
const (
	facts   = `__typename id code weightKg temperatureC occurredAt kind: lotType { __typename code } again: code`
	columns = facts + ` status held`
)

// TestFlatListsAreTheSame asks for each list twice: so that it is written straight, and with one field more, which goes
// the library's way. Both must say the same.
func TestFlatListsAreTheSame(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	const query = `query ($code: String!, $after: Cursor) { lot(code: $code) {
		all: %[1]s(first: 300) { ...page } part: %[1]s(first: 2) { ...page } next: %[1]s(first: 300, after: $after) { ...page }
		near: %[1]s(first: 300, maxDepth: 1) { ...page } none: %[1]s(first: 300, maxDepth: 0) { ...page }
	} } fragment page on LotKinConnection { totalCount maxDepth pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
		nodes { %[2]s } edges { __typename cursor depth place: cursor node { ...row %[3]s } }
	} fragment row on Lot { %[2]s }`
	fromSecondLevel := relay.KinCursor(2, uuid.Nil)
	for _, code := range sampleLots(t, h) {
		for _, field := range []string{"ancestors", "descendants"} {
			variables, err := json.Marshal(map[string]string{"code": code, "after": string(fromSecondLevel)})
			if err != nil {
				t.Fatal(err)
			}
			for _, columns := range []string{facts, columns} {
				var flat, full map[string]any
				for extra, into := range map[string]*map[string]any{"": &flat, "site { code }": &full} {
					_, answer, _ := ask(t, h, fmt.Sprintf(query, field, columns+" "+extra, extra), variables)
					if err := json.Unmarshal(answer, into); err != nil {
						t.Fatalf("%v\n%s", err, answer)
					}
				}
				if _, failed := flat["errors"]; failed {
					t.Fatalf("%s of %s: %v", field, code, flat["errors"])
				}
				without(full, "site")
				if diff := cmp.Diff(full, flat); diff != "" {
					t.Errorf("%s of %s differ (-library +flat):\n%s", field, code, diff)
				}
			}
		}
	}
}

// TestFlatGenealogiesAreTheSame does so of genealogies: asked for a lot's site and a link's kind, they go the library's way.
func TestFlatGenealogiesAreTheSame(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	const query = `query ($code: String!) { lot(code: $code) {
		all: genealogy { ...graph } back: genealogy(direction: ANCESTORS, maxDepth: 2) { ...graph } near: genealogy(limit: 3) { ...graph } none: genealogy(maxDepth: 0) { ...graph }
	} } fragment graph on Genealogy { depth lotCount linkCount truncated
		nodes { __typename depth lot { %[1]s %[2]s } } links { __typename parent child %[3]s }
	}`
	for _, code := range sampleLots(t, h) {
		variables, err := json.Marshal(map[string]string{"code": code})
		if err != nil {
			t.Fatal(err)
		}
		for _, asked := range [][2]string{{facts, ""}, {facts, "by: transformation"}, {columns, ""}, {columns, "by: transformation"}} {
			answers := make([]map[string]any, 2)
			for i, extra := range [][2]string{{"", ""}, {"site { code }", "what: kind"}} {
				_, answer, _ := ask(t, h, fmt.Sprintf(query, asked[0], extra[0], asked[1]+" "+extra[1]), variables)
				if err := json.Unmarshal(answer, &answers[i]); err != nil {
					t.Fatalf("%v\n%s", err, answer)
				}
				if _, failed := answers[i]["errors"]; failed {
					t.Fatalf("genealogy of %s: %v", code, answers[i]["errors"])
				}
			}
			without(answers[1], "site")
			without(answers[1], "what")
			if diff := cmp.Diff(answers[1], answers[0]); diff != "" {
				t.Errorf("genealogy of %s with %s: differ (-library +flat):\n%s", code, asked, diff)
			}
		}
	}
}

// TestFlatStepsAreTheSame does so of parents and children: asked for the quantity of a link, they go the library's way.
func TestFlatStepsAreTheSame(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	const query = `query ($code: String!) { lot(code: $code) {
		%[1]s { __typename %[2]s lot { ...row %[1]s { %[2]s of: lot { code near: %[1]s { %[2]s lot { code } } } } } } one: %[1]s(first: 100) { lot { code } %[2]s }
	} } fragment row on Lot { %[3]s }`
	for k, code := range sampleLots(t, h) {
		row := []string{facts, columns}[k%2]
		for field, library := range map[string]string{"parents": "ParentLinksByChildren", "children": "ChildLinksByParents"} {
			variables, err := json.Marshal(map[string]string{"code": code})
			if err != nil {
				t.Fatal(err)
			}
			answers := make([]map[string]any, 2)
			for i, extra := range []string{"", "quantityKg"} {
				_, answer, ran := ask(t, h, fmt.Sprintf(query, field, extra, row), variables)
				if err := json.Unmarshal(answer, &answers[i]); err != nil {
					t.Fatalf("%v\n%s", err, answer)
				}
				if _, failed := answers[i]["errors"]; failed {
					t.Fatalf("%s of %s: %v", field, code, answers[i]["errors"])
				}
				if flat := !slices.Contains(ran.names, library); flat != (i == 0) {
					t.Errorf("%s of %s %s: %v", field, code, extra, ran.names)
				}
			}
			without(answers[1], "quantityKg")
			if diff := cmp.Diff(answers[1], answers[0]); diff != "" {
				t.Errorf("%s of %s differ (-library +flat):\n%s", field, code, diff)
			}
		}
	}
}

// ladder has six levels of seven lots below LADDER-0-0, each made of all of the level above: 137,256 ways back, and twice as many links.
const ladder = `
CREATE TEMPORARY TABLE rung AS SELECT level, n, gen_random_uuid() AS id FROM generate_series(0, 6) AS level, generate_series(0, 6) AS n;
CREATE TEMPORARY TABLE like_this ON COMMIT PRESERVE ROWS AS SELECT l.*, g.transformation_id FROM lot l JOIN lot_genealogy g ON g.child_id = l.id LIMIT 1;
INSERT INTO lot (id, site_id, code, lot_type_id, status, source, occurred_at, registered_at)
    SELECT r.id, l.site_id, 'LADDER-' || r.level || '-' || r.n, l.lot_type_id, 'RELEASED', 'PERSON', l.occurred_at, l.registered_at FROM rung r, like_this l;
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
    SELECT c.id, p.id, l.transformation_id, l.site_id, l.site_id FROM rung c JOIN rung p ON p.level = c.level + 1, like_this l;`

// TestStepsHaveABudget: steps that become too many are refused, whoever writes them, and however the lot was found.
func TestStepsHaveABudget(t *testing.T) {
	t.Parallel()
	owner := demotest.Template(t).New(t, nil)
	if _, err := owner.Exec(t.Context(), ladder, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	g := newGuessing(t, dbtest.AsApp(t, owner, db.Recorder(record)))
	for deep, want := range map[int]string{3: `"LADDER-3-6"`, 6: "lists in lists came to more than 20000 objects"} {
		for _, extra := range []string{"", "", "quantityKg "} { // never asked for, guessed, and by the library
			query := `query ($code: String!) { lot(code: $code) { ` + strings.Repeat("parents { "+extra+"lot { code ", deep) + strings.Repeat("} } ", deep) + "} }"
			_, answer, _ := ask(t, g.guesses, query, json.RawMessage(`{"code": "LADDER-0-0"}`))
			if !strings.Contains(string(answer), want) {
				t.Errorf("%d steps %s: %.300s", deep, extra, answer)
			}
		}
	}
}

// TestWhatALoneListReads asks for lists that are all that their operation reads, whose transaction ends with them, and for ones
// that only look like it: none lacks anything.
func TestWhatALoneListReads(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	for name, lot := range map[string]string{
		"alone":                         `lot(code: $code) { list: ancestors(first: 300) { nodes { id code lotType { code } } } }`,
		"with columns and counts":       `lot(code: $code) { __typename id code weightKg list: ancestors(first: 300) { totalCount maxDepth pageInfo { endCursor } nodes { code } edges { depth } } } __typename`,
		"in fragments":                  `... on Query { lot(code: $code) { ...list ... on Node { ...list } } }`,
		"a part":                        `lot(code: $code) { list: ancestors(first: 2) { nodes { id } edges { node { code } } } }`,
		"with a filter":                 `lot(code: $code) { list: ancestors(first: 300, filter: {held: false}) { nodes { id } } }`,
		"to no depth":                   `lot(code: $code) { list: ancestors(maxDepth: 0) { nodes { id } } }`,
		"not of columns alone":          `lot(code: $code) { list: ancestors(first: 300) { nodes { id } edges { node { site { code } } } } }`,
		"beside a list":                 `lot(code: $code) { list: ancestors(first: 300) { nodes { id } } descendants { nodes { id } } }`,
		"beside itself":                 `lot(code: $code) { list: ancestors(first: 300) { nodes { id } } again: ancestors(first: 300) { nodes { id } } }`,
		"beside a relation":             `lot(code: $code) { list: ancestors(first: 300) { nodes { id } } site { code } }`,
		"beside the type":               `lot(code: $code) { list: ancestors(first: 300) { nodes { id } } lotType { code } }`,
		"beside what else is asked for": `lot(code: $code) { list: ancestors(first: 300) { nodes { id } } } sites { code }`,
		"skipped":                       `lot(code: $code) { list: ancestors(first: 300) { nodes { id } } site @skip(if: true) { code } }`,
	} {
		document := "query ($code: String!) { " + lot + " }"
		if name == "in fragments" {
			document += " fragment list on Lot { list: ancestors(first: 300) { nodes { code } } }"
		}
		for _, code := range sampleLots(t, h) {
			variables, err := json.Marshal(map[string]string{"code": code})
			if err != nil {
				t.Fatal(err)
			}
			status, answer, _ := ask(t, h, document, variables)
			if status != http.StatusOK || bytes.Contains(answer, []byte(`"errors":`)) {
				t.Errorf("a list %s, of %s: %s", name, code, answer)
			}
		}
	}
}

// sampleLots are codes of lots of all sorts, the newest and the oldest of the history.
func sampleLots(t *testing.T, h http.Handler) []string {
	t.Helper()
	_, answer, _ := ask(t, h, `{ newest: lots(first: 8) { nodes { code } } oldest: lots(last: 8) { nodes { code } }
		held: lots(first: 4, filter: {held: true}) { nodes { code } } exposed: lots(first: 4, filter: {exposed: true}) { nodes { code } } }`, nil)
	var got struct {
		Data map[string]struct{ Nodes []struct{ Code string } }
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatalf("%v\n%s", err, answer)
	}
	var codes []string
	for _, list := range got.Data {
		for _, n := range list.Nodes {
			codes = append(codes, n.Code)
		}
	}
	if len(codes) < 20 {
		t.Fatalf("only %d lots to look at: %s", len(codes), answer)
	}
	return codes
}

// without takes a key out of every object of a tree.
func without(tree any, key string) {
	switch tree := tree.(type) {
	case map[string]any:
		delete(tree, key)
		for _, v := range tree {
			without(v, key)
		}
	case []any:
		for _, v := range tree {
			without(v, key)
		}
	}
}
