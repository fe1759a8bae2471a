package trace

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/trace/index"
)

// known is a lot's kin as an index has it, nearest first; nil without one.
func known(view index.View, root uuid.UUID, dir Direction, maxDepth int32) []Kin {
	switch {
	case !view.Known():
		return nil
	case dir == Ancestors:
		return nearestFirst(root, view.Ancestors(root, maxDepth))
	}
	return nearestFirst(root, view.Descendants(root, maxDepth))
}

// lots are a root and its kin; nil where these aren't known.
func lots(root uuid.UUID, known []Kin) []uuid.UUID {
	if known == nil {
		return nil
	}
	ids := make([]uuid.UUID, 0, 1+len(known))
	ids = append(ids, root)
	for _, k := range known {
		ids = append(ids, k.ID)
	}
	return ids
}

// knownOfMany are the kin of many roots as the index has them; false without an index, and where it doesn't hold any more.
func (f *Finder) knownOfMany(ctx context.Context, roots []uuid.UUID, dir Direction, maxDepth int32) (found map[uuid.UUID][]Kin, ok bool, err error) {
	if !f.view.Known() {
		return nil, false, nil
	}
	found = make(map[uuid.UUID][]Kin, len(roots))
	walked := map[uuid.UUID]struct{}{}
	for _, root := range roots {
		found[root] = known(f.view, root, dir, maxDepth)
		walked[root] = struct{}{}
		for _, k := range found[root] {
			walked[k.ID] = struct{}{}
		}
	}
	p := db.AncestorsAreKnownParams{KnownAt: f.view.Instant().At, KnownIn: f.view.Instant().In, Known: make([]uuid.UUID, 0, len(walked))}
	for id := range walked {
		p.Known = append(p.Known, id)
	}
	holds := f.q.AncestorsAreKnown
	if dir == Descendants {
		holds = func(ctx context.Context, p db.AncestorsAreKnownParams) (bool, error) {
			return f.q.DescendantsAreKnown(ctx, db.DescendantsAreKnownParams(p))
		}
	}
	ok, err = holds(ctx, p)
	return found, ok, err
}
