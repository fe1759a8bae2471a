package trace

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/trace/index"
)

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
