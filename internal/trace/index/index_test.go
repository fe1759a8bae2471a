package index

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
)

// graph is a genealogy in maps: what an index must be equal to.
type graph struct {
	rng   *rand.Rand
	lots  []uuid.UUID
	sites map[uuid.UUID]int32
	links map[[2]uuid.UUID]bool // parent, child
}

func newGraph(seed uint64) *graph {
	return &graph{rng: rand.New(rand.NewPCG(seed, 1)), sites: map[uuid.UUID]int32{}, links: map[[2]uuid.UUID]bool{}}
}

// grow adds lots, each made of up to three earlier ones, and tells whose links changed.
func (g *graph) grow(lots int) (changed []uuid.UUID) {
	for range lots {
		id := uuid.UUID{}
		for i := range id {
			id[i] = byte(g.rng.Uint32())
		}
		g.sites[id] = 1 + g.rng.Int32N(3)
		for range g.rng.IntN(4) {
			if len(g.lots) > 0 {
				parent := g.lots[g.rng.IntN(len(g.lots))]
				g.links[[2]uuid.UUID{parent, id}] = true
				changed = append(changed, parent, id)
			}
		}
		g.lots = append(g.lots, id)
	}
	return changed
}

// cut takes links away, and tells whose.
func (g *graph) cut(links int) (changed []uuid.UUID) {
	for link := range g.links {
		if links--; links < 0 {
			break
		}
		delete(g.links, link)
		changed = append(changed, link[0], link[1])
	}
	return changed
}

// of are the links that begin or end at lots.
func (g *graph) of(lots []uuid.UUID) (ofChildren, ofParents []db.LotGenealogy) {
	in := map[uuid.UUID]bool{}
	for _, lot := range lots {
		in[lot] = true
	}
	for link := range g.links {
		l := db.LotGenealogy{ParentID: link[0], ChildID: link[1], ParentSiteID: g.sites[link[0]], SiteID: g.sites[link[1]]}
		if in[l.ChildID] {
			ofChildren = append(ofChildren, l)
		}
		if in[l.ParentID] {
			ofParents = append(ofParents, l)
		}
	}
	return ofChildren, ofParents
}

func (g *graph) index() *Index {
	n := newNumbers()
	var child, parent []uint32
	for link := range g.links {
		child, parent = append(child, n.number(link[1], g.sites[link[1]])), append(parent, n.number(link[0], g.sites[link[0]]))
	}
	return &Index{numbers: n, parents: newAdjacency(len(n.ids), child, parent), children: newAdjacency(len(n.ids), parent, child)}
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

func levels(ids []uuid.UUID) (out []map[uuid.UUID]bool) {
	level := map[uuid.UUID]bool{}
	for _, id := range ids {
		if id == uuid.Nil {
			out, level = append(out, level), map[uuid.UUID]bool{}
		} else {
			level[id] = true
		}
	}
	return out
}

func (g *graph) compare(t *testing.T, x *Index) {
	t.Helper()
	for _, sites := range [][]int32{{1, 2, 3}, {1, 3}, {2}, {1 << 10}, nil} {
		for _, maxDepth := range []int32{0, 1, 3, 1 << 20} {
			root := g.lots[g.rng.IntN(len(g.lots))]
			view := x.Of(sites)
			if diff := cmp.Diff(g.walk(root, true, maxDepth, sites), levels(view.Ancestors(root, maxDepth))); diff != "" {
				t.Fatalf("ancestors at sites %d within %d (-want +got):\n%s", sites, maxDepth, diff)
			}
			if diff := cmp.Diff(g.walk(root, false, maxDepth, sites), levels(view.Descendants(root, maxDepth))); diff != "" {
				t.Fatalf("descendants at sites %d within %d (-want +got):\n%s", sites, maxDepth, diff)
			}
		}
	}
}

// TestIndexIsTheGraph: an index that was filled, and one that was brought to later instants again and again, is what the links are.
func TestIndexIsTheGraph(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		g := newGraph(seed)
		g.grow(1 + g.rng.IntN(3*pageLots))
		x := g.index()
		g.compare(t, x)
		for range 5 {
			changed := append(g.grow(g.rng.IntN(100)), g.cut(g.rng.IntN(50))...)
			changed = append(changed, g.lots[0]) // that nothing changed is no harm
			ofChildren, ofParents := g.of(changed)
			x = x.with(Instant{}, changed, ofChildren, ofParents)
			g.compare(t, x)
		}
	}
}

// TestOldIndexesStay: who walks in an index sees nothing of what comes later.
func TestOldIndexesStay(t *testing.T) {
	t.Parallel()
	g := newGraph(1)
	g.grow(200)
	x := g.index()
	view := x.Of([]int32{1, 2, 3})
	want := map[uuid.UUID][]uuid.UUID{}
	for _, lot := range g.lots {
		want[lot] = view.Descendants(lot, 1<<20)
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
					if got := view.Descendants(lot, 1<<20); !slices.Equal(want[lot], got) {
						t.Errorf("%s has %d descendants, and had %d", lot, len(got), len(want[lot]))
						return
					}
				}
			}
		})
	}
	for range 20 {
		changed := append(g.grow(200), g.cut(20)...)
		ofChildren, ofParents := g.of(changed)
		x = x.with(Instant{}, changed, ofChildren, ofParents)
	}
	close(done)
	walking.Wait()
	g.compare(t, x)
}
