package epcis

import "github.com/google/uuid"

// link is a step of a genealogy.
type link struct{ parent, child uuid.UUID }

// closing finds which of the links, added one after another to those that are there, would close a cycle: each of these
// is left out before the next is tried, so that what remains is a directed acyclic graph.
//
// Where there is no cycle, which is nearly always, that takes time in proportion to the links.
func closing(there, added []link) []bool {
	closes := make([]bool, len(added))
	knot := entangled(there, added)
	if len(knot) == 0 {
		return closes
	}
	children := map[uuid.UUID][]uuid.UUID{}
	tie := func(l link) { children[l.parent] = append(children[l.parent], l.child) }
	for _, l := range there {
		if knot[l.parent] && knot[l.child] {
			tie(l)
		}
	}
	for i, l := range added {
		if !knot[l.parent] || !knot[l.child] {
			continue
		}
		if closes[i] = leads(children, l.child, l.parent); !closes[i] {
			tie(l)
		}
	}
	return closes
}

// entangled are the lots on a cycle, or on a way from one cycle to another: what is left when lots without parents are taken away again
// and again, and then lots without children.
func entangled(lists ...[]link) map[uuid.UUID]bool {
	lots := map[uuid.UUID]bool{}
	for _, list := range lists {
		for _, l := range list {
			lots[l.parent], lots[l.child] = true, true
		}
	}
	strip(lots, lists, func(l link) (from, to uuid.UUID) { return l.parent, l.child })
	strip(lots, lists, func(l link) (from, to uuid.UUID) { return l.child, l.parent })
	return lots
}

// strip takes away lots that nothing leads to (A. B. Kahn, Topological sorting of large networks, 1962).
func strip(lots map[uuid.UUID]bool, lists [][]link, ends func(link) (from, to uuid.UUID)) {
	next := map[uuid.UUID][]uuid.UUID{}
	leading := make(map[uuid.UUID]int, len(lots))
	for _, list := range lists {
		for _, l := range list {
			if from, to := ends(l); lots[from] && lots[to] {
				next[from] = append(next[from], to)
				leading[to]++
			}
		}
	}
	var free []uuid.UUID
	for id := range lots {
		if leading[id] == 0 {
			free = append(free, id)
		}
	}
	for len(free) > 0 {
		id := free[len(free)-1]
		free = free[:len(free)-1]
		delete(lots, id)
		for _, to := range next[id] {
			if leading[to]--; leading[to] == 0 {
				free = append(free, to)
			}
		}
	}
}

// leads reports whether a way leads from one lot to another, or they are the same.
func leads(children map[uuid.UUID][]uuid.UUID, from, to uuid.UUID) bool {
	seen := map[uuid.UUID]bool{from: true}
	for way := []uuid.UUID{from}; len(way) > 0; {
		id := way[len(way)-1]
		way = way[:len(way)-1]
		if id == to {
			return true
		}
		for _, child := range children[id] {
			if !seen[child] {
				seen[child] = true
				way = append(way, child)
			}
		}
	}
	return false
}
