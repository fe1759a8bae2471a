package demo

import (
	"time"

	"flowviz/db"
)

// assemble is the second day of a run: trays are filled, sealed, detected and sampled.
func (p *readyMeal) assemble(d day, m *meals) {
	r := m.run
	sealer, detector := p.patrol(r, "8", "TS1"), p.patrol(r, "9", "MD1")
	detector.miss = d == lateCheck && p.code == "TISZ"
	at := p.about(d, 7, 20)
	var over []draw
	for i, dish := range p.dishesOf(r.day) {
		main, mash := m.dishes[i], m.mash[i]
		side := min(mash.left, main.left*36/64)
		in := []draw{{main, main.left}, {mash, side}}
		filled := total(in) - p.share(total(in), 6, 3)
		in = append(in, p.stores.of(p.menu.tray).draw(pieces(filled), at)...)
		tray := p.lotOf("TRAY", filled).state("CHILLED").sku(dish.sku).celsius(p.around(420, 50))
		p.make(db.TransformationKindPROCESS, r, 7, at, in, tray)
		at = p.seal(m, tray, tray.registered.Add(p.minutes(35, 5)), sealer, detector)
		over = append(over, all(mash)...)
	}
	sealer.after(at)
	detector.after(at.Add(time.Minute))
	p.reuse(d, r, over, at.Add(p.minutes(25, 5)))
	for i := 0; i < len(m.packs); i += 2 { // one of each dish
		s := p.about(d, 13, 40+6*i)
		p.sample(r, 10, later(s, m.packs[i].registered.Add(time.Hour)), m.packs[i], 5*packed)
	}
	m.sealed, m.due = d, d+2
	for m.due.rests() {
		m.due++
	}
}

// pieces is how many trays an amount fills.
func pieces(grams int64) int64 { return (grams + packed - 1) / packed }

// seal closes and codes the trays of one dish in two lots, and returns when the last one passed.
func (p *readyMeal) seal(m *meals, tray *lot, at time.Time, sealer, detector *patrol) time.Time {
	parts := []int64{tray.left / packed / 2 * packed, 0}
	parts[1] = (tray.left - parts[0]) / packed * packed
	for _, amount := range parts {
		at = later(sealer.before(at, tray.SKU), detector.before(at.Add(time.Minute), tray.SKU))
		in := append([]draw{{tray, amount}}, p.stores.of(p.menu.sleeve).draw(amount/packed, at)...)
		fg := p.lotOf("FG", amount).state("CHILLED").celsius(p.around(400, 50))
		made := p.make(db.TransformationKindPROCESS, m.run, 8, at, in, fg)
		m.packs = append(m.packs, fg)
		at = made.occurred.Add(p.minutes(48, 6))
	}
	p.waste(m.run, 8, at.Add(-20*time.Minute), all(tray))
	return at.Add(-30 * time.Minute)
}

// reuse keeps surplus mash for the next day's kettle, of which it may be 5 % at most; the rest is waste.
func (p *readyMeal) reuse(d day, r *run, over []draw, at time.Time) {
	const most = 8_000
	var in []draw
	left := int64(most)
	for _, o := range over {
		if part := min(o.amount, left); part > 0 && d.next() == d+1 {
			in = append(in, draw{o.lot, part})
			left -= part
		}
	}
	if len(in) > 0 {
		p.surplus = p.lotOf("REWORK", total(in)).state("CHILLED").celsius(p.around(390, 50))
		p.make(db.TransformationKindREWORK, r, 7, at, in, p.surplus)
	}
	for _, o := range over {
		if o.lot.left > 0 {
			p.waste(r, 7, at.Add(10*time.Minute), all(o.lot))
		}
	}
}

// results come from the laboratory about two days after the samples: in the morning, or on Saturdays before noon.
func (p *readyMeal) results(d day, m *meals) {
	m.tested = true
	at := p.about(d, 10, 20)
	if d == m.sealed+2 && !d.short() {
		at = p.about(d, 14, 10) // the incubation takes 48 hours
	}
	if m.run.day == listeriaDay && p.code == "TISZ" {
		p.listeria(d, m, at)
		return
	}
	for _, pack := range m.packs {
		p.decide(pack, "10", at, finding{})
		at = at.Add(p.minutes(3, 1))
	}
	if at.After(p.at(d, 12, 0)) {
		m.due = d.next()
	}
}

// dispatch puts released packs on pallets, one SKU each, and ships them.
func (p *readyMeal) dispatch(d day, m *meals) {
	at := p.about(d, 9, 10)
	if d.short() {
		at = p.about(d, 8, 30)
	}
	var pallets []*lot
	for i := 0; i < len(m.packs); i += 2 {
		pal := p.pallet(m.run, 11, at, all(m.packs[i:i+2]...))
		pallets = append(pallets, pal)
		at = pal.registered.Add(p.minutes(12, 4))
	}
	hour := 14
	if d.short() {
		hour = 11
	}
	gone := p.ship(shipment{
		run: m.run, phase: 11, gate: "11", pallets: pallets, customer: p.menu.customers[int(d)%len(p.menu.customers)], load: p.about(d, hour, 5),
	})
	m.run.complete(gone.Add(p.minutes(20, 6)))
	m.gone = true
}
