package trace

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/lot"
	"flowviz/internal/trace/index"
)

// known is a lot's kin as an index has it.
type known struct {
	view      index.View
	direction Direction
	walk      index.Walk
}

// know looks for a lot's kin in an index. There must be one.
func know(view index.View, root uuid.UUID, dir Direction, maxDepth int32) known {
	if dir == Ancestors {
		return known{view, dir, view.Ancestors(root, maxDepth)}
	}
	return known{view, dir, view.Descendants(root, maxDepth)}
}

// kin are they, nearest first.
func (k known) kin() []Kin {
	kin := make([]Kin, 0, len(k.walk.Lots)-1)
	depth := int32(0)
	for i, l := range k.walk.Lots {
		if i == k.walk.Ends[depth] {
			depth++
		}
		if i > 0 {
			kin = append(kin, Kin{l.ID, depth})
		}
	}
	return kin
}

// nearest are at most so many of the kin; none for WithoutRows.
func (k known) nearest(most int32) []index.Lot {
	return k.walk.Lots[1 : 1+min(max(int(most), 0), len(k.walk.Lots)-1)]
}

// within are the root and those of its kin from which one more step is within so many.
func (k known) within(maxDepth int32) []index.Lot {
	return k.walk.Lots[:k.walk.Ends[min(int(maxDepth), len(k.walk.Ends))-1]]
}

// links are those in the direction from the first so many of its lots to others of it, without their transformations.
func (k known) links(lots int) []Link {
	if k.direction == Ancestors {
		return wrap(k.view.ParentLinks(k.walk, lots))
	}
	return wrap(k.view.ChildLinks(k.walk, lots))
}

func ids(lots []index.Lot) []uuid.UUID {
	out := make([]uuid.UUID, len(lots))
	for i, l := range lots {
		out[i] = l.ID
	}
	return out
}

// changes are what an index can't know at the instant of a snapshot: nothing that it knows holds where they are too many to be counted.
type changes struct {
	linksCounted, factsCounted bool
	made, used, altered        lotSet
}

type lotSet map[uuid.UUID]struct{}

func setOf(ids []uuid.UUID) lotSet {
	s := make(lotSet, len(ids))
	for _, id := range ids {
		s[id] = struct{}{}
	}
	return s
}

func (s lotSet) hasAny(lots []index.Lot) bool {
	if len(s) == 0 { // as a rule
		return false
	}
	for _, l := range lots {
		if _, ok := s[l.ID]; ok {
			return true
		}
	}
	return false
}

func newChanges(row db.GenealogyChangesRow) *changes {
	return &changes{row.LinksCounted, row.FactsCounted, setOf(row.Made), setOf(row.Used), setOf(row.Altered)}
}

// keep reports whether the links of what is known are still those that there are. Links back change with what makes a lot, and links forward with
// what uses it.
func (c *changes) keep(k known) bool {
	relinked := c.made
	if k.direction == Descendants {
		relinked = c.used
	}
	return c.linksCounted && !relinked.hasAny(k.walk.Lots)
}

// rows are the rows of lots, as the index knows them; false where it can't.
func (c *changes) rows(view index.View, lots []index.Lot, standing bool) ([]lot.Row, bool) {
	if standing || !c.unaltered(lots) {
		return nil, false
	}
	return view.Rows(lots)
}

// unaltered reports whether what is known of lots is still so.
func (c *changes) unaltered(lots []index.Lot) bool { return c.factsCounted && !c.altered.hasAny(lots) }

// asked asks once, at the instant of a finder's snapshot, what its view can't know.
type asked struct {
	mu      sync.Mutex
	changes *changes
}

func (f *Finder) changes(ctx context.Context) (*changes, error) {
	f.asked.mu.Lock()
	defer f.asked.mu.Unlock()
	if f.asked.changes != nil {
		return f.asked.changes, nil
	}
	row, err := f.q.GenealogyChanges(ctx, changesSince(f.view))
	if err != nil {
		return nil, err
	}
	f.asked.changes = newChanges(row)
	return f.asked.changes, nil
}

func changesSince(view index.View) db.GenealogyChangesParams {
	instant := view.Instant()
	return db.GenealogyChangesParams{KnownAt: instant.At, KnownIn: instant.In}
}

// know finds a lot's kin in the index; ok is false without one, and where it doesn't hold any more.
func (f *Finder) know(ctx context.Context, root uuid.UUID, dir Direction, maxDepth int32) (k known, ok bool, err error) {
	if !f.view.Known() {
		return k, false, nil
	}
	k = know(f.view, root, dir, maxDepth)
	since, err := f.changes(ctx)
	return k, err == nil && since.keep(k), err
}

// rows are the rows of lots that the index has found.
func (f *Finder) rows(ctx context.Context, lots []index.Lot, standing bool) ([]lot.Row, error) {
	if len(lots) == 0 {
		return nil, nil
	}
	since, err := f.changes(ctx)
	if err != nil {
		return nil, err
	}
	if rows, ok := since.rows(f.view, lots, standing); ok {
		return rows, nil
	}
	return db.LotRows(ctx, f.tx, ids(lots))
}
