package index

import (
	"maps"
	"slices"
)

// pageLots is how many lots' neighbours stand in one page: a change copies one page of some 6 KB, and at 10,000,000 lots a list of
// 20,000 pages.
const pageLots = 512

// adjacency is where links lead to from each lot: to its parents, or to its children.
type adjacency []*page

// page is where links lead to from pageLots lots. It never changes.
type page struct {
	ends [pageLots]uint32 // by lot, where its neighbours end in to
	to   []uint32
}

// of are a lot's neighbours.
func (a adjacency) of(lot uint32) []uint32 {
	if int(lot/pageLots) >= len(a) {
		return nil
	}
	return a[lot/pageLots].of(lot % pageLots)
}

func (p *page) of(lot uint32) []uint32 {
	if lot == 0 {
		return p.to[:p.ends[0]]
	}
	return p.to[p.ends[lot-1]:p.ends[lot]]
}

// newAdjacency sorts links by where they start, of so many lots.
func newAdjacency(lots int, from, to []uint32) adjacency {
	begins := make([]uint32, lots+1)
	for _, lot := range from {
		begins[lot+1]++
	}
	for lot := range lots {
		begins[lot+1] += begins[lot]
	}
	sorted := make([]uint32, len(to))
	next := slices.Clone(begins[:lots])
	for i, lot := range from {
		sorted[next[lot]] = to[i]
		next[lot]++
	}
	a := make(adjacency, (lots+pageLots-1)/pageLots)
	for i := range a {
		first := i * pageLots
		last := min(first+pageLots, lots)
		p := &page{to: sorted[begins[first]:begins[last]:begins[last]]}
		for lot := range p.ends {
			p.ends[lot] = begins[min(first+lot+1, lots)] - begins[first]
		}
		a[i] = p
	}
	return a
}

// with is the adjacency of so many lots in which some have other neighbours; it shares what didn't change.
func (a adjacency) with(lots int, neighbours map[uint32][]uint32) adjacency {
	next := slices.Grow(slices.Clone(a), (lots+pageLots-1)/pageLots-len(a))
	for len(next)*pageLots < lots {
		next = append(next, &page{})
	}
	changed := map[uint32]bool{}
	for lot := range neighbours {
		changed[lot/pageLots] = true
	}
	for number := range maps.Keys(changed) {
		next[number] = next[number].with(number*pageLots, neighbours)
	}
	return next
}

// with is the page, of lots from first on, in which some have other neighbours.
func (p *page) with(first uint32, neighbours map[uint32][]uint32) *page {
	next := &page{to: make([]uint32, 0, len(p.to)+pageLots/4)}
	for lot := range uint32(pageLots) {
		of, ok := neighbours[first+lot]
		if !ok {
			of = p.of(lot)
		}
		next.to = append(next.to, of...)
		next.ends[lot] = uint32(len(next.to))
	}
	return next
}
