package trace

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"slices"

	"github.com/google/uuid"
)

// Paths are ways from a lot to one that was made of it, the shortest first.
type Paths struct {
	Lots      [][]uuid.UUID // of each way, both ends included
	Truncated bool          // there are more than were asked for
}

// Between finds at most so many ways from a lot to another that was made of it, each once however many transformations made a step: the
// shortest first, and none where the other wasn't. There can be more ways than lots by far: a ladder of 30 steps has 1,000,000,000.
func (f *Finder) Between(ctx context.Context, from, to uuid.UUID, most int) (*Paths, error) {
	below, err := f.Kin(ctx, []uuid.UUID{from}, Descendants, Unbounded)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(below[from], func(k Kin) bool { return k.ID == to }) {
		return &Paths{}, nil
	}
	above, err := f.Kin(ctx, []uuid.UUID{to}, Ancestors, Unbounded)
	if err != nil {
		return nil, err
	}
	left := map[uuid.UUID]int32{to: 0} // steps to the end, of each lot that is between or an end
	reached := map[uuid.UUID]bool{from: true}
	for _, k := range below[from] {
		reached[k.ID] = true
	}
	ids := []uuid.UUID{to}
	for _, k := range above[to] {
		if reached[k.ID] {
			left[k.ID] = k.Depth
			ids = append(ids, k.ID)
		}
	}
	links, err := f.ParentLinks(ctx, ids, 0)
	if err != nil {
		return nil, err
	}
	return shortest(from, to, most, next(links, left), left), nil
}

// next are the children of each lot that lead on, each once, in the order of their ids.
func next(links []Link, left map[uuid.UUID]int32) map[uuid.UUID][]uuid.UUID {
	children := make(map[uuid.UUID][]uuid.UUID, len(left))
	for _, l := range links {
		if _, ok := left[l.ParentID]; ok {
			children[l.ParentID] = append(children[l.ParentID], l.ChildID)
		}
	}
	for parent, ids := range children {
		slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		children[parent] = slices.Compact(ids)
	}
	return children
}

// start is the beginning of a way.
type start struct {
	at     uuid.UUID
	came   *start
	steps  int32
	length int32 // of the shortest way that begins so
	number int   // in the order in which they were found
}

// starts are kept so that the one whose way is shortest is the first; of those, the one that has come farthest. Each that is taken leads
// to a way of just its length, so no more are taken than the ways that are found have steps.
type starts []*start

func (s starts) Len() int      { return len(s) }
func (s starts) Swap(i, j int) { s[i], s[j] = s[j], s[i] }

func (s starts) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(s[i].length, s[j].length), cmp.Compare(s[j].steps, s[i].steps), cmp.Compare(s[i].number, s[j].number)) < 0
}

// Push implements heap.Interface.
func (s *starts) Push(one any) { *s = append(*s, one.(*start)) } //nolint:forcetypeassert // nothing else is pushed

// Pop implements heap.Interface.
func (s *starts) Pop() any {
	last := len(*s) - 1
	one := (*s)[last]
	*s = (*s)[:last]
	return one
}

// shortest finds the ways in the order of their lengths.
func shortest(from, to uuid.UUID, most int, children map[uuid.UUID][]uuid.UUID, left map[uuid.UUID]int32) *Paths {
	found, open, number := &Paths{}, &starts{{at: from, length: left[from]}}, 0
	for open.Len() > 0 {
		best := heap.Pop(open).(*start) //nolint:forcetypeassert // nothing else was pushed
		if best.at == to {
			if found.Truncated = len(found.Lots) == most; found.Truncated {
				return found
			}
			found.Lots = append(found.Lots, best.path())
			continue
		}
		for _, child := range children[best.at] {
			number++
			heap.Push(open, &start{at: child, came: best, steps: best.steps + 1, length: best.steps + 1 + left[child], number: number})
		}
	}
	return found
}

func (s *start) path() []uuid.UUID {
	path := make([]uuid.UUID, 0, s.steps+1)
	for ; s != nil; s = s.came {
		path = append(path, s.at)
	}
	slices.Reverse(path)
	return path
}

// Common finds what lots have in common: the lots of which each of them was made, itself among these. By the greatest of the steps to them, then
// by id.
func (f *Finder) Common(ctx context.Context, lots []uuid.UUID) ([]Kin, error) {
	found, err := f.Kin(ctx, lots, Ancestors, Unbounded)
	if err != nil {
		return nil, err
	}
	type shared struct {
		by    int
		depth int32
	}
	all := map[uuid.UUID]shared{}
	for root, kin := range found {
		for _, k := range append([]Kin{{ID: root}}, kin...) {
			s := all[k.ID]
			all[k.ID] = shared{s.by + 1, max(s.depth, k.Depth)}
		}
	}
	var common []Kin
	for id, s := range all {
		if s.by == len(lots) {
			common = append(common, Kin{ID: id, Depth: s.depth})
		}
	}
	slices.SortFunc(common, compareKin)
	return common, nil
}
