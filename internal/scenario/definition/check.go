package definition

import (
	"path"

	"flowviz/internal/quantity"
)

// checker finds what is wrong between values that are each of the right shape. It keeps quiet about what has a fault
// already, and about what only follows from one.
type checker struct {
	*Scenario
	doc      *document
	known    map[string]bool // places that had a fault before
	lotTypes map[string]LotType
	numbers  []int          // of each phase; one that can't be read counts as the next
	missing  map[int]bool   // numbers that no phase has though later ones exist
	created  map[string]int // first phase that creates a lot type
}

// checkMeaning reports what the schema can't see.
func (d *document) checkMeaning(s *Scenario) {
	c := &checker{Scenario: s, doc: d, known: d.places(), lotTypes: map[string]LotType{}, missing: map[int]bool{}, created: map[string]int{}}
	for _, t := range s.LotTypes {
		c.lotTypes[t.Code] = t
	}
	c.numberPhases()
	c.checkStreams()
	c.checkPhases()
	c.checkLotTypes()
	c.checkBuffers()
	c.checkEquipment()
	c.checkGates()
	c.checkRules()
	c.checkFlow()
}

func (c *checker) fault(at, format string, args ...any) {
	if !covered(c.known, at) {
		c.doc.fault(at, format, args...)
	}
}

// faulty reports whether a place that matches one of the patterns had a fault before; * stands for one name or index.
func (c *checker) faulty(patterns ...string) bool {
	for place := range c.known {
		for _, pattern := range patterns {
			if ok, _ := path.Match(pattern, place); ok {
				return true
			}
		}
	}
	return false
}

func (c *checker) numberPhases() {
	previous := -1
	for i, p := range c.Phases {
		number := p.Number
		if covered(c.known, at("phases", i, "number")) {
			number = previous + 1
		}
		c.numbers = append(c.numbers, number)
		for gap := previous + 1; gap < number; gap++ {
			c.missing[gap] = true
		}
		previous = max(previous, number)
		for _, code := range p.Creates {
			if first, ok := c.created[code]; !ok || number < first {
				c.created[code] = number
			}
		}
	}
}

// unique reports the names that stand twice in a list; name gives the i-th of n.
func (c *checker) unique(list, field string, n int, name func(i int) string) {
	first := map[string]int{}
	for i := range n {
		if j, twice := first[name(i)]; twice {
			c.fault(at(list, i, field), "%s[%d] has this %s already: choose another", list, j, field)
		} else {
			first[name(i)] = i
		}
	}
}

// codes reports what is no lot type, and what stands twice, in a list of lot type codes.
func (c *checker) codes(place string, codes []string) {
	seen := map[string]bool{}
	for i, code := range codes {
		if seen[code] {
			c.fault(place+at(i), "%s stands twice in this list: keep one", cut(code))
		} else {
			c.code(place+at(i), code)
		}
		seen[code] = true
	}
}

// code reports what is no lot type.
func (c *checker) code(place, code string) {
	if _, ok := c.lotTypes[code]; !ok && len(c.LotTypes) > 0 {
		c.fault(place, "%s is no lot type of this scenario: correct it, or add it to lotTypes", cut(code))
	}
}

// phase reports a number that no phase has.
func (c *checker) phase(place string, number int) {
	last := -1
	for _, n := range c.numbers {
		if n == number {
			return
		}
		last = max(last, n)
	}
	if len(c.numbers) > 0 && !c.missing[number] {
		c.fault(place, "there is no phase %d: they are numbered 0 to %d", number, last)
	}
}

func (c *checker) checkStreams() {
	c.unique("streams", "key", len(c.Streams), func(i int) string { return c.Streams[i].Key })
	for i := 1; i < len(c.Streams); i++ {
		if before, here := c.Streams[i-1].SortOrder, c.Streams[i].SortOrder; here <= before {
			c.fault(at("streams", i, "sortOrder"), "%d does not follow %d: streams stand in drawing order", here, before)
		}
	}
}

func (c *checker) checkPhases() {
	previous := -1
	for i, p := range c.Phases {
		number := c.numbers[i]
		place := at("phases", i, "number")
		switch next := previous + 1; {
		case number == next+1:
			c.fault(place, "phase %d is missing: phases are 0, 1, 2 and so on without a gap", next)
		case number > next:
			c.fault(place, "phases %d to %d are missing: phases are 0, 1, 2 and so on without a gap", next, number-1)
		case number == previous:
			c.fault(place, "phase %d stands twice: give each its own number", number)
		case number < next:
			c.fault(place, "phase %d stands after phase %d: sort phases by number", number, previous)
		}
		previous = max(previous, number)
		if p.Stream != nil {
			if _, ok := c.Stream(*p.Stream); !ok && len(c.Streams) > 0 {
				c.fault(at("phases", i, "stream"), "%s is no stream of this scenario: correct it, or add it to streams", cut(*p.Stream))
			}
		}
		c.codes(at("phases", i, "creates"), p.Creates)
	}
}

// taken are codes that begin those of runs, deviations and recalls: a lot of a type so called would have the code of one, and count on with its number.
var taken = map[string]string{"RUN": "runs", "DEV": "deviations", "REC": "recalls"}

func (c *checker) checkLotTypes() {
	c.unique("lotTypes", "code", len(c.LotTypes), func(i int) string { return c.LotTypes[i].Code })
	createsKnown := !c.faulty("/phases", "/phases/*", "/phases/*/creates", "/phases/*/creates/*")
	flowKnown := !c.faulty("/rules", "/rules/*", "/rules/*/type", "/rules/*/output")
	hasInputs := map[string]bool{}
	for _, r := range c.Rules {
		if r, ok := r.(AllowedInputs); ok {
			hasInputs[r.Output] = true
		}
	}
	for i, t := range c.LotTypes {
		place := at("lotTypes", i, "code")
		if what, ok := taken[t.Code]; ok {
			c.fault(place, "%s begins the codes of %s, and RUN, DEV and REC are for no lot type: choose another", t.Code, what)
		}
		if _, ok := c.created[t.Code]; !ok && createsKnown {
			c.fault(place, "no phase creates %s: add it to the creates of one, or drop the lot type", t.Code)
		}
		if !hasInputs[t.Code] && flowKnown {
			c.fault(place, "%s has no ALLOWED_INPUTS rule: add one that says what it is made of, with empty inputs where it is received", t.Code)
		}
		if t.MaxLotKg > 0 && t.Unit == UnitEach {
			c.fault(at("lotTypes", i, "maxLotKg"), "%s is counted (EA) and has no weight: remove it, or make its unit KGM", t.Code)
		}
	}
}

func (c *checker) checkBuffers() {
	c.unique("buffers", "code", len(c.Buffers), func(i int) string { return c.Buffers[i].Code })
	for i, b := range c.Buffers {
		c.codes(at("buffers", i, "lotTypes"), b.LotTypes)
		for j, code := range b.LotTypes {
			if t := c.lotTypes[code]; t.Unit == UnitEach {
				c.fault(at("buffers", i, "lotTypes", j), "%s is counted (EA), and a buffer's capacity is in kilograms: remove it, or make its unit KGM", code)
			}
		}
		if place := at("buffers", i, "tempMaxC"); !covered(c.known, at("buffers", i, "tempMinC")) && b.TempMinC.Cmp(b.TempMaxC.Decimal) >= 0 {
			c.fault(place, "%s °C is not above tempMinC, %s °C: correct one of them", b.TempMaxC, b.TempMinC)
		}
	}
}

func (c *checker) checkEquipment() {
	c.unique("equipment", "code", len(c.Equipment), func(i int) string { return c.Equipment[i].Code })
	for i, e := range c.Equipment {
		c.phase(at("equipment", i, "phase"), e.Phase)
	}
}

func (c *checker) checkGates() {
	var number quantity.Decimal
	phase := 0
	for i, g := range c.Gates {
		place := at("gates", i)
		if !covered(c.known, place+"/number") {
			switch order := g.Number.Cmp(number); {
			case order > 0:
				number = g.Number
			case order == 0:
				c.fault(place+"/number", "gate %s stands twice: give each its own number", g.Number)
			default:
				c.fault(place+"/number", "gate %s stands after gate %s: sort gates by number", g.Number, number)
			}
		}
		c.phase(place+"/phase", g.Phase)
		if g.Phase < phase {
			c.fault(place+"/phase", "phase %d comes before phase %d, where an earlier gate stands: gates follow the phases", g.Phase, phase)
		}
		phase = max(phase, g.Phase)
		c.gate(place, g)
	}
}
