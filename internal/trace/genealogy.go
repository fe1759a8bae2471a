package trace

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
)

// MaxGraph bounds a genealogy drawn as one graph: no screen draws more, and ancestors and descendants page further.
const MaxGraph = 10_000

// Query asks for a genealogy.
type Query struct {
	Root                   uuid.UUID
	Ancestors, Descendants bool
	MaxDepth               int32 // see Depth
	Limit                  int   // lots beside the root; see Limit
	AsOf                   *time.Time
	// Plain asks for what can be written straight: of lots their rows, with status and holds where Standing, and of links their transformations where Making.
	Plain, Standing, Making bool
}

// Limit checks a client's limit of lots; nil asks for MaxGraph.
func Limit(limit *int32) (int, error) {
	switch {
	case limit == nil:
		return MaxGraph, nil
	case *limit < 1 || *limit > MaxGraph:
		return 0, fault.Bounded("limit", int(*limit), MaxGraph, "from 1 to %d, and is %d", MaxGraph, *limit)
	}
	return int(*limit), nil
}

// Genealogy is a lot's genealogy as one graph: every lot once, every link once.
type Genealogy struct {
	Root        uuid.UUID
	Ancestors   []Kin
	Descendants []Kin
	Links       []Link    // by the lot nearer to the root, in the order of the lots, and of each by the other's id
	Rows        []lot.Row // of all its lots, in no order, where the question was Plain and they came along
	Truncated   bool      // only where the limit left lots out

	maxDepth int32
	asOf     *time.Time
}

// Depth is the greatest depth.
func (g *Genealogy) Depth() int32 { return max(deepest(g.Ancestors), deepest(g.Descendants)) }

func deepest(kin []Kin) int32 {
	if len(kin) == 0 {
		return 0
	}
	return kin[len(kin)-1].Depth
}

// Genealogy finds a lot's genealogy, now or as it was known at a time.
func (f *Finder) Genealogy(ctx context.Context, q Query) (*Genealogy, error) {
	if q.Plain && q.AsOf == nil && f.view.Known() {
		if g, ok, err := f.plain(ctx, q); ok || err != nil {
			return g, err
		}
	}
	find := f.linked
	if q.AsOf != nil {
		find = f.linkedAsOf
	}
	g := &Genealogy{Root: q.Root, maxDepth: q.MaxDepth, asOf: q.AsOf}
	var back, forward []Link
	var err error
	if q.Ancestors {
		if g.Ancestors, back, err = find(ctx, q, Ancestors); err != nil {
			return nil, err
		}
	}
	if q.Descendants {
		if g.Descendants, forward, err = find(ctx, q, Descendants); err != nil {
			return nil, err
		}
	}
	g.cut(q.Limit)
	g.keep(back, forward)
	return g, nil
}

// linked finds kin and the links among them as they are now.
func (f *Finder) linked(ctx context.Context, q Query, dir Direction) ([]Kin, []Link, error) {
	found, err := f.Kin(ctx, []uuid.UUID{q.Root}, dir, q.MaxDepth)
	if err != nil {
		return nil, nil, err
	}
	kin := found[q.Root]
	ids := make([]uuid.UUID, 0, len(kin)+1)
	ids = append(ids, q.Root)
	for _, k := range kin {
		ids = append(ids, k.ID)
	}
	links := f.ParentLinks
	if dir == Descendants {
		links = f.ChildLinks
	}
	l, err := links(ctx, ids, 0)
	return kin, l, err
}

// linkedAsOf finds them as they were known at a time.
func (f *Finder) linkedAsOf(ctx context.Context, q Query, dir Direction) (kin []Kin, links []Link, err error) {
	if dir == Ancestors {
		rows, err := f.q.AncestorLinksAsOf(ctx, db.AncestorLinksAsOfParams{LotID: q.Root, AsOf: *q.AsOf})
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			links = append(links, Link{db.LotGenealogy(r)})
		}
	} else {
		rows, err := f.q.DescendantLinksAsOf(ctx, db.DescendantLinksAsOfParams{LotID: q.Root, AsOf: *q.AsOf})
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			links = append(links, Link{db.LotGenealogy(r)})
		}
	}
	return breadthFirst(q.Root, links, dir, q.MaxDepth), links, nil
}

// cut keeps the nearest lots of both directions where there are more than limit.
func (g *Genealogy) cut(limit int) {
	over := len(g.Ancestors) + len(g.Descendants) - limit
	g.Truncated = over > 0
	for ; over > 0; over-- {
		if deepest(g.Ancestors) > deepest(g.Descendants) {
			g.Ancestors = g.Ancestors[:len(g.Ancestors)-1]
		} else {
			g.Descendants = g.Descendants[:len(g.Descendants)-1]
		}
	}
}

// keep takes the links of which both ends are in the graph, each once, in the order of the lots.
func (g *Genealogy) keep(back, forward []Link) {
	in := make(map[uuid.UUID]struct{}, len(g.Ancestors)+len(g.Descendants)+1)
	in[g.Root] = struct{}{}
	for _, side := range [][]Kin{g.Ancestors, g.Descendants} {
		for _, k := range side {
			in[k.ID] = struct{}{}
		}
	}
	seen := make(map[Link]struct{}, len(back)+len(forward))
	add := func(l Link) {
		_, parent := in[l.ParentID]
		_, child := in[l.ChildID]
		_, twice := seen[l]
		if parent && child && !twice {
			seen[l] = struct{}{}
			g.Links = append(g.Links, l)
		}
	}
	eachInOrder(g.Root, g.Ancestors, back, Ancestors, add)
	eachInOrder(g.Root, g.Descendants, forward, Descendants, add)
}

// eachInOrder hands out the links that lead from lots, in the order of these. Links are given by the lots they lead from, and then by the others.
func eachInOrder(root uuid.UUID, kin []Kin, links []Link, dir Direction, each func(Link)) {
	begin := make(map[uuid.UUID]int, 1+len(kin))
	for i, l := range slices.Backward(links) {
		from, _ := l.Ends(dir)
		begin[from] = i
	}
	ofLot := func(id uuid.UUID) {
		first, ok := begin[id]
		if !ok {
			return
		}
		for _, l := range links[first:] {
			if from, _ := l.Ends(dir); from != id {
				return
			}
			each(l)
		}
	}
	ofLot(root)
	for _, k := range kin {
		ofLot(k.ID)
	}
}
