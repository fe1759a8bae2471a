package index

import (
	"errors"
	"math"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
)

// facts are what an index knows of its lots besides their links: see db.LotFacts.
type facts struct {
	pages []*factPage
	// types are the codes of lot types, by their numbers in records. Those of older indexes share the memory of newer ones, which only add to it.
	types [][]byte
}

// factPage is of pageLots lots. It never changes.
type factPage struct {
	texts   []byte // the codes; one piece of memory of all pages that were filled together. First, so that a collection looks no further
	records [pageLots]record
}

// record is of one lot: half a cache line.
type record struct {
	occurred int64  // microseconds since the Unix epoch
	grams    int64  // or unknownGrams
	number   uint32 // in the database
	code     uint32 // where its code begins in the page's texts
	lotType  uint32
	length   uint16 // of the code: 1,000 characters are 4,000 bytes at most
	centiC   int16  // or unknownCentiC
}

const (
	unknownGrams  = -1
	unknownCentiC = math.MinInt16
	oddType       = math.MaxUint32 // of a lot that no record can hold: its row says NaN
)

// of is a lot's record, and its code.
func (f *facts) of(lot uint32) (*record, []byte) {
	p := f.pages[lot/pageLots]
	r := &p.records[lot%pageLots]
	return r, p.texts[r.code : r.code+uint32(r.length)]
}

// knows reports whether there are facts of all of so many lots.
func (f *facts) knows(lots int) bool { return len(f.pages)*pageLots >= lots }

// types are the numbers of lot types. Only who keeps an index has them.
type types map[uuid.UUID]uint32

// numberOf is a type's number.
func (t types) numberOf(id uuid.UUID) (uint32, error) {
	if number, ok := t[id]; ok {
		return number, nil
	}
	return 0, errUnknownType
}

var (
	errUnknownType = errors.New("a lot is of a type that isn't there")
	errManyCodes   = errors.New("the codes of all lots take more than 4 GB")
	errManyLots    = errors.New("a lot's number is above 4,294,967,295")
)

// newRecord is a lot's record, with its code behind texts.
func newRecord(f db.LotFacts, lotType uint32, texts []byte) (r record, longer []byte, err error) {
	switch {
	case len(texts)+len(f.Code) > math.MaxUint32:
		return r, nil, errManyCodes
	case f.Number > math.MaxUint32:
		return r, nil, errManyLots
	}
	if f.Odd {
		lotType = oddType
	}
	r = record{
		occurred: f.OccurredAt.UnixMicro(), grams: unknownGrams, centiC: unknownCentiC, number: uint32(f.Number),
		code: uint32(len(texts)), length: uint16(len(f.Code)), lotType: lotType,
	}
	if f.HasWeight {
		r.grams = f.Grams
	}
	if f.HasTemp {
		r.centiC = f.CentiC
	}
	return r, append(texts, f.Code...), nil
}

// learning reads facts of lots that an index has.
type learning struct {
	of    *Index
	types types
	texts []byte // their codes
	keep  func(lot uint32, r record)
}

// add notes a lot's; of one that has no links nothing is known.
func (l *learning) add(of db.LotFacts) error {
	lot, ok := l.of.numbers.find(of.ID)
	if !ok {
		return nil
	}
	lotType, err := l.types.numberOf(of.LotTypeID)
	if err != nil {
		return err
	}
	r, texts, err := newRecord(of, lotType, l.texts)
	if err != nil {
		return err
	}
	l.texts = texts
	l.keep(lot, r)
	return nil
}

// codeBytes is the room for a code: where they take more, it grows.
const codeBytes = 24

// filling learns of all lots.
type filling struct {
	learning

	pages []*factPage
}

func newFilling(of *Index, t types) *filling {
	lots := len(of.numbers.ids)
	f := &filling{pages: make([]*factPage, (lots+pageLots-1)/pageLots)}
	for i := range f.pages {
		f.pages[i] = &factPage{}
	}
	f.learning = learning{of, t, make([]byte, 0, codeBytes*lots), func(lot uint32, r record) { f.pages[lot/pageLots].records[lot%pageLots] = r }}
	return f
}

func (f *filling) done() []*factPage {
	for _, p := range f.pages {
		p.texts = f.texts
	}
	return f.pages
}

// changing learns of some lots, which come to those that the index knows, or are other than it knows them.
type changing struct {
	learning

	lots map[uint32]record
}

func newChanging(of *Index, t types) *changing {
	c := &changing{lots: map[uint32]record{}}
	c.learning = learning{of, t, nil, func(lot uint32, r record) { c.lots[lot] = r }}
	return c
}

// pages are those of the index with what has changed; they share what hasn't.
func (c *changing) pages() []*factPage {
	next := make([]*factPage, (len(c.of.numbers.ids)+pageLots-1)/pageLots)
	copy(next, c.of.facts.pages)
	changed := map[uint32]bool{}
	for lot := range c.lots {
		changed[lot/pageLots] = true
	}
	for at := range changed {
		next[at] = c.page(next[at], at*pageLots)
	}
	return next
}

// page is one, of lots from first on, with what has changed.
func (c *changing) page(old *factPage, first uint32) *factPage {
	of := func(i int) (r record, texts []byte) {
		if changed, ok := c.lots[first+uint32(i)]; ok {
			return changed, c.texts
		}
		if old == nil {
			return record{}, nil
		}
		return old.records[i], old.texts
	}
	room := 0
	for i := range pageLots {
		r, _ := of(i)
		room += int(r.length)
	}
	next := &factPage{texts: make([]byte, 0, room)}
	for i := range next.records {
		r, texts := of(i)
		code := texts[r.code : r.code+uint32(r.length)]
		r.code = uint32(len(next.texts))
		next.records[i], next.texts = r, append(next.texts, code...)
	}
	return next
}

// HasFacts reports whether Rows knows the lots of the index.
func (v View) HasFacts() bool { return v.index != nil && v.index.facts.knows(len(v.index.numbers.ids)) }

// Rows are the rows of lots, but for their statuses and holds: these are nobody's but SQL's to tell. ok is false where not all are known.
func (v View) Rows(lots []Lot) (rows []db.LotRow, ok bool) {
	if !v.HasFacts() {
		return nil, false
	}
	x := v.index
	rows = make([]db.LotRow, len(lots))
	for i, l := range lots {
		if l.place == nowhere {
			return nil, false
		}
		r, code := x.facts.of(l.place)
		if r.lotType == oddType {
			return nil, false
		}
		row := &rows[i]
		row.ID, row.SiteID, row.Code, row.LotType = l.ID, x.numbers.sites[l.place], code, x.facts.types[r.lotType]
		row.OccurredAt = time.UnixMicro(r.occurred)
		if row.HasWeight = r.grams != unknownGrams; row.HasWeight {
			row.WeightKg = quantity.Grams(r.grams)
		}
		if row.HasTemp = r.centiC != unknownCentiC; row.HasTemp {
			row.TemperatureC = quantity.New(int64(r.centiC), 2)
		}
	}
	return rows, true
}
