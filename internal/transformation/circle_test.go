package transformation_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
)

// TestCircle closes circles behind the services' back: new lots can't close one, so only other SQL can try.
func TestCircle(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	lots := strewn(t, p, 6)
	for _, tc := range []struct {
		name  string
		links [][2]int // parent, child; all in one statement
		wants string   // a part of the refusal
	}{
		{"a chain", [][2]int{{0, 1}, {1, 2}}, ""},
		{"back", [][2]int{{2, 0}}, "would be made of itself"},
		{"a circle by itself, at the end of a way", [][2]int{{2, 3}, {3, 4}, {4, 5}, {5, 3}}, "would be made of itself"},
		{"two ways to one lot", [][2]int{{2, 3}, {0, 3}, {3, 4}, {1, 4}}, ""},
		{"over what was there and what comes", [][2]int{{4, 5}, {5, 1}}, "would be made of itself"},
	} {
		err := tie(t.Context(), p.Owner, lots, tc.links)
		if f := fault.Of(db.Fault(err)); tc.wants == "" && err != nil || tc.wants != "" && (f == nil || f.Code != fault.FailedPrecondition || f.Field != "inputs" || !strings.Contains(err.Error(), tc.wants)) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	// Of the circle 3 → 4 → 5 → 3 one is named, and none that only leads there.
	err := tie(t.Context(), p.Owner, lots, [][2]int{{4, 5}, {5, 3}})
	if err == nil || strings.Contains(err.Error(), "STREWN-2 ") || strings.Contains(err.Error(), "STREWN-0 ") {
		t.Error(err)
	}
}

// TestDeepLinks: all links of a long chain in one statement are looked at in a moment; walked from each lot by itself, they took minutes.
func TestDeepLinks(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	const depth = 5_000
	lots := strewn(t, p, depth+1)
	var circle [][2]int
	for i := range depth + 1 {
		circle = append(circle, [2]int{i, (i + 1) % (depth + 1)})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := tie(ctx, p.Owner, lots, circle); err == nil || !strings.Contains(err.Error(), "would be made of itself") {
		t.Errorf("closed: %v", err)
	}
	if err := tie(ctx, p.Owner, lots, circle[:depth]); err != nil {
		t.Errorf("open: %v", err)
	}
}

// TestWaysRoundTheCheck: no statement passes by it.
func TestWaysRoundTheCheck(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	lots := strewn(t, p, 3)
	if err := tie(t.Context(), p.Owner, lots, [][2]int{{0, 1}, {0, 2}}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Owner.Exec(t.Context(), "UPDATE lot_genealogy SET parent_id = $1 WHERE child_id = $2", lots[1], lots[2]); err == nil {
		t.Error("a link was changed")
	}
	err := pgx.BeginTxFunc(t.Context(), p.Owner, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		return tie(t.Context(), tx, lots, [][2]int{{1, 2}})
	})
	if err == nil {
		t.Error("a link between lots that were there was written under REPEATABLE READ, where two such close a circle together")
	}
	var forged int
	if err := p.Owner.QueryRow(t.Context(), `WITH u AS (UPDATE lot SET created_in = pg_current_xact_id() RETURNING created_in)
		SELECT count(*) FROM u WHERE created_in = pg_current_xact_id()`).Scan(&forged); err != nil || forged > 0 {
		t.Errorf("%d lots pass for new ones; %v", forged, err)
	}
	if err := p.Owner.QueryRow(t.Context(), `WITH i AS (
			INSERT INTO lot (id, site_id, code, lot_type_id, status, source, occurred_at, registered_at, created_in)
			SELECT gen_random_uuid(), site_id, 'FORGED', lot_type_id, status, source, occurred_at, registered_at, '999999999' FROM lot LIMIT 1 RETURNING created_in
		) SELECT count(*) FROM i WHERE created_in <> pg_current_xact_id()`).Scan(&forged); err != nil || forged > 0 {
		t.Errorf("%d lots claim to be of a transaction to come; %v", forged, err)
	}
}

// strewn makes lots that no command made, so that any of them may become a parent of any other.
func strewn(t *testing.T, p *linetest.Plant, n int) []uuid.UUID {
	t.Helper()
	like := p.Make("WIP", "1")
	lots := make([]uuid.UUID, n)
	for i := range lots {
		lots[i] = linetest.NewID()
	}
	if _, err := p.Owner.Exec(t.Context(), `INSERT INTO lot (id, site_id, code, lot_type_id, status, source, occurred_at, registered_at)
		SELECT s.id, l.site_id, 'STREWN-' || s.n - 1, l.lot_type_id, 'RELEASED', 'IMPORT', l.occurred_at, l.registered_at
		FROM unnest($1::uuid[]) WITH ORDINALITY AS s (id, n), lot l WHERE l.id = $2`, lots, like); err != nil {
		t.Fatal(err)
	}
	return lots
}

// tie writes links in one statement.
func tie(ctx context.Context, on db.DBTX, lots []uuid.UUID, links [][2]int) error {
	parents, children := make([]uuid.UUID, len(links)), make([]uuid.UUID, len(links))
	for i, l := range links {
		parents[i], children[i] = lots[l[0]], lots[l[1]]
	}
	_, err := on.Exec(ctx, `INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
		SELECT l.child, l.parent, t.id, t.site_id, t.site_id
		FROM unnest($1::uuid[], $2::uuid[]) AS l (parent, child), (SELECT id, site_id FROM transformation ORDER BY id LIMIT 1) t`, parents, children)
	return err
}
