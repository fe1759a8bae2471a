package trace

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
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
}

// Limit checks a client's limit of lots; nil asks for MaxGraph.
func Limit(limit *int32) (int, error) {
	switch {
	case limit == nil:
		return MaxGraph, nil
	case *limit < 1 || *limit > MaxGraph:
		return 0, fault.BadInput("limit", "from 1 to %d, and is %d", MaxGraph, *limit)
	}
	return int(*limit), nil
}

// Genealogy is a lot's genealogy as one graph: every lot once, every link once.
type Genealogy struct {
	Root        uuid.UUID
	Ancestors   []Kin
	Descendants []Kin
	Links       []Link
	Truncated   bool // only where the limit left lots out

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
	find := f.linked
	if q.AsOf != nil {
		find = f.linkedAsOf
	}
	g := &Genealogy{Root: q.Root, maxDepth: q.MaxDepth, asOf: q.AsOf}
	var err error
	var links []Link
	if q.Ancestors {
		if g.Ancestors, links, err = find(ctx, q, Ancestors); err != nil {
			return nil, err
		}
	}
	if q.Descendants {
		var more []Link
		if g.Descendants, more, err = find(ctx, q, Descendants); err != nil {
			return nil, err
		}
		links = append(links, more...)
	}
	g.cut(q.Limit)
	g.keep(links)
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

// keep takes the links of which both ends are in the graph, each once.
func (g *Genealogy) keep(links []Link) {
	in := make(map[uuid.UUID]struct{}, len(g.Ancestors)+len(g.Descendants)+1)
	in[g.Root] = struct{}{}
	for _, side := range [][]Kin{g.Ancestors, g.Descendants} {
		for _, k := range side {
			in[k.ID] = struct{}{}
		}
	}
	seen := make(map[Link]struct{}, len(links))
	for _, l := range links {
		_, parent := in[l.ParentID]
		_, child := in[l.ChildID]
		_, twice := seen[l]
		if parent && child && !twice {
			seen[l] = struct{}{}
			g.Links = append(g.Links, l)
		}
	}
}
