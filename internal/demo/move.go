package demo

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
)

// move is one transformation: input lots become output lots.
type move struct {
	id                 uuid.UUID
	line               *line
	kind               db.TransformationKind
	run                *run // nil for what leaves the plant beside its runs
	phase              int
	partner            *partner
	occurred, recorded time.Time
	in, out            []draw
	voided             time.Time // zero while it is in force
	voidReason         string
	replacedBy         *move
}

// draw is an amount of a lot: grams or pieces.
type draw struct {
	lot    *lot
	amount int64
}

// all is what is left of lots.
func all(lots ...*lot) []draw {
	draws := make([]draw, len(lots))
	for i, l := range lots {
		draws[i] = draw{l, l.left}
	}
	return draws
}

func total(draws []draw) int64 {
	var sum int64
	for _, d := range draws {
		if !d.lot.counted() {
			sum += d.amount
		}
	}
	return sum
}

// done records a move at its time, or as soon as its inputs may be used: the crew waits for the PASS.
func (l *line) done(m *move, out ...*lot) *move {
	m.line = l
	for _, d := range m.in {
		m.occurred = later(m.occurred, d.lot.usable(m.kind, m.occurred))
	}
	m.recorded = m.occurred.Add(l.seconds(20, 150))
	for _, d := range m.in {
		if d.lot.left -= d.amount; d.lot.left < 0 || d.amount <= 0 {
			panic(fmt.Sprintf("demo: %s draws %d of a %s, %d left", m.kind, d.amount, d.lot.kind.Code, d.lot.left+d.amount))
		}
	}
	if m.kind != db.TransformationKindRECEIVE {
		l.inherit(m, out)
	}
	for _, o := range out {
		l.born(o, m)
	}
	l.h.moves = append(l.h.moves, m)
	return m
}

func (l *line) born(o *lot, m *move) {
	o.run, o.phase, o.made, o.occurred, o.registered = m.run, m.phase, m, m.occurred, m.recorded
	m.out = append(m.out, draw{o, o.amount})
	for _, d := range m.in {
		d.lot.children = append(d.lot.children, o)
		o.stops = append(o.stops, d.lot.stops...)
	}
	l.h.lots = append(l.h.lots, o)
}

// make turns inputs into outputs in a phase.
func (l *line) make(kind db.TransformationKind, r *run, phase int, at time.Time, in []draw, out ...*lot) *move {
	return l.done(&move{kind: kind, run: r, phase: phase, occurred: at, in: in}, out...)
}

// waste puts what is drawn into a bin; nothing happens where that is nothing.
func (l *line) waste(r *run, phase int, at time.Time, in []draw) {
	if total(in) > 0 {
		l.make(db.TransformationKindWASTE, r, phase, at, in, l.lotOf("WASTE", total(in)))
	}
}

// collect has the bins emptied, on Tuesdays and Fridays. Waste may always be taken, also what was rejected.
func (l *line) collect(d day) {
	if w := d.weekday(); w != time.Tuesday && w != time.Friday {
		return
	}
	at := l.about(d, 15, 20)
	for _, bin := range l.h.lots {
		if bin.line == l && bin.kind.Code == "WASTE" && bin.left > 0 && bin.registered.Before(at) {
			l.done(&move{kind: db.TransformationKindWASTE, partner: l.partner("by-products"), occurred: at, in: all(bin)})
		}
	}
}

// sample takes grams of a lot to the laboratory, which uses them up within a day.
func (l *line) sample(r *run, phase int, at time.Time, of *lot, grams int64) {
	s := l.lotOf("SAMPLE", grams)
	s.SKU = of.SKU
	if of.temperature != nil {
		s.celsius(*of.temperature)
	}
	l.make(db.TransformationKindSAMPLE, r, phase, at, []draw{{of, grams}}, s)
	l.done(&move{
		kind: db.TransformationKindSAMPLE, partner: l.partner("laboratory"), occurred: s.registered.Add(l.minutes(20*60, 4*60)), in: all(s),
	})
}

// pallet packs finished goods of one SKU under an SSCC.
func (l *line) pallet(r *run, phase int, at time.Time, in []draw) *lot {
	p := l.lotOf("PAL", total(in)).state(in[0].lot.State)
	if t := in[0].lot.temperature; t != nil {
		p.celsius(l.around(*t, 30))
	}
	p.sscc = l.nextSSCC()
	l.make(db.TransformationKindPACK, r, phase, at, in, p)
	return p
}

// shipment is pallets on their way to a customer.
type shipment struct {
	run      *run
	phase    int
	customer string
	pallets  []*lot
	load     time.Time
	gate     string // of dispatch
}

// ship loads pallets, checks the load and lets it go; it returns when the lorry left.
func (l *line) ship(s shipment) time.Time {
	load := l.lotOf("SHIP", total(all(s.pallets...)))
	l.make(db.TransformationKindPACK, s.run, s.phase, s.load, all(s.pallets...), load)
	l.pass(load, s.gate)
	gone := l.done(&move{
		kind: db.TransformationKindSHIP, run: s.run, phase: s.phase, partner: l.partner(s.customer),
		occurred: load.registered.Add(l.minutes(24, 6)), in: all(load),
	})
	return gone.recorded
}
