// Package index keeps the genealogy of all lots in memory, beside SQL: compact numbers for lots and arrays of their parents and
// children, in which a walk over 7,000 lots takes about a millisecond, against 20 in PostgreSQL.
//
// An Index never changes. It holds the links of one snapshot of the database, and says of which: whoever reads with it asks the
// database, in the snapshot of its own reading and so at the very instant of the reader, which lots an index of that snapshot can't know
// (GenealogyChanges in queries/trace.sql), and walks in SQL where one of these is among those found. So an index is never older than
// what the reader sees, however far it is behind, and none at all is only slower. Beside a lot's links it knows what of it as a rule
// never changes (facts), and no less surely: what a lot is called and weighs, but not whether it may be used, which only SQL tells.
package index

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/google/uuid"

	"flowviz/db"
)

// Index is the genealogy as one snapshot of the database has it.
type Index struct {
	at                Instant
	numbers           numbers
	parents, children adjacency
	facts             facts // of none while they aren't read yet
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

// Lot is a lot that was found in an index.
type Lot struct {
	ID    uuid.UUID
	place uint32 // its number in the index, or nowhere
}

// nowhere is the place of a lot that the index doesn't know.
const nowhere = math.MaxUint32

// Walk are lots, nearest first: by their depth, the steps on the shortest way to them, and then by id.
type Walk struct {
	Lots []Lot // the lot where it begins is the first
	Ends []int // by depth, where its lots end
}

// Ancestors finds what a lot was made of within so many steps. A lot that the index doesn't know has no links in it.
func (v View) Ancestors(root uuid.UUID, maxDepth int32) Walk {
	return v.walk(root, v.index.parents, maxDepth)
}

// Descendants finds what was made of a lot, as Ancestors does.
func (v View) Descendants(root uuid.UUID, maxDepth int32) Walk {
	return v.walk(root, v.index.children, maxDepth)
}

func (v View) walk(root uuid.UUID, next adjacency, maxDepth int32) Walk {
	numbers := v.index.numbers
	sites := newSiteSet(v.sites)
	start, ok := numbers.find(root)
	if !ok || !sites.has(numbers.sites[start]) {
		return Walk{[]Lot{{root, nowhere}}, []int{1}}
	}
	seen := takeSet(len(numbers.ids))
	found := []uint32{start}
	seen.add(start)
	w := Walk{Ends: []int{1}}
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
			w.Ends = append(w.Ends, len(found))
		}
	}
	seen.giveBack(found)
	w.Lots = make([]Lot, len(found))
	for i, lot := range found {
		w.Lots[i] = Lot{numbers.ids[lot], lot}
	}
	for depth := 1; depth < len(w.Ends); depth++ {
		slices.SortFunc(w.Lots[w.Ends[depth-1]:w.Ends[depth]], byID)
	}
	return w
}

// byID compares as bytes.Compare does, in half the time.
func byID(a, b Lot) int {
	if c := cmp.Compare(binary.BigEndian.Uint64(a.ID[:8]), binary.BigEndian.Uint64(b.ID[:8])); c != 0 {
		return c
	}
	return cmp.Compare(binary.BigEndian.Uint64(a.ID[8:]), binary.BigEndian.Uint64(b.ID[8:]))
}

// ParentLinks are the links to their parents of the first so many lots of a walk to ancestors, lot by lot, to parents that the walk found. They don't
// say by which transformation, and are there twice where it was two.
func (v View) ParentLinks(w Walk, lots int) []db.LotGenealogy {
	links := make([]db.LotGenealogy, 0, 2*lots)
	v.eachLink(w, lots, v.index.parents, func(from, to Lot) {
		links = append(links, db.LotGenealogy{ChildID: from.ID, ParentID: to.ID, SiteID: v.siteOf(from), ParentSiteID: v.siteOf(to)})
	})
	return links
}

// ChildLinks are the links to children of a walk to descendants, as ParentLinks.
func (v View) ChildLinks(w Walk, lots int) []db.LotGenealogy {
	links := make([]db.LotGenealogy, 0, 2*lots)
	v.eachLink(w, lots, v.index.children, func(from, to Lot) {
		links = append(links, db.LotGenealogy{ChildID: to.ID, ParentID: from.ID, SiteID: v.siteOf(to), ParentSiteID: v.siteOf(from)})
	})
	return links
}

func (v View) siteOf(lot Lot) int32 { return v.index.numbers.sites[lot.place] }

func (v View) eachLink(w Walk, lots int, next adjacency, each func(from, to Lot)) {
	if w.Lots[0].place == nowhere {
		return
	}
	places := make([]uint32, len(w.Lots))
	found := takeSet(len(v.index.numbers.ids))
	for i, lot := range w.Lots {
		places[i] = lot.place
		found.add(lot.place)
	}
	var ends []Lot
	for _, from := range w.Lots[:lots] {
		ends = ends[:0]
		for _, to := range next.of(from.place) {
			if found.has(to) {
				ends = append(ends, Lot{v.index.numbers.ids[to], to})
			}
		}
		slices.SortFunc(ends, byID)
		for _, to := range ends {
			each(from, to)
		}
	}
	found.giveBack(places)
}

// Below finds all that was made of lots, these too: the numbers that lots have in the database, and their sites. ok is false where it doesn't know
// one of these lots, or no numbers yet.
func (v View) Below(roots []uuid.UUID) (numbers []uint32, sites []int32, ok bool) {
	if !v.HasFacts() {
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
		record, _ := v.index.facts.of(lot)
		numbers[i], sites[i] = record.number, known.sites[lot]
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

func (s *set) has(lot uint32) bool { return (*s)[lot/64]&(1<<(lot%64)) != 0 }

// giveBack empties the set, of which members are all.
func (s *set) giveBack(members []uint32) {
	for _, lot := range members {
		(*s)[lot/64] = 0
	}
	sets.Put(s)
}

// with is the index of a later instant, in which some lots may be made of others: links are all of theirs to their parents, as they are now. What is
// made of a parent is told by these, and isn't read: a lot of which 1,000 are made was read 1,000 times.
func (x *Index) with(at Instant, remade []uuid.UUID, links []db.LotGenealogy) *Index {
	next := &Index{at: at, numbers: x.numbers, facts: x.facts}
	parents, children := map[uint32][]uint32{}, map[uint32][]uint32{}
	for _, id := range remade {
		if lot, ok := x.numbers.find(id); ok { // it may have lost its last link
			parents[lot] = nil
		}
	}
	isRemade := func(lot uint32) bool { _, ok := parents[lot]; return ok }
	for lot := range parents {
		for _, parent := range x.parents.of(lot) {
			if _, ok := children[parent]; !ok {
				children[parent] = slices.DeleteFunc(slices.Clone(x.children.of(parent)), isRemade)
			}
		}
	}
	for _, l := range links {
		child, parent := next.ends(l)
		if _, ok := children[parent]; !ok {
			children[parent] = slices.Clone(x.children.of(parent))
		}
		parents[child], children[parent] = append(parents[child], parent), append(children[parent], child)
	}
	next.parents = x.parents.with(len(next.numbers.ids), parents)
	next.children = x.children.with(len(next.numbers.ids), children)
	return next
}

func (x *Index) ends(l db.LotGenealogy) (child, parent uint32) {
	return x.numbers.number(l.ChildID, l.SiteID), x.numbers.number(l.ParentID, l.ParentSiteID)
}
