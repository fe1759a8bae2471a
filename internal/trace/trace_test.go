package trace_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/quantity"
	"flowviz/internal/trace"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// plant is a random genealogy, in memory and in the database. Transformations are numbered as lots are: the i-th makes
// makes[i] of takes[i].
type plant struct {
	lots   []uuid.UUID
	grams  []int64
	takes  [][]portion
	makes  [][]portion
	at     []time.Time // recorded
	voided []bool
}

type portion struct {
	lot   int
	grams int64
}

var began = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

func number(kind byte, n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("0190%08x-7000-8000-%02x0000000000", n, kind)[:8] + fmt.Sprintf("-%04x-7000-8000-%02x0000000000", n&0xffff, kind))
}

// random makes a genealogy of n lots: each transformation takes up to four earlier lots, near ones likelier, and makes up
// to three.
func random(rng *rand.Rand, n int) *plant {
	p := &plant{}
	for len(p.lots) < n {
		outputs := 1 + rng.IntN(3)
		var in []portion
		for range rng.IntN(5) {
			if len(p.lots) == 0 {
				break
			}
			back := 1 + int(float64(min(len(p.lots), 40))*rng.Float64()*rng.Float64())
			lot := max(0, len(p.lots)-back)
			if !slices.ContainsFunc(in, func(q portion) bool { return q.lot == lot }) {
				in = append(in, portion{lot, 1 + rng.Int64N(p.grams[lot])})
			}
		}
		var out []portion
		for range outputs {
			g := 1000 + rng.Int64N(900_000)
			out = append(out, portion{len(p.lots), g})
			p.lots = append(p.lots, uuid.UUID{})
			p.grams = append(p.grams, g)
		}
		p.takes, p.makes = append(p.takes, in), append(p.makes, out)
		p.at = append(p.at, began.Add(time.Duration(len(p.at))*time.Minute))
		p.voided = append(p.voided, false)
	}
	for i := range p.lots {
		p.lots[i] = number(1, i+1)
	}
	return p
}

// store writes the plant. Remaining weights are not looked at by a trace.
func (p *plant) store(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	goods := uuid.MustParse("00000000-0000-7000-8000-000000000001")
	err := db.InTx(t.Context(), pool, db.Scope{}, func(q *db.Queries) error {
		site, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: "TEST", Name: "Test", TimeZone: "UTC"})
		if err != nil {
			return err
		}
		var lots []db.CopyLotsParams
		for i, id := range p.lots {
			kg := quantity.Grams(p.grams[i])
			lots = append(lots, db.CopyLotsParams{
				ID: id, SiteID: site, Code: fmt.Sprint("L", i), LotTypeID: goods, Status: db.LotStatusRELEASED, Source: db.LotSourcePERSON,
				WeightKg: &kg, RemainingKg: &kg, Attributes: []byte("{}"), OccurredAt: began, RegisteredAt: began,
			})
		}
		if _, err := q.CopyLots(t.Context(), lots); err != nil {
			return err
		}
		var events []db.CopyTransformationsParams
		var inputs []db.CopyTransformationInputsParams
		var outputs []db.CopyTransformationOutputsParams
		for i := range p.takes {
			id := number(2, i+1)
			events = append(events, db.CopyTransformationsParams{ID: id, SiteID: site, Kind: db.TransformationKindPROCESS, OccurredAt: p.at[i], RecordedAt: p.at[i]})
			for _, in := range p.takes[i] {
				kg := quantity.Grams(in.grams)
				inputs = append(inputs, db.CopyTransformationInputsParams{TransformationID: id, LotID: p.lots[in.lot], SiteID: site, QuantityKg: &kg})
			}
			for _, out := range p.makes[i] {
				kg := quantity.Grams(out.grams)
				outputs = append(outputs, db.CopyTransformationOutputsParams{TransformationID: id, LotID: p.lots[out.lot], SiteID: site, QuantityKg: &kg})
			}
		}
		if _, err := q.CopyTransformations(t.Context(), events); err != nil {
			return err
		}
		if _, err := q.CopyTransformationInputs(t.Context(), inputs); err != nil {
			return err
		}
		if _, err := q.CopyTransformationOutputs(t.Context(), outputs); err != nil {
			return err
		}
		_, err = q.CopyGenealogy(t.Context(), p.pairs(site))
		return err
	})
	if err != nil {
		t.Fatalf("store the plant: %v", err)
	}
}

// pairs are the genealogy: the inputs × outputs of each transformation.
func (p *plant) pairs(site int32) []db.CopyGenealogyParams {
	var pairs []db.CopyGenealogyParams
	for i := range p.takes {
		for _, in := range p.takes[i] {
			for _, out := range p.makes[i] {
				pairs = append(pairs, db.CopyGenealogyParams{
					ChildID: p.lots[out.lot], ParentID: p.lots[in.lot], TransformationID: number(2, i+1), SiteID: site, ParentSiteID: site,
				})
			}
		}
	}
	return pairs
}

// void takes a transformation out of force.
func (p *plant) void(t *testing.T, pool *pgxpool.Pool, i int, at time.Time) {
	t.Helper()
	err := db.InTx(t.Context(), pool, db.Scope{}, func(q *db.Queries) error {
		id := number(2, i+1)
		void := db.VoidTransformationsParams{
			SiteID: 1, VoidedAt: &at, Ids: []uuid.UUID{id}, Reasons: []string{"a slip of the pen"}, ReplacedByIds: []uuid.UUID{{}},
		}
		if err := q.VoidTransformations(t.Context(), void); err != nil {
			return err
		}
		return q.UnlinkTransformations(t.Context(), []uuid.UUID{id})
	})
	if err != nil {
		t.Fatalf("void: %v", err)
	}
	p.voided[i] = true
}

// kin is the oracle: a plain breadth-first search over the transformations that count.
func (p *plant) kin(root int, dir trace.Direction, maxDepth int32, counts func(int) bool) map[uuid.UUID]int32 {
	next := map[int][]int{}
	for i := range p.takes {
		if !counts(i) {
			continue
		}
		for _, in := range p.takes[i] {
			for _, out := range p.makes[i] {
				if dir == trace.Ancestors {
					next[out.lot] = append(next[out.lot], in.lot)
				} else {
					next[in.lot] = append(next[in.lot], out.lot)
				}
			}
		}
	}
	depth := map[uuid.UUID]int32{}
	queue, at := []int{root}, map[int]int32{root: 0}
	for ; len(queue) > 0; queue = queue[1:] {
		d := at[queue[0]]
		if d == maxDepth {
			continue
		}
		for _, to := range next[queue[0]] {
			if _, ok := at[to]; !ok {
				at[to] = d + 1
				depth[p.lots[to]] = d + 1
				queue = append(queue, to)
			}
		}
	}
	return depth
}

func (p *plant) inForce(i int) bool { return !p.voided[i] }

func depths(kin []trace.Kin) map[uuid.UUID]int32 {
	out := map[uuid.UUID]int32{}
	for _, k := range kin {
		out[k.ID] = k.Depth
	}
	return out
}

// TestKinIsWhatASearchFinds compares traces of random genealogies with the oracle: every lot once, at its shortest depth.
func TestKinIsWhatASearchFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 1))
			p := random(rng, 200+rng.IntN(400))
			pool := dbtest.New(t, nil)
			p.store(t, pool)
			for range 3 { // voids cut the genealogy
				p.void(t, pool, rng.IntN(len(p.takes)), began.Add(time.Hour))
			}
			f := trace.NewFinder(pool)
			roots := []int{0, len(p.lots) - 1}
			for range 10 {
				roots = append(roots, rng.IntN(len(p.lots)))
			}
			var ids []uuid.UUID
			for _, r := range roots {
				ids = append(ids, p.lots[r])
			}
			for _, dir := range []trace.Direction{trace.Ancestors, trace.Descendants} {
				for _, maxDepth := range []int32{0, 1, 2, 7, trace.Unbounded} {
					together, err := f.Kin(t.Context(), ids, dir, maxDepth)
					if err != nil {
						t.Fatal(err)
					}
					for _, root := range roots {
						alone, err := f.Kin(t.Context(), []uuid.UUID{p.lots[root]}, dir, maxDepth)
						if err != nil {
							t.Fatal(err)
						}
						got := together[p.lots[root]]
						if diff := cmp.Diff(got, alone[p.lots[root]]); diff != "" {
							t.Fatalf("root %d, direction %d, depth %d: with others and alone differ:\n%s", root, dir, maxDepth, diff)
						}
						want := p.kin(root, dir, maxDepth, p.inForce)
						if diff := cmp.Diff(want, depths(got)); diff != "" || len(got) != len(want) {
							t.Fatalf("root %d, direction %d, depth %d: %d found, want %d\n%s", root, dir, maxDepth, len(got), len(want), diff)
						}
						if !slices.IsSortedFunc(got, func(a, b trace.Kin) int { return int(a.Depth) - int(b.Depth) }) {
							t.Fatalf("root %d: not nearest first", root)
						}
						sameRows(t, f, p.lots[root], dir, maxDepth, got)
					}
				}
			}
		})
	}
}

// sameRows shows that KinRows finds the same kin, with the rows of as many of the nearest as were asked for.
func sameRows(t *testing.T, f *trace.Finder, root uuid.UUID, dir trace.Direction, maxDepth int32, want []trace.Kin) {
	t.Helper()
	for _, most := range []int{trace.WithoutRows, 0, 1, len(want) / 2, len(want) - 1, len(want), len(want) + 1} {
		kin, rows, err := f.KinRows(t.Context(), root, trace.Question{Direction: dir, MaxDepth: maxDepth, Most: int32(max(most, trace.WithoutRows))})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, kin, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s, direction %d, depth %d: with rows and without differ:\n%s", root, dir, maxDepth, diff)
		}
		wantRows, gotRows := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
		for _, k := range want[:max(0, min(most, len(want)))] {
			wantRows[k.ID] = true
		}
		for _, r := range rows {
			gotRows[r.ID] = true
		}
		if diff := cmp.Diff(wantRows, gotRows); diff != "" || len(rows) != len(wantRows) {
			t.Fatalf("%s, direction %d, depth %d: %d rows where %d were asked for\n%s", root, dir, maxDepth, len(rows), most, diff)
		}
	}
}

// TestGenealogyIsTheWholeGraph compares nodes and links with the oracle, now and as of earlier times.
func TestGenealogyIsTheWholeGraph(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	p := random(rng, 300)
	pool := dbtest.New(t, nil)
	p.store(t, pool)
	voidedAt := p.at[len(p.at)-1].Add(time.Hour)
	for range 5 {
		p.void(t, pool, rng.IntN(len(p.takes)), voidedAt)
	}
	f := trace.NewFinder(pool)
	half := p.at[len(p.at)/2]
	for name, tc := range map[string]struct {
		asOf   *time.Time
		counts func(int) bool
	}{
		"now":                    {nil, p.inForce},
		"before the voids":       {new(voidedAt.Add(-time.Second)), func(int) bool { return true }},
		"after the voids":        {new(voidedAt), p.inForce},
		"half of it recorded":    {new(half), func(i int) bool { return !p.at[i].After(half) }},
		"before all of it began": {new(began.Add(-time.Hour)), func(int) bool { return false }},
	} {
		for range 8 {
			root := rng.IntN(len(p.lots))
			g, err := f.Genealogy(t.Context(), trace.Query{Root: p.lots[root], Ancestors: true, Descendants: true, MaxDepth: trace.Unbounded, Limit: trace.MaxGraph, AsOf: tc.asOf})
			if err != nil {
				t.Fatal(err)
			}
			up, down := p.kin(root, trace.Ancestors, trace.Unbounded, tc.counts), p.kin(root, trace.Descendants, trace.Unbounded, tc.counts)
			if diff := cmp.Diff(up, depths(g.Ancestors)); diff != "" {
				t.Errorf("%s: ancestors of %d:\n%s", name, root, diff)
			}
			if diff := cmp.Diff(down, depths(g.Descendants)); diff != "" {
				t.Errorf("%s: descendants of %d:\n%s", name, root, diff)
			}
			if got, want := len(g.Links), p.links(root, up, down, tc.counts); got != want {
				t.Errorf("%s: %d links of %d, want %d", name, got, root, want)
			}
		}
	}
}

// links counts what a graph must have: the links into the root and its ancestors, and out of the root and its descendants.
func (p *plant) links(root int, up, down map[uuid.UUID]int32, counts func(int) bool) int {
	n := 0
	for i := range p.takes {
		if !counts(i) {
			continue
		}
		for _, in := range p.takes[i] {
			for _, out := range p.makes[i] {
				_, childUp := up[p.lots[out.lot]]
				_, parentDown := down[p.lots[in.lot]]
				if childUp || out.lot == root || parentDown || in.lot == root {
					n++
				}
			}
		}
	}
	return n
}

// TestGenealogyLimit keeps the nearest lots and says that there are more.
func TestGenealogyLimit(t *testing.T) {
	t.Parallel()
	p := random(rand.New(rand.NewPCG(3, 3)), 200)
	pool := dbtest.New(t, nil)
	p.store(t, pool)
	root := len(p.lots) / 2
	g, err := trace.NewFinder(pool).Genealogy(t.Context(), trace.Query{Root: p.lots[root], Ancestors: true, Descendants: true, MaxDepth: trace.Unbounded, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(g.Ancestors) + len(g.Descendants); n != 10 || !g.Truncated {
		t.Errorf("%d lots, truncated %v; want 10, true", n, g.Truncated)
	}
	in := map[uuid.UUID]bool{g.Root: true}
	for _, k := range slices.Concat(g.Ancestors, g.Descendants) {
		in[k.ID] = true
	}
	for _, l := range g.Links {
		if !in[l.ParentID] || !in[l.ChildID] {
			t.Errorf("link %v → %v leads out of the graph", l.ParentID, l.ChildID)
		}
	}
}

// TestATraceEndsInACycle: a broken genealogy must not hang anybody.
func TestATraceEndsInACycle(t *testing.T) {
	t.Parallel()
	p := &plant{
		lots:  []uuid.UUID{number(1, 1), number(1, 2), number(1, 3)},
		grams: []int64{1000, 1000, 1000},
		takes: [][]portion{{{0, 1}}, {{1, 1}}, {{2, 1}}},
		makes: [][]portion{{{1, 1}}, {{2, 1}}, {{0, 1}}},
		at:    []time.Time{began, began, began}, voided: make([]bool, 3),
	}
	pool := dbtest.New(t, nil)
	if _, err := pool.Exec(t.Context(), "ALTER TABLE lot_genealogy DISABLE TRIGGER lot_genealogy_acyclic"); err != nil {
		t.Fatal(err)
	}
	p.store(t, pool)
	for _, dir := range []trace.Direction{trace.Ancestors, trace.Descendants} {
		kin, err := trace.NewFinder(pool).Kin(t.Context(), p.lots[:1], dir, trace.Unbounded)
		if err != nil || len(kin[p.lots[0]]) != 2 {
			t.Errorf("direction %d: %v, %v; want the two others", dir, kin, err)
		}
	}
}

// TestShares compares with precise fractions: what goes into a transformation comes out in proportion.
func TestShares(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 9))
		p := random(rng, 150)
		pool := dbtest.New(t, nil)
		p.store(t, pool)
		f := trace.NewFinder(pool)
		for range 5 {
			root := rng.IntN(len(p.lots) / 2)
			want := p.sharesOf(root, p.inForce)
			for _, maxDepth := range []int32{2, trace.Unbounded} {
				g, err := f.Genealogy(t.Context(), trace.Query{Root: p.lots[root], Descendants: true, MaxDepth: maxDepth, Limit: trace.MaxGraph})
				if err != nil {
					t.Fatal(err)
				}
				got, err := f.Shares(t.Context(), g)
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range g.Descendants {
					lot := slices.Index(p.lots, k.ID)
					exact, _ := want[lot].Float64()
					if have, ok := got[k.ID]; !ok || have.String() != quantity.Grams(int64(exact+0.5)).String() {
						t.Errorf("seed %d: share of lot %d of %d is %v, want %.4f g", seed, lot, root, have, exact)
					}
				}
			}
		}
	}
}
