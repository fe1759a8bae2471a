package linetest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"flowviz/internal/linetest"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

// link is a parent and its child.
type link struct{ parent, child uuid.UUID }

// links reads all of them in one statement, which is one instant.
func links(ctx context.Context, t *testing.T, p *linetest.Plant) []link {
	rows, err := p.Owner.Query(ctx, "SELECT DISTINCT parent_id, child_id FROM lot_genealogy")
	if err != nil {
		t.Error(err)
		return nil
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l link, err error) {
		return l, row.Scan(&l.parent, &l.child)
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

// circular reports whether links hold a circle: where lots are taken away whose parents all are, and some remain.
func circular(all []link) bool {
	children, parents := map[uuid.UUID][]uuid.UUID{}, map[uuid.UUID]int{}
	for _, l := range all {
		children[l.parent] = append(children[l.parent], l.child)
		parents[l.child]++
		parents[l.parent] += 0
	}
	var free []uuid.UUID
	for id, n := range parents {
		if n == 0 {
			free = append(free, id)
		}
	}
	taken := 0
	for ; len(free) > 0; taken++ {
		id := free[len(free)-1]
		free = free[:len(free)-1]
		for _, child := range children[id] {
			if parents[child]--; parents[child] == 0 {
				free = append(free, child)
			}
		}
	}
	return taken < len(parents)
}

// reaches reports whether to is made of from.
func reaches(all []link, from, to uuid.UUID) bool {
	children := map[uuid.UUID][]uuid.UUID{}
	for _, l := range all {
		children[l.parent] = append(children[l.parent], l.child)
	}
	seen, open := map[uuid.UUID]bool{from: true}, []uuid.UUID{from}
	for len(open) > 0 {
		id := open[len(open)-1]
		open = open[:len(open)-1]
		if id == to {
			return true
		}
		for _, child := range children[id] {
			if !seen[child] {
				seen[child] = true
				open = append(open, child)
			}
		}
	}
	return false
}

// watched does work while the genealogy is looked at again and again; it returns at how many instants, none of which had a circle.
func watched(t *testing.T, p *linetest.Plant, work func()) (instants int) {
	ctx, cancel := context.WithCancel(t.Context())
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for ctx.Err() == nil {
			all := links(t.Context(), t, p)
			if circular(all) {
				t.Errorf("a circle in %d links", len(all))
				return
			}
			instants++
		}
	})
	work()
	cancel()
	watcher.Wait()
	if circular(links(t.Context(), t, p)) {
		t.Error("a circle at the end")
	}
	return instants
}

// Whoever writes links between lots of two sites, past every command, and several at once in one transaction, closes no circle.
func TestProveDAG(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	edges := size(50_000, 1_500)
	lots, hung := scattered(t, p, size(400, 60))
	var mu sync.Mutex
	var refused []link
	var sent, added int
	instants := watched(t, p, func() {
		together(edges/2, func(_, i int) {
			random := rand.New(rand.NewPCG(11, uint64(i)))
			pair := make([]link, 1+random.IntN(3))
			for k := range pair {
				two := random.Perm(len(lots))
				pair[k] = link{parent: lots[two[0]], child: lots[two[1]]}
			}
			ok := hung.add(t, p, pair, random.IntN(2) == 0)
			mu.Lock()
			defer mu.Unlock()
			sent += len(pair)
			switch {
			case ok:
				added += len(pair)
			case len(pair) == 1: // of several, nobody knows which one closed it
				refused = append(refused, pair[0])
			}
		})
	})
	all := links(t.Context(), t, p)
	for _, l := range refused {
		if !reaches(all, l.child, l.parent) {
			t.Errorf("%s made of %s was refused, which closes no circle", l.child, l.parent)
		}
	}
	if added == 0 || len(refused) == 0 || instants == 0 {
		t.Errorf("%d added, %d refused, looked at %d times", added, len(refused), instants)
	}
	t.Logf("prove: %d links of %d clients between %d lots of two sites: %d added, the %d refused alone would each have closed a circle, no circle at any of %d instants",
		sent, clients, len(lots), added, len(refused), instants)
}

// hanger has what links between any two lots need: a transformation of the child's site.
type hanger struct {
	site           map[uuid.UUID]int32
	transformation map[int32]uuid.UUID
	scope          string // both sites
}

// scattered makes lots, every other one at another site: no command made them, so any of them may become parent of any other.
func scattered(t *testing.T, p *linetest.Plant, n int) ([]uuid.UUID, hanger) {
	t.Helper()
	other := p.AddSite("TISZ")
	made := p.Make("WIP", "1")
	h := hanger{site: map[uuid.UUID]int32{}, transformation: map[int32]uuid.UUID{}, scope: fmt.Sprintf("{%d,%d}", p.Site.ID, other.ID)}
	lots := make([]uuid.UUID, n)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := p.Owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	for _, site := range []int32{p.Site.ID, other.ID} {
		h.transformation[site] = linetest.NewID()
		exec(`INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at) VALUES ($1, $2, 'PROCESS', $3, $3)`, h.transformation[site], site, p.Now())
	}
	for i := range lots {
		lots[i] = linetest.NewID()
		h.site[lots[i]] = []int32{p.Site.ID, other.ID}[i%2]
		exec(`INSERT INTO lot (id, site_id, code, lot_type_id, status, source, occurred_at, registered_at)
			SELECT $1, $2, $3, lot_type_id, 'RELEASED', 'IMPORT', occurred_at, registered_at FROM lot WHERE id = $4`,
			lots[i], h.site[lots[i]], lots[i].String(), made)
	}
	return lots, h
}

// add writes links in one transaction as the app may, in one statement or in one each: all of them are there, or none. It reports
// whether they are, and false where a circle was refused; anything else fails the test.
func (h hanger) add(t *testing.T, p *linetest.Plant, pair []link, oneStatement bool) bool {
	err := pgx.BeginFunc(t.Context(), p.App, func(tx pgx.Tx) error {
		if oneStatement {
			return h.insert(t.Context(), tx, pair)
		}
		for i := range pair {
			if err := h.insert(t.Context(), tx, pair[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "lot_genealogy_acyclic" {
		return false
	}
	if err != nil {
		t.Errorf("add %v: %v", pair, err)
	}
	return err == nil
}

func (h hanger) insert(ctx context.Context, tx pgx.Tx, pair []link) error {
	if _, err := tx.Exec(ctx, "SELECT set_config('flowviz.sites', $1, true)", h.scope); err != nil {
		return err
	}
	var children, parents, transformations []uuid.UUID
	var sites, parentSites []int32
	for _, l := range pair {
		children, parents = append(children, l.child), append(parents, l.parent)
		sites, parentSites = append(sites, h.site[l.child]), append(parentSites, h.site[l.parent])
		transformations = append(transformations, h.transformation[h.site[l.child]])
	}
	_, err := tx.Exec(ctx, `INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::integer[]) ON CONFLICT DO NOTHING`,
		children, parents, transformations, sites, parentSites)
	return err
}

// Two links that close a circle together wait for each other, though neither transaction sees what the other hasn't committed.
func TestTwoTransactionsCloseNoCircle(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	lots, hung := scattered(t, p, 2)
	there, back := []link{{lots[0], lots[1]}}, []link{{lots[1], lots[0]}}
	first, err := p.App.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := hung.insert(t.Context(), first, there); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	added := false
	go func() {
		added = hung.add(t, p, back, true)
		second <- nil
	}()
	if !p.Waits(second) {
		t.Error("the second didn't wait for the first")
	}
	if err := first.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	if <-second; added {
		t.Error("each is made of the other")
	}
}

// Nor do corrections, which alone of all commands lead links to lots that were there before.
func TestProveDAGCorrected(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	corrections := size(5_000, 200)
	type made struct{ lot, by uuid.UUID }
	lots := make([]made, 40)
	for i := range lots {
		recorded, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
			SiteCode: p.Site.Code, ScenarioKey: new("chilled-ready-meal"),
			NewLot: transformation.NewLot{LotType: "TRAY", WeightKg: linetest.Kg("9"), Inputs: []transformation.Draw{p.Of(p.Make("WIP", "9"), "9")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		lots[i] = made{recorded.Lots[0], recorded.ID}
	}
	var mu sync.Mutex
	outcomes := map[string]int{}
	instants := watched(t, p, func() {
		together(corrections, func(_, i int) {
			random := rand.New(rand.NewPCG(13, uint64(i)))
			two := random.Perm(len(lots))[:2]
			mu.Lock()
			child, parent := lots[two[0]], lots[two[1]]
			mu.Unlock()
			voided, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{
				TransformationID: relay.ID{Kind: relay.Transformation, Site: p.Site.ID, UUID: child.by}, Reason: "it was made of another tray",
				Replacement: &transformation.Replacement{Inputs: []transformation.Draw{p.Of(parent.lot, "0.001")}},
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				outcomes["corrected"]++
				lots[two[0]].by = *voided.ReplacedBy
			case strings.Contains(err.Error(), "made of itself"):
				outcomes["circle"]++
			case strings.Contains(err.Error(), "voided already"):
				outcomes["too late"]++
			default:
				t.Error(err)
			}
		})
	})
	if outcomes["corrected"] == 0 || outcomes["circle"] == 0 {
		t.Errorf("not all was tried: %v", outcomes)
	}
	t.Logf("prove: %d corrections at once of what %d lots are made of: %d done, %d refused that would have closed a circle, %d came too late, no circle at any of %d instants",
		corrections, len(lots), outcomes["corrected"], outcomes["circle"], outcomes["too late"], instants)
}
