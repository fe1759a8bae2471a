package trace

import (
	"context"

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
	if !standing && since.unaltered(lots) {
		if rows, ok := f.view.Rows(lots); ok {
			return rows, nil
		}
	}
	return db.LotRows(ctx, f.tx, ids(lots))
}
