package recall

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/trace/index"
)

const (
	// pageNumbers lots share a page of bits: 4 KB.
	pageNumbers = 32_768
	// fewLots are looked up one by one, as are those of which 20 times as many are there: it takes some 10 µs a lot, and to look at the bit of a
	// lot that is there 0.2.
	fewLots, fewPart = 2_000, 20
	// walks are tried before a recall gives up whose lots are worked on all the time: each takes as long as the last, in which nobody waits for it.
	walks = 5
	// mostChanged transformations since the walk are looked at (200 in RecallFigures), from where on it is taken for outdated.
	mostChanged = 200
)

// reach is a recall's lots, by their numbers: the suspects and all that was made of them, as one snapshot saw it.
type reach struct {
	at    index.Instant
	pages map[page][]byte // a bit each
	few   []int64         // nil where they are many
	bits  []byte          // all pages, where they are many
}

type page struct{ number, site int32 }

func newReach(at index.Instant, numbers []uint32, sites []int32) *reach {
	r := &reach{at: at, pages: map[page][]byte{}}
	most := uint32(0)
	for i, number := range numbers {
		of := page{int32(number / pageNumbers), sites[i]}
		bits := r.pages[of]
		if bits == nil {
			bits = make([]byte, pageNumbers/8)
			r.pages[of] = bits
		}
		setBit(bits, number%pageNumbers)
		most = max(most, number)
	}
	if len(numbers) <= fewLots || fewPart*len(numbers) <= int(most) {
		r.few = make([]int64, len(numbers))
		for i, number := range numbers {
			r.few[i] = int64(number)
		}
		return r
	}
	r.bits = make([]byte, most/8+1)
	for _, number := range numbers {
		setBit(r.bits, number)
	}
	return r
}

// setBit sets the bit that PostgreSQL's get_bit reads.
func setBit(bits []byte, n uint32) { bits[n/8] |= 1 << (n % 8) }

// has reports whether a lot is in it.
func (r *reach) has(number int64) bool {
	for of, bits := range r.pages {
		if int64(of.number) == number/pageNumbers && bits[number%pageNumbers/8]&(1<<(number%8)) != 0 {
			return true
		}
	}
	return false
}

// insert writes the lots of a report.
func (r *reach) insert(ctx context.Context, q *db.Queries, report uuid.UUID) error {
	p := db.InsertReportLotsParams{ReportID: report}
	for _, of := range slices.SortedFunc(maps.Keys(r.pages), func(a, b page) int { return slices.Compare([]int32{a.number, a.site}, []int32{b.number, b.site}) }) {
		p.Pages, p.SiteIds, p.Bits = append(p.Pages, of.number), append(p.SiteIds, of.site), append(p.Bits, r.pages[of])
	}
	return q.InsertReportLots(ctx, p)
}

// search looks for lots, at a recall's site and at all that received from it.
type search struct {
	q         *db.Queries
	genealogy *index.Keeper // nil for none
	site      int32
	suspects  []uuid.UUID
}

// run finds the lots, and where they are.
func (s *search) run(ctx context.Context) (*reach, []db.RecallFiguresRow, error) {
	sites, err := s.q.SeeSitesBelow(ctx, []int32{s.site})
	if err != nil {
		return nil, nil, err
	}
	if err := db.Later(s.q).PlanAnew(ctx); err != nil {
		return nil, nil, err
	}
	r := s.inMemory(sites)
	for range walks {
		if r == nil {
			if r, err = s.walk(ctx); err != nil {
				return nil, nil, err
			}
		}
		figures, err := s.q.RecallFigures(ctx, db.RecallFiguresParams{KnownAt: r.at.At, KnownIn: r.at.In, Numbers: r.few, Bits: r.bits})
		if err != nil || r.holds(figures) {
			return r, figures, err
		}
		r = nil
	}
	return nil, nil, fault.New(fault.Limit, "", "more is made of these lots all the time: try again")
}

// inMemory finds what was made of the lots where the genealogy is in memory; nil where it isn't.
func (s *search) inMemory(sites []int32) *reach {
	if s.genealogy == nil {
		return nil
	}
	view := s.genealogy.View(sites)
	numbers, of, ok := view.Below(s.suspects)
	if !ok {
		return nil
	}
	return newReach(view.Instant(), numbers, of)
}

// walk finds it in SQL.
func (s *search) walk(ctx context.Context) (*reach, error) {
	found, err := s.q.LotsBelow(ctx, db.LotsBelowParams{RootIds: s.suspects, SiteID: s.site})
	if err != nil {
		return nil, err
	}
	numbers := make([]uint32, len(found.Numbers))
	for i, number := range found.Numbers {
		numbers[i] = uint32(number)
	}
	return newReach(index.Instant{At: found.At, In: found.Store}, numbers, found.SiteIds), nil
}

// holds reports whether nothing more was made of the lots when their figures were read.
func (r *reach) holds(figures []db.RecallFiguresRow) bool {
	return !slices.ContainsFunc(figures, func(f db.RecallFiguresRow) bool {
		return f.What == "KNOWN" && f.Lots >= mostChanged || f.What == "CHANGED" && r.has(f.Lots)
	})
}
