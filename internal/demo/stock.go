package demo

import (
	"fmt"
	"strconv"
	"time"

	"flowviz/db"
)

// goods are what a line buys of one kind from one supplier.
type goods struct {
	kind, description        string
	species, category, state string
	allergens                []string
	supplier                 string // key of the partner
	keeps                    int    // days from delivery to the best-before date; 0 where there is none
	delivery                 int64  // grams or pieces a time
	low                      int64  // when less is left, more is ordered
}

// stock is what lies in a store of one kind, the oldest first.
type stock struct{ lots []*lot }

func (s *stock) put(lots ...*lot) { s.lots = append(s.lots, lots...) }

func (s *stock) left() int64 {
	var sum int64
	for _, l := range s.lots {
		sum += l.left
	}
	return sum
}

// stores are the stocks of a line, by what lies there.
type stores map[string]*stock

func (s stores) of(g goods) *stock {
	if s[g.description] == nil {
		s[g.description] = &stock{}
	}
	return s[g.description]
}

// draw takes an amount, from several lots where one is not enough; lots that somebody stopped, or that expire, stay.
func (s *stock) draw(amount int64, at time.Time) []draw {
	var out []draw
	for _, l := range s.lots {
		if l.left == 0 || l.expired(at) || l.stopped(at) {
			continue
		}
		part := min(amount, l.left)
		out = append(out, draw{l, part})
		if amount -= part; amount == 0 {
			return out
		}
	}
	panic(fmt.Sprintf("demo: the stock lacks %d", amount))
}

func (l *lot) expired(at time.Time) bool { return l.BestBefore != nil && !at.Before(*l.BestBefore) }

func (l *lot) stopped(at time.Time) bool {
	for _, s := range l.stops {
		if s.stops(at) {
			return true
		}
	}
	return false
}

// receive takes in a delivery of goods, in one lot for each amount.
func (l *line) receive(r *run, at time.Time, g goods, amounts ...int64) []*lot {
	supplier := l.partner(g.supplier)
	lots := make([]*lot, len(amounts))
	for i, amount := range amounts {
		in := l.lotOf(g.kind, amount)
		in.attributes = attributes{
			Species: g.species, Category: g.category, State: g.state, Description: g.description, Allergens: g.allergens,
			SupplierLotCode: l.supplierLot(at),
		}
		in.supplier = supplier
		if g.keeps > 0 {
			best := l.bestBefore(at, g.keeps+l.IntN(3))
			in.BestBefore = &best
		}
		lots[i] = in
	}
	l.done(&move{kind: db.TransformationKindRECEIVE, run: r, phase: 1, partner: supplier, occurred: at}, lots...)
	return lots
}

// supplierLot is how a supplier numbers what it delivers: the day of the year before, and a number of its own.
func (l *line) supplierLot(at time.Time) string {
	return "L" + strconv.Itoa(600+at.YearDay()) + "-" + strconv.Itoa(1000+l.IntN(9000))
}

// restock orders goods that run low, has them checked at a gate and puts them into a store.
func (l *line) restock(r *run, at time.Time, gate string, s *stock, g goods) {
	if s.left() >= g.low {
		return
	}
	for _, in := range l.receive(r, at, g, g.delivery) {
		l.pass(in, gate)
		s.put(in)
	}
}
