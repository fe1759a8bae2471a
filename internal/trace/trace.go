// Package trace follows lot genealogy: what a lot is made of and where it went, every lot once, at its shortest depth, as
// far as it goes. A genealogy is a directed acyclic graph; a trace ends even where a broken one had a cycle, because it
// visits no lot twice.
package trace

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/trace/index"
)

// Direction is backward to ancestors or forward to descendants.
type Direction int

// The directions.
const (
	Ancestors Direction = iota
	Descendants
)

// Unbounded is the depth of a trace that goes as far as the genealogy does.
const Unbounded = math.MaxInt32 - 1

// Kin is an ancestor or descendant, and the steps on the shortest way to it.
type Kin struct {
	ID    uuid.UUID
	Depth int32
}

// Link is one parent → child pair, of one transformation. The sites are the child's and the parent's.
type Link struct{ db.LotGenealogy }

// Ends are where the link starts and leads to when followed in a direction.
func (l Link) Ends(dir Direction) (from, to uuid.UUID) {
	if dir == Ancestors {
		return l.ChildID, l.ParentID
	}
	return l.ParentID, l.ChildID
}

func wrap(rows []db.LotGenealogy) []Link {
	out := make([]Link, len(rows))
	for i, row := range rows {
		out[i] = Link{row}
	}
	return out
}

// Finder follows genealogies.
type Finder struct {
	tx    db.DBTX
	q     *db.Queries
	view  index.View
	asked asked
}

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{tx: tx, q: db.New(tx)} }

// NewIndexed reads through tx, a snapshot that begins later than the view was taken and sees the same sites: it walks in the view's
// index, and in SQL where that doesn't hold any more at the snapshot's instant.
func NewIndexed(tx db.DBTX, view index.View) *Finder {
	return &Finder{tx: tx, q: db.New(tx), view: view}
}

// Depth checks a client's maxDepth; nil asks for all.
func Depth(maxDepth *int32) (int32, error) {
	switch {
	case maxDepth == nil:
		return Unbounded, nil
	case *maxDepth < 0:
		return 0, fault.BadInput("maxDepth", "can't be negative, and is %d", *maxDepth)
	}
	return min(*maxDepth, Unbounded), nil
}

// Kin finds the ancestors or descendants of each root within maxDepth steps, nearest first: by depth, then by id.
func (f *Finder) Kin(ctx context.Context, roots []uuid.UUID, dir Direction, maxDepth int32) (map[uuid.UUID][]Kin, error) {
	if maxDepth == 0 {
		return map[uuid.UUID][]Kin{}, nil
	}
	if len(roots) == 1 {
		kin, _, err := f.KinRows(ctx, roots[0], Question{Direction: dir, MaxDepth: maxDepth, Most: WithoutRows})
		return map[uuid.UUID][]Kin{roots[0]: kin}, err
	}
	found := make(map[uuid.UUID][]Kin, len(roots))
	var unknown []uuid.UUID
	for _, root := range roots {
		k, ok, err := f.know(ctx, root, dir, maxDepth)
		if err != nil {
			return nil, err
		}
		if ok {
			found[root] = k.kin()
		} else {
			unknown = append(unknown, root)
		}
	}
	if len(unknown) == 0 {
		return found, nil
	}
	walks, err := f.walks(ctx, unknown, dir, maxDepth)
	if err != nil {
		return nil, err
	}
	for root, ids := range walks {
		found[root] = nearestFirst(root, ids)
	}
	return found, nil
}

// Question asks for the kin of one lot.
type Question struct {
	Direction Direction
	MaxDepth  int32 // see Depth
	Most      int32 // of the nearest kin come the rows; WithoutRows for none
	Standing  bool  // whether the rows must tell status and holds
}

// WithoutRows asks for no rows.
const WithoutRows = -1

// KinRows finds the ancestors or descendants of one root as Kin does, and the narrow rows of the first most of them, in no order.
func (f *Finder) KinRows(ctx context.Context, root uuid.UUID, q Question) ([]Kin, []lot.Row, error) {
	if q.MaxDepth == 0 {
		return nil, nil, nil
	}
	if k, ok, err := f.know(ctx, root, q.Direction, q.MaxDepth); ok || err != nil {
		if err != nil {
			return nil, nil, err
		}
		rows, err := f.rows(ctx, k.nearest(q.Most), q.Standing)
		return k.kin(), rows, err
	}
	walk, err := f.walk(ctx, root, q)
	return nearestFirst(root, walk.IDs), walk.Rows, err
}

// Steps are the links on all ways of so many steps from a lot, and the rows of the lots that they lead to.
type Steps struct {
	Links []Link    // of each lot by the one they lead to
	Rows  []lot.Row // of the nearest, in no order
}

// Steps finds the links within q.MaxDepth steps of a root. They needn't tell their transformations.
func (f *Finder) Steps(ctx context.Context, root uuid.UUID, q Question) (s Steps, err error) {
	if k, ok, err := f.know(ctx, root, q.Direction, q.MaxDepth); ok || err != nil {
		if err != nil {
			return s, err
		}
		s.Links = k.links(len(k.within(q.MaxDepth)))
		s.Rows, err = f.rows(ctx, k.nearest(q.Most), q.Standing)
		return s, err
	}
	walk, err := f.walk(ctx, root, q)
	if err != nil {
		return s, err
	}
	links := f.ParentLinks
	if q.Direction == Descendants {
		links = f.ChildLinks
	}
	s.Rows = walk.Rows
	s.Links, err = links(ctx, within(root, nearestFirst(root, walk.IDs), q.MaxDepth), 0)
	return s, err
}

// within are the lots from which one more step is within so many.
func within(root uuid.UUID, kin []Kin, maxDepth int32) []uuid.UUID {
	ids := []uuid.UUID{root}
	for _, k := range kin {
		if k.Depth == maxDepth {
			break
		}
		ids = append(ids, k.ID)
	}
	return ids
}

// walks are the ids found from each root, level by level, each closed by the nil id.
func (f *Finder) walks(ctx context.Context, roots []uuid.UUID, dir Direction, maxDepth int32) (map[uuid.UUID][]uuid.UUID, error) {
	found := make(map[uuid.UUID][]uuid.UUID, len(roots))
	if dir == Ancestors {
		rows, err := f.q.AncestorLevelsOfMany(ctx, db.AncestorLevelsOfManyParams{RootIds: roots, MaxDepth: maxDepth})
		for _, r := range rows {
			found[r.RootID] = append(found[r.RootID], r.ID)
		}
		return found, err
	}
	rows, err := f.q.DescendantLevelsOfMany(ctx, db.DescendantLevelsOfManyParams{RootIds: roots, MaxDepth: maxDepth})
	for _, r := range rows {
		found[r.RootID] = append(found[r.RootID], r.ID)
	}
	return found, err
}

// walk finds the ids from one root in SQL.
func (f *Finder) walk(ctx context.Context, root uuid.UUID, q Question) (db.LotWalk, error) {
	p := db.AncestorLevelsParams{RootID: root, MaxDepth: q.MaxDepth, Most: q.Most}
	if q.Direction == Ancestors {
		return db.AncestorWalk(ctx, f.tx, p)
	}
	return db.DescendantWalk(ctx, f.tx, db.DescendantLevelsParams(p))
}

// nearestFirst tells the depths of a walk's ids, and puts each level in the order of ids.
func nearestFirst(root uuid.UUID, ids []uuid.UUID) []Kin {
	kin := make([]Kin, 0, len(ids))
	depth, level := int32(0), 0 // level is where the current one begins
	for _, id := range ids {
		switch id {
		case uuid.Nil:
			slices.SortFunc(kin[level:], compareKin)
			depth, level = depth+1, len(kin)
		case root:
		default:
			kin = append(kin, Kin{ID: id, Depth: depth})
		}
	}
	return kin
}

func compareKin(a, b Kin) int {
	if c := cmp.Compare(a.Depth, b.Depth); c != 0 {
		return c
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

// ParentLinks finds the links from lots to their parents: at most size of each lot, all where size is 0.
func (f *Finder) ParentLinks(ctx context.Context, lotIDs []uuid.UUID, size int32) ([]Link, error) {
	if size == 0 {
		rows, err := f.q.LinksByChildren(ctx, lotIDs)
		return wrap(rows), err
	}
	rows, err := f.q.ParentLinksByChildren(ctx, db.ParentLinksByChildrenParams{ChildIds: lotIDs, Size: size})
	return wrap(rows), err
}

// ChildLinks finds the links from lots to their children: at most size of each lot, all where size is 0.
func (f *Finder) ChildLinks(ctx context.Context, lotIDs []uuid.UUID, size int32) ([]Link, error) {
	if size == 0 {
		rows, err := f.q.LinksByParents(ctx, lotIDs)
		return wrap(rows), err
	}
	rows, err := f.q.ChildLinksByParents(ctx, db.ChildLinksByParentsParams{ParentIds: lotIDs, Size: size})
	return wrap(rows), err
}

// Position is the index in kin, which is nearest first, of the first one after a place.
func Position(kin []Kin, depth int32, id uuid.UUID) int {
	i, found := slices.BinarySearchFunc(kin, Kin{ID: id, Depth: depth}, compareKin)
	if found {
		return i + 1
	}
	return i
}
