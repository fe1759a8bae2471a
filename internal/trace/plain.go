package trace

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/trace/index"
)

// plain is the genealogy of a lot as an index has it, for a Plain question.
type plain struct {
	q     Query
	sides []known // the directions asked for
}

// know looks for a lot's genealogy in an index. ok is false where it would have to be cut, and of a broken one that leads round in a circle within the
// depth asked for: SQL finds each link once there.
func (q Query) know(view index.View) (p plain, ok bool) {
	p.q = q
	lots := 0
	for _, dir := range []Direction{Ancestors, Descendants} {
		if dir == Ancestors && q.Ancestors || dir == Descendants && q.Descendants {
			k := know(view, q.Root, dir, q.MaxDepth)
			p.sides = append(p.sides, k)
			lots += len(k.walk.Lots) - 1
		}
	}
	circle := len(p.sides) == 2 && setOf(ids(p.sides[0].walk.Lots[1:])).hasAny(p.sides[1].walk.Lots)
	return p, lots <= q.Limit && !circle
}

// keptBy reports whether it is still so.
func (p plain) keptBy(c *changes) bool {
	return !slices.ContainsFunc(p.sides, func(k known) bool { return !c.keep(k) })
}

// lots are all of it, the root first.
func (p plain) lots() []index.Lot {
	lots := p.sides[0].walk.Lots
	for _, k := range p.sides[1:] {
		lots = slices.Concat(lots, k.walk.Lots[1:])
	}
	return lots
}

// side are the root and its kin in a direction; nil where that isn't asked for.
func (p plain) side(dir Direction) []uuid.UUID {
	for _, k := range p.sides {
		if k.direction == dir {
			return ids(k.walk.Lots)
		}
	}
	return nil
}

// genealogy makes one, without its rows. The links come from the index where those read from SQL, which tell their transformations, aren't needed.
func (p plain) genealogy(back, forward []Link) *Genealogy {
	g := &Genealogy{Root: p.q.Root, maxDepth: p.q.MaxDepth}
	for _, k := range p.sides {
		if k.direction == Ancestors {
			g.Ancestors = k.kin()
		} else {
			g.Descendants = k.kin()
		}
		if !p.q.Making {
			g.Links = append(g.Links, k.links(len(k.walk.Lots))...)
		}
	}
	if p.q.Making {
		g.keep(back, forward)
	}
	return g
}

// plain finds a genealogy in the index; ok is false where it can't be told from that.
func (f *Finder) plain(ctx context.Context, q Query) (g *Genealogy, ok bool, err error) {
	p, ok := q.know(f.view)
	if !ok {
		return nil, false, nil
	}
	since, err := f.changes(ctx)
	if err != nil || !p.keptBy(since) {
		return nil, false, err
	}
	var back, forward []db.LotGenealogy
	if q.Making && q.Ancestors {
		if back, err = f.q.LinksByChildren(ctx, p.side(Ancestors)); err != nil {
			return nil, false, err
		}
	}
	if q.Making && q.Descendants {
		if forward, err = f.q.LinksByParents(ctx, p.side(Descendants)); err != nil {
			return nil, false, err
		}
	}
	g = p.genealogy(wrap(back), wrap(forward))
	g.Rows, err = f.rows(ctx, p.lots(), q.Standing)
	return g, true, err
}
