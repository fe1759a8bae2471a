// Package index keeps the genealogy of all lots in memory, beside SQL: compact numbers for lots and arrays of their parents and
// children, in which a walk over 7,000 lots takes about a millisecond, against 20 in PostgreSQL.
//
// An Index never changes. It holds the links of one snapshot of the database, and says of which: whoever reads with it asks the
// database, in the statement that reads the lots found and so at the very instant of the reader, whether any link of these has changed
// since (queries/trace.sql), and walks in SQL where one has. So an index is never older than what the reader sees, however far it is
// behind, and none at all is only slower. It knows nothing of a lot but its site, its number and its links: all else is read from SQL.
package index

import (
	"math/bits"
	"sync"

	"github.com/google/uuid"

	"flowviz/db"
)

// Index is the genealogy as one snapshot of the database has it.
type Index struct {
	at                Instant
	numbers           numbers
	parents, children adjacency
}

// Instant is a snapshot of a database: what it sees of the transactions of a server. The zero Instant sees nothing.
type Instant struct {
	At string // a pg_snapshot
	In string // which server, and which file of links: see genealogy_store in migrations
}

// View is an index as who may see some sites sees it. The zero View knows nothing.
type View struct {
	index *Index
	sites []int32
}

// Of shows the links of which both lots are at the sites, as row level security does. A nil index shows nothing.
func (x *Index) Of(sites []int32) View { return View{x, sites} }

// Known reports whether there is an index to walk in.
func (v View) Known() bool { return v.index != nil }

// Instant is what the index knows.
func (v View) Instant() Instant {
	if v.index == nil {
		return Instant{}
	}
	return v.index.at
}

// Ancestors finds what a lot was made of within so many steps, level by level: the lot, and after each level the nil id. A lot that
// the index doesn't know has no links in it.
func (v View) Ancestors(root uuid.UUID, maxDepth int32) []uuid.UUID {
	return v.walk(root, v.index.parents, maxDepth)
}

// Descendants finds what was made of a lot, as Ancestors does.
func (v View) Descendants(root uuid.UUID, maxDepth int32) []uuid.UUID {
	return v.walk(root, v.index.children, maxDepth)
}

func (v View) walk(root uuid.UUID, next adjacency, maxDepth int32) []uuid.UUID {
	numbers := v.index.numbers
	sites := newSiteSet(v.sites)
	start, ok := numbers.find(root)
	if !ok || !sites.has(numbers.sites[start]) {
		return []uuid.UUID{root, uuid.Nil}
	}
	seen := takeSet(len(numbers.ids))
	found := []uint32{start}
	seen.add(start)
	levels := []int{1} // where each one ends in found
	for from, depth := 0, int32(0); from < len(found) && depth < maxDepth; depth++ {
		level := found[from:]
		from = len(found)
		for _, lot := range level {
			for _, to := range next.of(lot) {
				if sites.has(numbers.sites[to]) && seen.add(to) {
					found = append(found, to)
				}
			}
		}
		if len(found) > from {
			levels = append(levels, len(found))
		}
	}
	seen.giveBack(found)
	ids := make([]uuid.UUID, 0, len(found)+len(levels))
	from := 0
	for _, end := range levels {
		for _, lot := range found[from:end] {
			ids = append(ids, numbers.ids[lot])
		}
		ids = append(ids, uuid.Nil)
		from = end
	}
	return ids
}

// Below finds all that was made of lots, these too: the numbers that lots have in the database, and their sites. ok is false where it doesn't know
// one of these lots, or no numbers yet.
func (v View) Below(roots []uuid.UUID) (numbers []uint32, sites []int32, ok bool) {
	if v.index == nil || len(v.index.numbers.rows) == 0 {
		return nil, nil, false
	}
	known := v.index.numbers
	visible := newSiteSet(v.sites)
	seen := takeSet(len(known.ids))
	var found []uint32
	defer func() { seen.giveBack(found) }()
	for _, root := range roots {
		lot, is := known.find(root)
		if !is || !visible.has(known.sites[lot]) {
			return nil, nil, false
		}
		if seen.add(lot) {
			found = append(found, lot)
		}
	}
	for from := 0; from < len(found); from++ {
		for _, to := range v.index.children.of(found[from]) {
			if visible.has(known.sites[to]) && seen.add(to) {
				found = append(found, to)
			}
		}
	}
	numbers, sites = make([]uint32, len(found)), make([]int32, len(found))
	for i, lot := range found {
		numbers[i], sites[i] = known.rows[lot], known.sites[lot]
	}
	return numbers, sites, true
}

// siteSet is a set of sites, by number.
type siteSet []bool

func newSiteSet(sites []int32) siteSet {
	var most int32
	for _, site := range sites {
		most = max(most, site)
	}
	s := make(siteSet, most+1)
	for _, site := range sites {
		s[site] = true
	}
	return s
}

func (s siteSet) has(site int32) bool { return int(site) < len(s) && s[site] }

// set is a set of lots, a bit each: of 10,000,000 lots 1.25 MB, which walks take in turn.
type set []uint64

var sets sync.Pool // of *set, all of whose bits are 0

// takeSet is an empty set for so many lots.
func takeSet(lots int) *set {
	words := (lots + bits.UintSize - 1) / bits.UintSize
	if s, ok := sets.Get().(*set); ok && len(*s) >= words {
		return s
	}
	s := make(set, words+words/8) // lots come
	return &s
}

// add reports whether the lot wasn't in the set.
func (s *set) add(lot uint32) bool {
	word, bit := lot/64, uint64(1)<<(lot%64)
	if (*s)[word]&bit != 0 {
		return false
	}
	(*s)[word] |= bit
	return true
}

// giveBack empties the set, of which members are all.
func (s *set) giveBack(members []uint32) {
	for _, lot := range members {
		(*s)[lot/64] = 0
	}
	sets.Put(s)
}

// with is the index of a later instant, in which the links of some lots may have changed: all of these lots' links in either direction,
// as they are now.
func (x *Index) with(at Instant, lots []uuid.UUID, ofChildren, ofParents []db.LotGenealogy) *Index {
	next := &Index{at: at, numbers: x.numbers}
	parents, children := map[uint32][]uint32{}, map[uint32][]uint32{}
	for _, id := range lots {
		if lot, ok := x.numbers.find(id); ok { // it may have lost its last link
			parents[lot], children[lot] = nil, nil
		}
	}
	for _, l := range ofChildren {
		child, parent := next.ends(l)
		parents[child] = append(parents[child], parent)
	}
	for _, l := range ofParents {
		child, parent := next.ends(l)
		children[parent] = append(children[parent], child)
	}
	next.parents = x.parents.with(len(next.numbers.ids), parents)
	next.children = x.children.with(len(next.numbers.ids), children)
	return next
}

func (x *Index) ends(l db.LotGenealogy) (child, parent uint32) {
	return x.numbers.number(l.ChildID, l.SiteID), x.numbers.number(l.ParentID, l.ParentSiteID)
}
