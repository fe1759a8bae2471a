package index

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
)

// graph is a genealogy in maps: what an index must be equal to.
type graph struct {
	rng   *rand.Rand
	lots  []uuid.UUID
	sites map[uuid.UUID]int32
	links map[[2]uuid.UUID]bool // parent, child
	facts map[uuid.UUID]db.LotFacts
	types types
}

func newGraph(seed uint64) *graph {
	return &graph{rng: rand.New(rand.NewPCG(seed, 1)), sites: map[uuid.UUID]int32{}, links: map[[2]uuid.UUID]bool{}, facts: map[uuid.UUID]db.LotFacts{}, types: types{{1}: 0, {2}: 1}}
}

var typeCodes = [][]byte{[]byte("RAW"), []byte("PACK")}

// draw draws what a lot is called and weighs.
func (g *graph) draw(id uuid.UUID) db.LotFacts {
	f := db.LotFacts{
		ID: id, Number: g.rng.Int64N(1 << 32), LotTypeID: uuid.UUID{byte(1 + g.rng.IntN(2))}, OccurredAt: time.UnixMicro(g.rng.Int64()),
		HasWeight: g.rng.IntN(4) > 0, HasTemp: g.rng.IntN(4) > 0, Code: []byte(strings.Repeat("Ö", g.rng.IntN(40))),
	}
	if f.HasWeight {
		f.Grams = g.rng.Int64N(1_000_000_000_000)
	}
	if f.HasTemp {
		f.CentiC = int16(g.rng.IntN(15_001) - 5_000)
	}
	return f
}

// alter gives some lots other names and weights, and tells which.
func (g *graph) alter(lots int) (altered []uuid.UUID) {
	for range lots {
		id := g.lots[g.rng.IntN(len(g.lots))]
		g.facts[id] = g.draw(id)
		altered = append(altered, id)
	}
	return altered
}

// compareRows compares what the index knows of lots.
func (g *graph) compareRows(t *testing.T, view View, lots []Lot) {
	t.Helper()
	rows, ok := view.Rows(lots)
	if !ok {
		if lots[0].place != nowhere {
			t.Fatalf("there are no facts of %v", lots)
		}
		return
	}
	for i, l := range lots {
		want := g.facts[l.ID]
		got := db.LotFacts{
			ID: rows[i].ID, Number: want.Number, LotTypeID: want.LotTypeID, OccurredAt: rows[i].OccurredAt, HasWeight: rows[i].HasWeight, HasTemp: rows[i].HasTemp, Code: rows[i].Code,
		}
		if got.HasWeight {
			got.Grams, _ = rows[i].WeightKg.Coefficient()
		}
		if got.HasTemp {
			hundredths, _ := rows[i].TemperatureC.Coefficient()
			got.CentiC = int16(hundredths)
		}
		record, _ := view.index.facts.of(l.place)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || string(rows[i].LotType) != string(typeCodes[want.LotTypeID[0]-1]) || rows[i].SiteID != g.sites[l.ID] || record.number != uint32(want.Number) {
			t.Fatalf("lot %s is a %s at %d with the number %d, and (-want +got):\n%s", l.ID, rows[i].LotType, rows[i].SiteID, record.number, diff)
		}
	}
}

// grow adds lots, each made of up to three earlier ones, and tells which are made of any.
func (g *graph) grow(lots int) (remade []uuid.UUID) {
	for range lots {
		id := uuid.UUID{}
		for i := range id {
			id[i] = byte(g.rng.Uint32())
		}
		g.sites[id], g.facts[id] = 1+g.rng.Int32N(3), g.draw(id)
		for range g.rng.IntN(4) {
			if len(g.lots) > 0 {
				parent := g.lots[g.rng.IntN(len(g.lots))]
				g.links[[2]uuid.UUID{parent, id}] = true
				remade = append(remade, id)
			}
		}
		g.lots = append(g.lots, id)
	}
	return remade
}

// cut takes links away, and tells which lots are made of less.
func (g *graph) cut(links int) (remade []uuid.UUID) {
	for link := range g.links {
		if links--; links < 0 {
			break
		}
		delete(g.links, link)
		remade = append(remade, link[1])
	}
	return remade
}

// of are the links of lots to what they are made of.
func (g *graph) of(lots []uuid.UUID) (links []db.LotGenealogy) {
	for link := range g.links {
		if slices.Contains(lots, link[1]) {
			links = append(links, db.LotGenealogy{ParentID: link[0], ChildID: link[1], ParentSiteID: g.sites[link[0]], SiteID: g.sites[link[1]]})
		}
	}
	return links
}

func (g *graph) index(t *testing.T) *Index {
	t.Helper()
	n := newNumbers()
	var child, parent []uint32
	for link := range g.links {
		child, parent = append(child, n.number(link[1], g.sites[link[1]])), append(parent, n.number(link[0], g.sites[link[0]]))
	}
	x := &Index{numbers: n, parents: newAdjacency(len(n.ids), child, parent), children: newAdjacency(len(n.ids), parent, child), facts: facts{types: typeCodes}}
	filling := newFilling(x, g.types)
	for _, f := range g.facts {
		if err := filling.add(f); err != nil {
			t.Fatal(err)
		}
	}
	x.facts.pages = filling.done()
	return x
}

// with is the index after some lots are made of others, and others were altered.
func (g *graph) with(t *testing.T, x *Index, remade, altered []uuid.UUID) *Index {
	t.Helper()
	next := x.with(Instant{}, remade, g.of(remade))
	changing := newChanging(next, g.types)
	for _, id := range append(altered, next.numbers.ids[len(x.numbers.ids):]...) {
		if err := changing.add(g.facts[id]); err != nil {
			t.Fatal(err)
		}
	}
	next.facts.pages = changing.pages()
	return next
}

// walk is a plain search: the lots of each level.
func (g *graph) walk(root uuid.UUID, back bool, maxDepth int32, sites []int32) []map[uuid.UUID]bool {
	seen := map[uuid.UUID]bool{root: true}
	levels := []map[uuid.UUID]bool{{root: true}}
	for range maxDepth {
		next := map[uuid.UUID]bool{}
		for link := range g.links {
			from, to := link[0], link[1]
			if back {
				from, to = to, from
			}
			if levels[len(levels)-1][from] && !seen[to] && slices.Contains(sites, g.sites[from]) && slices.Contains(sites, g.sites[to]) {
				next[to] = true
			}
		}
		if len(next) == 0 {
			break
		}
		maps.Copy(seen, next)
		levels = append(levels, next)
	}
	return levels
}

// levels are the lots of a walk by their depth. They must be in the order of ids.
func levels(t *testing.T, w Walk) (out []map[uuid.UUID]bool) {
	t.Helper()
	from := 0
	for _, end := range w.Ends {
		level := map[uuid.UUID]bool{}
		for _, l := range w.Lots[from:end] {
			level[l.ID] = true
		}
		if !slices.IsSortedFunc(w.Lots[from:end], byID) {
			t.Errorf("a level isn't in the order of ids: %v", w.Lots[from:end])
		}
		out, from = append(out, level), end
	}
	return out
}

// linksOf are the links between lots of a walk, as pairs of parent and child.
func (g *graph) linksOf(w Walk) map[[2]uuid.UUID]bool {
	in, out := map[uuid.UUID]bool{}, map[[2]uuid.UUID]bool{}
	for _, l := range w.Lots {
		in[l.ID] = true
	}
	for link := range g.links {
		if in[link[0]] && in[link[1]] {
			out[link] = true
		}
	}
	return out
}

func pairs(links []db.LotGenealogy) map[[2]uuid.UUID]bool {
	out := map[[2]uuid.UUID]bool{}
	for _, l := range links {
		out[[2]uuid.UUID{l.ParentID, l.ChildID}] = true
	}
	return out
}

func (g *graph) compare(t *testing.T, x *Index) {
	t.Helper()
	for _, sites := range [][]int32{{1, 2, 3}, {1, 3}, {2}, {1 << 10}, nil} {
		for _, maxDepth := range []int32{0, 1, 3, 1 << 20} {
			root := g.lots[g.rng.IntN(len(g.lots))]
			view := x.Of(sites)
			back, forward := view.Ancestors(root, maxDepth), view.Descendants(root, maxDepth)
			if diff := cmp.Diff(g.walk(root, true, maxDepth, sites), levels(t, back)); diff != "" {
				t.Fatalf("ancestors at sites %d within %d (-want +got):\n%s", sites, maxDepth, diff)
			}
			if diff := cmp.Diff(g.walk(root, false, maxDepth, sites), levels(t, forward)); diff != "" {
				t.Fatalf("descendants at sites %d within %d (-want +got):\n%s", sites, maxDepth, diff)
			}
			if diff := cmp.Diff(g.linksOf(back), pairs(view.ParentLinks(back, len(back.Lots)))); diff != "" {
				t.Fatalf("links back at sites %d within %d (-want +got):\n%s", sites, maxDepth, diff)
			}
			if diff := cmp.Diff(g.linksOf(forward), pairs(view.ChildLinks(forward, len(forward.Lots)))); diff != "" {
				t.Fatalf("links forward at sites %d within %d (-want +got):\n%s", sites, maxDepth, diff)
			}
			g.compareRows(t, view, slices.Concat(back.Lots, forward.Lots[1:]))
		}
	}
}

// TestIndexIsTheGraph: an index that was filled, and one that was brought to later instants again and again, is what the links are.
func TestIndexIsTheGraph(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		g := newGraph(seed)
		g.grow(1 + g.rng.IntN(3*pageLots))
		x := g.index(t)
		g.compare(t, x)
		for range 5 {
			changed := append(g.grow(g.rng.IntN(100)), g.cut(g.rng.IntN(50))...)
			changed = append(changed, g.lots[0]) // that nothing changed is no harm
			x = g.with(t, x, changed, g.alter(g.rng.IntN(20)))
			g.compare(t, x)
		}
	}
}

// TestOldIndexesStay: who walks in an index sees nothing of what comes later.
func TestOldIndexesStay(t *testing.T) {
	t.Parallel()
	g := newGraph(1)
	g.grow(200)
	x := g.index(t)
	view := x.Of([]int32{1, 2, 3})
	want := map[uuid.UUID]Walk{}
	called := map[uuid.UUID][]db.LotRow{}
	for _, lot := range g.lots {
		want[lot] = view.Descendants(lot, 1<<20)
		called[lot], _ = view.Rows(want[lot].Lots)
	}
	var walking sync.WaitGroup
	done := make(chan struct{})
	known := slices.Clone(g.lots)
	for range 2 {
		walking.Go(func() {
			for ended := false; !ended; {
				select {
				case <-done:
					ended = true // and once more after it
				default:
				}
				for _, lot := range known {
					got := view.Descendants(lot, 1<<20)
					rows, _ := view.Rows(got.Lots)
					if diff := cmp.Diff(want[lot].Lots, got.Lots, cmp.AllowUnexported(Lot{})); diff != "" {
						t.Errorf("descendants of %s (-was +is):\n%s", lot, diff)
						return
					}
					if diff := cmp.Diff(called[lot], rows, cmp.Comparer(quantity.Decimal.Equal)); diff != "" {
						t.Errorf("rows of descendants of %s (-was +is):\n%s", lot, diff)
						return
					}
				}
			}
		})
	}
	for range 20 {
		changed := append(g.grow(200), g.cut(20)...)
		x = g.with(t, x, changed, g.alter(20))
	}
	close(done)
	walking.Wait()
	g.compare(t, x)
}
