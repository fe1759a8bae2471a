package demo

import (
	"slices"
	"time"

	"flowviz/db"
)

// readyMeal is a line for chilled ready meals. On the first day raw material is prepared, cooked and chilled; on the next
// one trays are filled and sealed; two days later the laboratory lets them go.
type readyMeal struct {
	*line
	menu    menu
	stores  stores
	surplus *lot // of mash, for the next day's kettle
	cooked  *meals
	waiting []*meals // for the laboratory, or for their lorry
}

// meals are a run's goods on their way through the plant.
type meals struct {
	run    *run
	mash   []*lot // a tub for each dish
	dishes []*lot
	packs  []*lot // two of each dish
	sealed day
	due    day // when the next thing happens to them
	tested bool
	gone   bool
}

// menu is what a plant cooks: two dishes, each with mash.
type menu struct {
	potato, onion goods
	cream         goods
	salt          goods
	dishes        [2]dish
	tray, sleeve  goods
	customers     []string
}

// dish is one of a plant's two meals.
type dish struct {
	sku, recipe string
	meat, spice goods
}

// packed is what one tray weighs, in grams.
const packed = 400

func (p *readyMeal) day(d day) {
	for _, m := range p.waiting {
		if m.due == d && !m.tested {
			p.results(d, m)
		}
		if m.due == d && !m.gone {
			p.dispatch(d, m)
		}
	}
	p.waiting = slices.DeleteFunc(p.waiting, func(m *meals) bool { return m.gone })
	if p.cooked != nil {
		p.assemble(d, p.cooked)
		p.waiting = append(p.waiting, p.cooked)
	}
	p.cooked = p.cook(d)
	p.collect(d)
}

// cook is the first day of a run: from the delivery to the labelled tubs in the chiller.
func (p *readyMeal) cook(d day) *meals {
	r := p.start(d, p.at(d, 6, 0).Add(p.seconds(20, 220)))
	if d == stoppedDay && p.code == "DUNA" {
		r.reason = "Resumed: blast chiller 2 runs again after 20 minutes, nothing was in it"
	}
	dishes := p.dishesOf(d)
	p.deliver(d, r, dishes)
	onion := p.prepare(r, p.stores.of(p.menu.onion), p.about(d, 7, 45), 900)
	potato := p.prepare(r, p.stores.of(p.menu.potato), p.about(d, 8, 10), 845)

	m := &meals{run: r}
	mash := p.kettle(d, r, 0, p.kit(r, p.about(d, 9, 0), "RCP-MASH-3",
		[]part{{lots: all(potato)}, {store: p.menu.cream, thousandths: 210}, {store: p.menu.salt, thousandths: 18}}))
	for i, dish := range dishes {
		meat := p.prepare(r, p.stores.of(dish.meat), p.about(d, 8, 35+20*i), 950)
		kit := p.kit(r, p.about(d, 9, 25+30*i), dish.recipe,
			[]part{{lots: all(meat)}, {lots: []draw{{onion, onion.left / int64(len(dishes)-i)}}}, {store: dish.spice, thousandths: 95}})
		m.dishes = append(m.dishes, p.kettle(d, r, i+1, kit))
	}
	m.mash = p.divide(r, mash, len(dishes))
	return m
}

// dishesOf are both dishes, on a Saturday only one.
func (p *readyMeal) dishesOf(d day) []dish {
	if d.short() {
		return p.menu.dishes[:1]
	}
	return p.menu.dishes[:]
}

// divide splits a kettle of mash into a tub for each dish.
func (p *readyMeal) divide(r *run, mash *lot, count int) []*lot {
	if count == 1 {
		return []*lot{mash}
	}
	half := mash.left / 2
	tubs := []*lot{p.lotOf("WIP", half), p.lotOf("WIP", mash.left-half)}
	for _, tub := range tubs {
		tub.state("CHILLED").celsius(*mash.temperature)
	}
	p.make(db.TransformationKindSPLIT, r, 6, mash.registered.Add(p.minutes(20, 5)), all(mash), tubs...)
	for _, tub := range tubs {
		p.pass(tub, "6")
	}
	return tubs
}

// deliver takes in what the day needs fresh, and what else runs low.
func (p *readyMeal) deliver(d day, r *run, dishes []dish) {
	at := p.about(d, 6, 20)
	vegetables := int64(len(dishes))
	for i, fresh := range []goods{p.menu.potato, p.menu.onion} {
		fresh.delivery = fresh.delivery * vegetables / 2
		p.fresh(r, at.Add(time.Duration(12*i)*time.Minute), fresh)
	}
	for i, dish := range dishes {
		p.fresh(r, at.Add(time.Duration(24+12*i)*time.Minute), dish.meat)
	}
	for i, g := range []goods{p.menu.cream, p.menu.salt, p.menu.dishes[0].spice, p.menu.dishes[1].spice} {
		p.restock(r, at.Add(time.Duration(50+5*i)*time.Minute), "1", p.stores.of(g), g)
	}
	for i, g := range []goods{p.menu.tray, p.menu.sleeve} {
		p.restock(r, at.Add(time.Duration(75+5*i)*time.Minute), "1.5", p.stores.of(g), g)
	}
}

// fresh takes in one delivery that is used up on its day.
func (p *readyMeal) fresh(r *run, at time.Time, g goods) {
	for _, in := range p.receive(r, at, g, p.share(g.delivery, 1000, 25)) {
		p.pass(in, "1")
		p.stores.of(g).put(in)
	}
}

// prepare trims, peels and cuts all that is fresh of one kind; thousandths of it are left.
func (p *readyMeal) prepare(r *run, from *stock, at time.Time, thousandths int64) *lot {
	in := all(from.lots...)
	from.lots = nil
	prep := p.lotOf("PREP", p.share(total(in), thousandths, 15)).state("CHILLED").celsius(p.around(380, 70))
	trim := p.lotOf("WASTE", total(in)-prep.amount)
	p.make(db.TransformationKindPROCESS, r, 2, at, in, prep, trim)
	return prep
}

// part is one component of a kit: lots that go in whole, or thousandths of the first component from a store.
type part struct {
	lots        []draw
	store       goods
	thousandths int64
}

// kit weighs up what one kettle needs.
func (p *readyMeal) kit(r *run, at time.Time, recipe string, parts []part) *lot {
	var in []draw
	var deviations []int64
	base := total(parts[0].lots)
	for _, c := range parts {
		if c.lots != nil {
			in = append(in, c.lots...)
			deviations = append(deviations, p.around(0, 90))
			continue
		}
		amount, deviation := p.weigh(base * c.thousandths / 1000)
		in = append(in, p.stores.of(c.store).draw(amount, at)...)
		deviations = append(deviations, deviation)
	}
	kit := p.lotOf("KIT", total(in)).state("CHILLED").celsius(p.around(450, 60))
	kit.recipe, kit.deviations = recipe, deviations
	p.make(db.TransformationKindPROCESS, r, 3, at, in, kit)
	p.pass(kit, "3")
	return kit
}

// kettle cooks a kit, chills it along the curve and labels it.
func (p *readyMeal) kettle(d day, r *run, number int, kit *lot) *lot {
	in := all(kit)
	if number == 0 && p.surplus != nil {
		if age := p.about(d, 10, 40).Sub(p.surplus.occurred); age < 23*time.Hour {
			in = append(in, all(p.surplus)...)
		} else {
			p.waste(r, 4, p.about(d, 9, 30), all(p.surplus))
		}
		p.surplus = nil
	}
	cook := p.lotOf("COOK", p.share(total(in), 948, 12)).celsius(p.around(7600, 90))
	p.make(db.TransformationKindPROCESS, r, 4, p.about(d, 10, 35+45*number), in, cook)
	kettle := []string{"KET1", "KET2", "KET1"}[number]
	p.decide(cook, "4", cook.registered.Add(p.minutes(4, 2)), finding{equipment: kettle})

	chill := p.lotOf("CHILL", p.share(cook.left, 991, 3)).state("CHILLED")
	p.make(db.TransformationKindPROCESS, r, 5, cook.registered.Add(p.minutes(300, 10)), all(cook), chill)
	p.decide(chill, "5", chill.registered.Add(p.minutes(6, 3)), finding{equipment: []string{"BC1", "BC2", "BC1"}[number]})

	wip := p.lotOf("WIP", chill.left).state("CHILLED")
	p.make(db.TransformationKindPROCESS, r, 6, chill.registered.Add(p.minutes(22, 5)), all(chill), wip)
	if d == forgottenTub && number == 1 && p.code == "DUNA" {
		p.forgotten(wip)
	} else {
		p.pass(wip, "6")
	}
	return wip
}
