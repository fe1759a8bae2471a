package demo

import (
	"time"

	"flowviz/db"
)

// yoghurt is the line for stirred fruit yoghurt. Milk is pooled in a silo that is emptied and cleaned on Saturdays only; a
// tank is fermented, blended and filled in a day; cups are chilled over night, and leave when the laboratory has answered.
type yoghurt struct {
	*line
	silo                  *lot // what it holds now
	stores                stores
	flavours              [4]flavour      // two of each tank
	rework                map[string]*lot // start and end of line, by SKU
	cups                  []*cups
	milk                  [2]goods
	powder, culture, pack goods
}

// cups are what a run filled.
type cups struct {
	run     *run
	packs   []*lot
	pallets []*lot
	due     day // when the laboratory has answered
}

type flavour struct {
	sku, recipe string
	fruit       goods
}

// cup is what one holds, in grams.
const cup = 150

func newYoghurt(l *line) *yoghurt {
	fruit := func(name string, allergens ...string) goods {
		return goods{
			kind: "ING", description: name, category: "PRODUCE", state: "CHILLED", allergens: allergens, supplier: "fruit",
			keeps: 60, delivery: 1_900_000, low: 900_000,
		}
	}
	milk := func(supplier string) goods {
		return goods{kind: "RAWM", description: "Raw cow's milk", category: "DAIRY", state: "CHILLED", allergens: []string{"MILK"}, supplier: supplier}
	}
	p := &yoghurt{
		line: l, stores: stores{}, rework: map[string]*lot{},
		flavours: [4]flavour{
			{"YOG-STRAWBERRY-150", "RCP-STRAWBERRY-6", fruit("Strawberry preparation")},
			{"YOG-PEACH-150", "RCP-PEACH-4", fruit("Peach preparation")},
			{"YOG-CHERRY-150", "RCP-CHERRY-3", fruit("Sour cherry preparation")},
			{"YOG-OAT-150", "RCP-OAT-2", fruit("Apple and oat preparation", "GLUTEN")},
		},
		milk:   [2]goods{milk("milk-east"), milk("milk-south")},
		powder: dry("Skimmed milk powder", []string{"MILK"}, 1_500_000, 400_000),
		culture: goods{
			kind: "ING", description: "Yoghurt culture YC-3", category: "OTHER", state: "FROZEN", allergens: []string{"MILK"},
			supplier: "cultures", keeps: 300, delivery: 20_000, low: 3_000,
		},
		pack: goods{kind: "PKG", description: "Cups, lids and cartons", supplier: "packaging", delivery: 300_000, low: 60_000},
	}
	l.products = map[string]product{}
	for i, f := range p.flavours {
		l.products[f.sku] = product{gtin: l.gtin(700 + i), nominal: cup}
	}
	return p
}

func (p *yoghurt) day(d day) {
	var waiting []*cups
	for _, c := range p.cups {
		if c.pallets == nil {
			p.palletize(d, c)
		}
		if c.due > d {
			waiting = append(waiting, c)
			continue
		}
		p.dispatch(d, c)
	}
	p.cups = append(waiting, p.produce(d))
	p.collect(d)
}

// produce is a run's first day, from the tanker to the chilling tunnel.
func (p *yoghurt) produce(d day) *cups {
	r := p.start(d, p.at(d, 6, 0).Add(p.seconds(20, 220)))
	c := &cups{run: r, due: d + 2}
	for c.due.rests() {
		c.due++
	}
	p.intake(d, r)
	sealer, detector := p.patrol(r, "8", "FIL1"), p.patrol(r, "8.5", "MD1")
	tanks := 2
	if d.short() {
		tanks = 1
	}
	var at time.Time
	for tank := range tanks {
		milk := p.silo.left
		if !d.short() {
			milk = p.around(2_900_000, 40_000)
		}
		base := p.ferment(d, r, tank, milk)
		for _, blend := range p.blend(r, tank, base) {
			at = p.fill(c, blend, later(at, blend.registered.Add(p.minutes(14, 4))), sealer, detector)
		}
	}
	sealer.after(at)
	detector.after(at.Add(time.Minute))
	p.chill(d, c)
	return c
}

// intake takes in the day's tankers, and what else runs low, and pools the milk with what is left in the silo.
func (p *yoghurt) intake(d day, r *run) {
	tankers := []int64{2_200_000, 2_050_000, 1_950_000}
	if d.short() {
		tankers = tankers[:1]
	}
	var milk []*lot
	for i, grams := range tankers {
		at := p.about(d, 6, 12+14*i)
		in := p.receive(r, at, p.milk[i%2], p.share(grams, 1000, 40))
		p.pass(in[0], "1")
		milk = append(milk, in...)
	}
	for i, g := range []goods{p.powder, p.culture} {
		p.restock(r, p.about(d, 6, 25+8*i), "1.2", p.stores.of(g), g)
	}
	for i, f := range p.flavours {
		p.restock(r, p.about(d, 6, 40+8*i), "1.2", p.stores.of(f.fruit), f.fruit)
	}
	p.restock(r, p.about(d, 7, 10), "1.5", p.stores.of(p.pack), p.pack)

	in := all(milk...)
	if p.silo != nil && p.silo.left > 0 {
		in = append(in, all(p.silo)...)
	}
	p.silo = p.lotOf("SILO", total(in)).state("CHILLED").celsius(p.around(410, 40))
	p.make(db.TransformationKindMERGE, r, 2, p.about(d, 7, 15), in, p.silo)
}

// ferment brings milk of the silo through standardizing, pasteurizing, the tank and the cooler.
func (p *yoghurt) ferment(d day, r *run, tank int, milk int64) *lot {
	shift := time.Duration(tank*75) * time.Minute
	at := func(hour, minute int) time.Time { return p.about(d, hour, minute).Add(shift) }

	powder, _ := p.weigh(milk * 22 / 1000)
	in := append([]draw{{p.silo, milk}}, p.stores.of(p.powder).draw(powder, at(7, 35))...)
	std := p.lotOf("STDM", total(in)-p.share(milk, 2, 1)).state("CHILLED").celsius(p.around(480, 40))
	p.make(db.TransformationKindPROCESS, r, 3, at(7, 35), in, std)

	past := p.lotOf("PAST", p.share(std.left, 996, 1)).celsius(p.around(4300, 40))
	begin := std.registered.Add(p.minutes(12, 4))
	p.check(r, "4.2", "", begin.Add(-4*time.Minute), finding{equipment: "PAST1"})
	p.make(db.TransformationKindPROCESS, r, 4, begin.Add(p.minutes(46, 4)), all(std), past)
	p.decide(past, "4", past.registered.Add(p.minutes(3, 1)), finding{equipment: "PAST1"})
	p.check(r, "4.2", "", past.registered.Add(p.minutes(5, 1)), finding{equipment: "PAST1"})
	p.decide(past, "4.5", past.registered.Add(p.minutes(190, 25)), finding{})

	culture := p.stores.of(p.culture).draw(past.left/5_000, past.registered)
	in = append(all(past), culture...)
	ferm := p.lotOf("FERM", total(in))
	ferm.recipe = p.culture.description
	p.make(db.TransformationKindPROCESS, r, 5, past.registered.Add(p.minutes(14, 3)), in, ferm)
	p.decide(ferm, "5", ferm.registered.Add(p.minutes(330, 18)), finding{equipment: []string{"FT1", "FT2"}[tank]})

	base := p.lotOf("BASE", p.share(ferm.left, 994, 2))
	p.make(db.TransformationKindPROCESS, r, 6, ferm.registered.Add(p.minutes(440, 8)), all(ferm), base)
	p.decide(base, "6", base.registered.Add(p.minutes(3, 1)), finding{equipment: "PC1"})
	return base
}

// blend divides a tank between two flavours.
func (p *yoghurt) blend(r *run, tank int, base *lot) []*lot {
	half := p.share(base.left, 520, 30)
	tubs := []*lot{p.lotOf("BASE", half).celsius(*base.temperature), p.lotOf("BASE", base.left-half).celsius(*base.temperature)}
	p.make(db.TransformationKindSPLIT, r, 6, base.registered.Add(p.minutes(9, 2)), all(base), tubs...)
	var blends []*lot
	for i, tub := range tubs {
		p.decide(tub, "6", tub.registered.Add(p.minutes(3, 1)), finding{equipment: "PC1"})
		f := p.flavours[tank*2+i]
		at := tub.registered.Add(time.Duration(15+65*i) * time.Minute)
		in := all(tub)
		deviations := []int64{p.around(0, 50)}
		fruit, deviation := p.weigh(tub.left * 190 / 1000)
		in = append(in, p.stores.of(f.fruit).draw(fruit, at)...)
		deviations = append(deviations, deviation)
		in = append(in, p.reworked(r, f.sku, at)...)
		blend := p.lotOf("BLEND", total(in)-p.share(total(in), 2, 1)).sku(f.sku).celsius(p.around(1780, 60))
		blend.recipe, blend.deviations = f.recipe, deviations
		p.make(db.TransformationKindPROCESS, r, 7, at, in, blend)
		p.pass(blend, "7")
		blends = append(blends, blend)
	}
	return blends
}

// reworked is the start and end of line yoghurt of the last time, if it is not older than two days.
func (p *yoghurt) reworked(r *run, sku string, at time.Time) []draw {
	lot := p.rework[sku]
	delete(p.rework, sku)
	if lot == nil {
		return nil
	}
	if at.Sub(lot.occurred) > 46*time.Hour {
		p.waste(r, 7, at.Add(-time.Hour), all(lot))
		return nil
	}
	return all(lot)
}

// fill fills a blend into cups, in two lots, and returns when the last one was full.
func (p *yoghurt) fill(c *cups, blend *lot, at time.Time, sealer, detector *patrol) time.Time {
	good := blend.left - p.around(24_000, 6_000) // the rest is what the line starts and ends with
	first := good * 55 / 100 / cup * cup
	for _, amount := range []int64{first, (good - first) / cup * cup} {
		at = at.Add(p.minutes(24, 4))
		at = later(sealer.before(at, blend.SKU), detector.before(at.Add(time.Minute), blend.SKU))
		in := append([]draw{{blend, amount}}, p.stores.of(p.pack).draw(amount/cup, at)...)
		fg := p.lotOf("FG", amount).state("CHILLED")
		at = p.make(db.TransformationKindPROCESS, c.run, 8, at, in, fg).occurred
		c.packs = append(c.packs, fg)
	}
	rework := p.lotOf("REWORK", blend.left).state("CHILLED").celsius(p.around(520, 40))
	p.make(db.TransformationKindREWORK, c.run, 8, at.Add(2*time.Minute), all(blend), rework)
	p.rework[blend.SKU] = rework
	return at
}

// chill checks the core of the cups in the evening, or in the morning if they were filled late, and sends one pack of each
// blend to the laboratory.
func (p *yoghurt) chill(d day, c *cups) {
	for i, fg := range c.packs {
		at := fg.registered.Add(p.minutes(225, 15))
		if at.After(p.at(d, 21, 50)) && !(d + 1).rests() {
			at = p.about(d+1, 6, 20)
		}
		if d == warmCups && i == 1 {
			at = p.warmCups(fg, at)
		} else {
			p.decide(fg, "9", at, finding{equipment: "BC1"})
		}
		if i%2 == 0 {
			p.sample(c.run, 9, at.Add(p.minutes(15, 5)), fg, 6*cup)
		}
	}
}

// palletize stacks what was filled the day before: one flavour a pallet, about 900 kg.
func (p *yoghurt) palletize(d day, c *cups) {
	at := p.about(d, 8, 20)
	for i := 0; i < len(c.packs); i += 2 {
		full, short := c.packs[i], c.packs[i+1]
		half := (full.left + short.left) / 2 / cup * cup
		stacks := [][]draw{{{full, half}}, {{full, full.left - half}, {short, short.left}}}
		for _, in := range stacks {
			pal := p.pallet(c.run, 10, at, in)
			c.pallets = append(c.pallets, pal)
			at = pal.registered.Add(p.minutes(9, 3))
		}
	}
}

// dispatch ships a run's pallets when the laboratory has answered.
func (p *yoghurt) dispatch(d day, c *cups) {
	at := p.about(d, 9, 40)
	for _, fg := range c.packs {
		p.decide(fg, "9.5", at, finding{})
		at = at.Add(p.minutes(2, 1))
	}
	hour := 13
	if d.short() {
		hour = 11
	}
	customers := []string{"depot-south", "depot-east", "depot-capital", "wholesale"}
	half := len(c.pallets) / 2
	var gone time.Time
	for i, part := range [][]*lot{c.pallets[:half], c.pallets[half:]} {
		gone = p.ship(shipment{
			run: c.run, phase: 11, gate: "11", pallets: part, customer: customers[(int(d)+2*i)%len(customers)], load: p.about(d, hour, 10+40*i),
		})
	}
	c.run.complete(gone.Add(p.minutes(20, 6)))
}
