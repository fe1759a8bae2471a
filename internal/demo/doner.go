package demo

import (
	"time"

	"flowviz/db"
)

// doner is the line for frozen kebab rods. Meat is deboned, mixed and skewered in a day; the rods freeze over night, and are
// packed and shipped on the next working day. Each rod is a lot.
type doner struct {
	*line
	frozen  stock  // meat that was delivered frozen
	stores  stores // spices and sleeves
	freezer *rods  // of the day before
	waiting []kept // pallets that wait for their lorry
}

// rods are what a run put into the freezers.
type rods struct {
	run  *run
	lots []*lot
}

// kept is a pallet that is not shipped before a day.
type kept struct {
	pallet *lot
	from   day
}

func newDoner(l *line) *doner {
	l.products = map[string]product{
		"CHICKEN-15": {l.gtin(15), 15_000},
		"CHICKEN-30": {l.gtin(30), 30_000},
		"BEEF-15":    {l.gtin(115), 15_000},
		"BEEF-30":    {l.gtin(130), 30_000},
	}
	return &doner{line: l, stores: stores{}}
}

func (p *doner) day(d day) {
	if p.freezer != nil {
		batch := p.freezer
		p.freezer = nil
		p.pack(d, batch)
	}
	p.produce(d)
	p.collect(d)
}

// produce is the first half of a run: from the delivery to the freezer.
func (p *doner) produce(d day) {
	late := time.Duration(0)
	if d == lastDay {
		late = 200 * time.Minute // a late lorry: this run is still at the tumbler when the history ends
	}
	at := func(hour, minute int) time.Time { return p.about(d, hour, minute).Add(late) }
	r := p.start(d, p.at(d, 6, 0).Add(p.seconds(20, 220)).Add(late))
	m := meatOf(d)
	raw := p.deliver(d, r, m, at(6, 20))

	var debs []*lot
	for i, in := range raw {
		debs = append(debs, p.debone(r, in, at(7, 55+40*i)))
	}
	batches := p.bulk(d, r, debs, at)
	p.freezer = &rods{run: r}
	var rework *lot
	for i, tub := range batches {
		mixed := at(10, 5).Add(time.Duration(i*95) * time.Minute)
		if d == lastDay && i == 0 {
			p.notWeighedYet(r, m, mixed.Add(-45*time.Minute))
		}
		mix := p.mix(r, m, tub, rework, mixed)
		if i == 0 {
			p.sample(r, 4, mix.registered.Add(4*time.Minute), mix, 300)
		}
		rework = p.skewer(r, m, mix, i == len(batches)-1)
	}
}

// deliver takes in the day's meat, and what else runs low.
func (p *doner) deliver(d day, r *run, m meat, at time.Time) []*lot {
	for i, g := range m.mixed {
		p.restock(r, at.Add(time.Duration(14+6*i)*time.Minute), "1", p.stores.of(g), g)
	}
	p.restock(r, at.Add(30*time.Minute), "1.5", p.stores.of(sleeve), sleeve)
	if m.frozen.kind != "" {
		p.restock(r, at.Add(40*time.Minute), "1", &p.frozen, m.frozen)
	}
	count := 4
	switch {
	case d.short():
		count = 2
	case m.frozen.kind != "":
		count = 3
	}
	amounts := make([]int64, count)
	for i := range amounts {
		amounts[i] = p.around(166_000, 14_000)
	}
	raw := p.receive(r, at, m.raw, amounts...)
	for i, in := range raw {
		switch {
		case d == warmDelivery && i == 1:
			p.tooWarm(in)
		case d == misread && i == 0:
			p.misread(in)
		default:
			p.pass(in, "1")
		}
	}
	if m.frozen.kind != "" {
		raw = append(raw, p.frozen.draw(160_000, at)[0].lot)
	}
	return raw
}

// debone cuts a lot of meat from its bones; of frozen meat it takes what the day needs.
func (p *doner) debone(r *run, raw *lot, at time.Time) *lot {
	amount := raw.left
	if raw.State == "FROZEN" {
		amount = min(raw.left, p.around(166_000, 10_000))
		if raw.left-amount < 60_000 {
			amount = raw.left
		}
	}
	yield := int64(678)
	if r.day == poorYield && raw.made.out[0].lot == raw {
		yield = 520
	}
	deb := p.lotOf("DEB", p.share(amount, yield, 70)).state("CHILLED").celsius(p.around(260, 90))
	bones := p.lotOf("WASTE", amount-deb.amount-p.share(amount, 8, 3))
	p.make(db.TransformationKindPROCESS, r, 2, at, []draw{{raw, amount}}, deb, bones)
	if r.day == wrongScan && raw.made.out[0].lot == raw {
		p.scannedWrong(raw, deb.made)
	}
	p.pass(deb, "3")
	if y := deb.yield(); y < 600 || y > 750 {
		p.alarm(db.AlertKindYIELDOUTOFBAND, db.AlertSeverityWARNING, r, deb, deb.registered.Add(time.Second),
			"Deboning yield %s %% is outside 60 to 75 %%", decimal(y, 1))
	} else {
		p.pass(deb, "3.5")
	}
	return deb
}

// bulk merges deboned meat into containers within two hours, and returns what each mix gets: on most days the first
// container is split in two, and the day has one mix more.
func (p *doner) bulk(d day, r *run, debs []*lot, at func(hour, minute int) time.Time) []*lot {
	first := p.container(r, debs[:2], at(8, 55))
	batches := []*lot{first}
	if len(debs) > 2 && d.weekday() != time.Monday {
		half := p.share(first.left, 500, 20)
		a := p.lotOf("BULK", half).state("CHILLED").celsius(*first.temperature)
		b := p.lotOf("BULK", first.left-half).state("CHILLED").celsius(*first.temperature)
		p.make(db.TransformationKindSPLIT, r, 3, first.registered.Add(p.minutes(12, 3)), all(first), a, b)
		p.pass(a, "4")
		p.pass(b, "4")
		batches = []*lot{a, b}
	}
	if len(debs) > 2 {
		batches = append(batches, p.container(r, debs[2:], at(10, 15)))
	}
	return batches
}

func (p *doner) container(r *run, debs []*lot, at time.Time) *lot {
	in := all(debs...)
	b := p.lotOf("BULK", total(in)).state("CHILLED")
	p.make(db.TransformationKindMERGE, r, 3, at, in, b)
	p.pass(b, "4")
	return b
}

// mix seasons a container of meat; trimmings of the mix before go in too.
func (p *doner) mix(r *run, m meat, tub, rework *lot, at time.Time) *lot {
	in := all(tub)
	weighed := total(in)
	if rework != nil {
		in = append(in, draw{rework, min(rework.left, weighed/10)}) // of the whole mix it is less than the 10 % allowed
	}
	deviations := []int64{p.around(0, 60)}
	for i, g := range m.mixed {
		amount, deviation := p.weigh(weighed * donerShares[i+1] / donerShares[0])
		in = append(in, p.stores.of(g).draw(amount, at)...)
		deviations = append(deviations, deviation)
	}
	mix := p.lotOf("MIX", total(in)-p.share(total(in), 2, 1)).state("CHILLED")
	mix.recipe, mix.deviations = m.recipe, deviations
	p.make(db.TransformationKindPROCESS, r, 4, at, in, mix)
	if rework != nil {
		p.waste(r, 4, mix.registered, all(rework))
	}
	if r.day == typingError && rework == nil {
		p.typedWrong(mix.made)
	}
	if r.day == warmMix && rework == nil {
		p.warmMix(mix)
	} else {
		p.pass(mix, "5")
	}
	return mix
}

// weigh is what the scale showed for what the recipe asks, and the deviation in hundredths of a per cent.
func (l *line) weigh(wanted int64) (grams, deviation int64) {
	deviation = l.around(0, 120)
	return wanted * (10_000 + deviation) / 10_000, deviation
}

// skewer builds a mix up to rods of 30 and then of 15 kg. The rest goes into the next mix of the day; after the last one it
// is waste, since trimmings may not wait for another day.
func (p *doner) skewer(r *run, m meat, mix *lot, lastMix bool) (rework *lot) {
	at := mix.registered.Add(p.minutes(16, 4))
	thirty := mix.left * 62 / 100 / 30_000
	for mix.left > 15_240 {
		code, sku, nominal := "SKW15", m.sku15, int64(15_000)
		if thirty > 0 {
			code, sku, nominal = "SKW30", m.sku30, 30_000
			thirty--
		}
		weight := p.around(nominal+40, 190)
		rod := p.lotOf(code, weight).sku(sku).state("CHILLED").celsius(p.around(310, 60)).device()
		made := p.make(db.TransformationKindPROCESS, r, 5, at, []draw{{mix, weight}}, rod)
		p.pass(rod, "6")
		p.pass(rod, "6.5")
		p.freezer.lots = append(p.freezer.lots, rod)
		at = made.occurred.Add(p.seconds(150, 260))
	}
	if lastMix {
		p.waste(r, 5, at.Add(5*time.Minute), all(mix))
		return nil
	}
	if mix.left == 0 {
		return nil
	}
	rework = p.lotOf("REWORK", mix.left).state("CHILLED").celsius(p.around(330, 50))
	p.make(db.TransformationKindREWORK, r, 5, at.Add(5*time.Minute), all(mix), rework)
	return rework
}
