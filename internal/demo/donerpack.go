package demo

import (
	"slices"
	"time"

	"flowviz/db"
)

// pack is the second half of a run: frozen rods are packed, put on pallets and shipped.
func (p *doner) pack(d day, batch *rods) {
	r := batch.run
	frozen := p.freeze(d, batch)
	goods := p.wrap(d, r, frozen)
	end := goods[len(goods)-1].registered

	var pallets []*lot
	at := end.Add(p.minutes(25, 6))
	for _, group := range p.stacks(d, goods) {
		pal := p.pallet(r, 9, at, all(group...))
		p.pass(pal, "9")
		pallets = append(pallets, pal)
		at = pal.registered.Add(p.minutes(9, 3))
	}
	gone := p.dispatch(d, r, pallets)
	if d == metalDay {
		p.detectorFailed(r, goods)
		return
	}
	r.complete(gone.Add(p.minutes(18, 6)))
}

// freeze is what the freezers did over night, 30 kg in one and 15 kg in the other. In the morning each rod is probed.
func (p *doner) freeze(d day, batch *rods) []*lot {
	var out [2][]*lot
	for size, code := range []string{"SKW30", "SKW15"} {
		at, probed := p.about(d, 6, 35+12*size), time.Time{}
		if d != batch.run.day+1 { // nobody takes them out on a Sunday
			at, probed = p.about(batch.run.day+1, 2, 10+12*size), p.about(d, 6, 30+12*size)
		}
		for _, rod := range batch.lots {
			if rod.kind.Code != code {
				continue
			}
			frz := p.lotOf("FRZ"+code[3:], rod.left-p.share(rod.left, 4, 2)).state("FROZEN").device()
			p.make(db.TransformationKindPROCESS, batch.run, 7, at, all(rod), frz)
			freezer := finding{equipment: []string{"FRZ1", "FRZ2"}[size]}
			if d == softDay && size == 0 && len(out[0]) < 2 {
				p.notFrozenYet(frz, freezer)
			} else {
				p.decide(frz, "7", later(frz.registered, probed).Add(p.minutes(7, 4)), freezer)
			}
			out[size] = append(out[size], frz)
			at = at.Add(p.seconds(40, 80))
		}
	}
	return append(out[0], out[1]...)
}

// wrap packs and labels rods one after the other; the metal detector is checked at the start, hourly, between the two sizes
// and at the end. Rods that must stay in the freezer longer come last.
func (p *doner) wrap(d day, r *run, frozen []*lot) []*lot {
	detector := p.patrol(r, "8.5", "MD1")
	var out, waiting []*lot
	at := p.at(d, 7, 50).Add(p.minutes(0, 6))
	wrap := func(frz *lot) {
		at = detector.before(later(at, frz.usable(db.TransformationKindPACK, at)), frz.SKU)
		in := append(all(frz), p.stores.of(sleeve).draw(1, at)...)
		fg := p.lotOf("FG"+frz.kind.Code[3:], frz.left).state("FROZEN").celsius(p.around(-1890, 40))
		made := p.make(db.TransformationKindPACK, r, 8, at, in, fg)
		p.pass(fg, "8")
		out = append(out, fg)
		at = made.occurred.Add(p.seconds(120, 230))
	}
	for _, frz := range frozen {
		if frz.held() != nil {
			waiting = append(waiting, frz)
			continue
		}
		wrap(frz)
	}
	for _, frz := range waiting {
		wrap(frz)
	}
	detector.after(at)
	return out
}

// stacks are the rods of each pallet: one SKU, eight of 30 kg or ten of 15 kg at most.
func (p *doner) stacks(d day, goods []*lot) [][]*lot {
	var order []string
	bySKU := map[string][]*lot{}
	for _, fg := range goods {
		if len(bySKU[fg.SKU]) == 0 {
			order = append(order, fg.SKU)
		}
		bySKU[fg.SKU] = append(bySKU[fg.SKU], fg)
	}
	var out [][]*lot
	for _, sku := range order {
		rods, high := bySKU[sku], 8
		if p.products[sku].nominal == 15_000 {
			high = 10
			if d == metalDay {
				rods, high = rods[:len(rods)-leftLoose], 7
			}
		}
		for len(rods) > 0 {
			n := min(high, len(rods))
			out = append(out, rods[:n])
			rods = rods[n:]
		}
	}
	return out
}

// dispatch ships the day's pallets, and those that waited, to two customers; now and then one waits for the next lorry. It
// returns when the last lorry left.
func (p *doner) dispatch(d day, r *run, pallets []*lot) time.Time {
	pallets = p.due(d, pallets)
	hour, minute := 13, 25
	if d.short() {
		hour, minute = 11, 30
	}
	customers := []string{"depot-west", "depot-capital", "wholesale-abroad", "catering", "depot-north"}
	half := (len(pallets) + 1) / 2
	var gone time.Time
	for i, part := range [][]*lot{pallets[:half], pallets[half:]} {
		if len(part) > 0 {
			gone = p.ship(shipment{
				run: r, phase: 10, gate: "10", pallets: part, customer: customers[(int(d)+i)%len(customers)],
				load: p.at(d, hour, minute+35*i).Add(p.minutes(0, 5)),
			})
		}
	}
	return gone
}

// due are the day's pallets and those that waited for it. Now and then the last one waits for the next lorry.
func (p *doner) due(d day, pallets []*lot) []*lot {
	if p.chance(25) || d == metalDay || d == soldDay {
		from := d.next()
		if d == soldDay {
			from = lastDay // still there when the supplier phones
		}
		n := len(pallets) - 1
		p.waiting = append(p.waiting, kept{pallets[n], from})
		pallets = pallets[:n]
	}
	due := slices.Clone(pallets)
	var waiting []kept
	for _, k := range p.waiting {
		if k.from <= d {
			due = append(due, k.pallet)
		} else {
			waiting = append(waiting, k)
		}
	}
	p.waiting = waiting
	return due
}
