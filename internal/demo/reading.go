package demo

import (
	"strconv"
	"strings"
	"time"

	"flowviz/internal/scenario/definition"
)

// reading is one measured or derived value of a decision, as the database stores it.
type reading struct {
	Parameter string    `json:"parameter"`
	Value     string    `json:"value"`
	Unit      string    `json:"unit"`
	At        time.Time `json:"at"`
	Probe     string    `json:"probe,omitempty"`
	Derived   bool      `json:"derived,omitempty"`
}

// aim is where a plant that works well keeps a value: margin away from its limit, or from its target where it has one, and
// scattered by spread; both in units of the last decimal. In a band it keeps to the middle.
type aim struct {
	decimals       int
	margin, spread int64
}

var aims = map[string]aim{
	"surface_temp":    {1, 19, 12},
	"core_temp":       {1, 14, 8},
	"cabin_temp":      {1, 0, 0},
	"mix_temp":        {1, 13, 8},
	"program_time":    {0, 5, 3},
	"ambient_minutes": {0, 4, 3},
	"fe_sphere":       {1, 0, 0}, // the test piece itself
	"nonfe_sphere":    {1, 0, 0},
	"ss_sphere":       {1, 0, 0},
	"load_temp":       {1, 12, 7},
	"vehicle_temp":    {1, 25, 9},
	"milk_temp":       {1, 21, 9},
	"holding_temp":    {1, 10, 5},
	"ph":              {2, 7, 4},
	"ferment_temp":    {1, 0, 0},
	"product_temp":    {1, 0, 0},
}

// readings are what a check of a lot, or of the line where of is nil, measured, and what the server derives.
func (l *line) readings(d *decision, of *lot, given map[string]int64) []reading {
	out := []reading{}
	for _, limit := range d.gate.Limits {
		if of != nil && !of.concerned(limit) {
			continue
		}
		drawn := ""
		for _, c := range limit.AnyOf[0] {
			switch {
			case c.Derived:
				out = append(out, of.derived(c, d.at)...)
			case c.IsCurve() && c.Parameter != drawn:
				drawn = c.Parameter // one curve answers both of a limit's conditions
				out = append(out, l.curve(c, of.occurred)...)
			case !c.IsCurve():
				out = append(out, l.measured(c, limit, d.at, given)...)
			}
		}
	}
	return out
}

// concerned tells whether a limit applies to a lot.
func (l *lot) concerned(limit definition.Limit) bool {
	have := map[string]string{"species": l.Species, "category": l.Category, "state": l.State}
	for _, w := range limit.When {
		if have[w.Attribute] != w.Equals {
			return false
		}
	}
	return true
}

// measured reads a value: once, or over a dwell; by one probe, or by as many as the condition asks for.
func (l *line) measured(c definition.Condition, limit definition.Limit, at time.Time, given map[string]int64) []reading {
	a := aims[c.Parameter]
	times := []time.Time{at}
	if c.ForAtLeastS > 0 {
		const count, step = 6, time.Minute
		times = times[:0]
		for i := range count {
			times = append(times, at.Add(-time.Minute-time.Duration(count-1-i)*step))
		}
	}
	var out []reading
	for _, t := range times {
		for _, probe := range probes(c) {
			value, ok := given[c.Parameter]
			if !ok {
				value = l.good(c, limit, a)
			}
			out = append(out, reading{Parameter: c.Parameter, Value: decimal(value, a.decimals), Unit: c.Unit, At: t.UTC(), Probe: probe})
		}
	}
	return out
}

// good is a value that meets a condition.
func (l *line) good(c definition.Condition, limit definition.Limit, a aim) int64 {
	if c.Op == definition.OpBetween {
		low, high := scaled(*c.Min, a.decimals), scaled(*c.Max, a.decimals)
		return l.around((low+high)/2, (high-low)/4)
	}
	base := *c.Value
	if limit.Target != nil {
		base = *limit.Target
	}
	away := l.around(a.margin, a.spread)
	if c.Op == definition.OpLE {
		away = -away
	}
	return scaled(base, a.decimals) + away
}

func probes(c definition.Condition) []string {
	if c.Aggregate == nil {
		return []string{""}
	}
	names := make([]string, c.Aggregate.Probes)
	for i := range names {
		names[i] = strconv.Itoa(i + 1)
	}
	return names
}

// coolings are how a parameter falls: minutes and tenths of °C. Meals in a blast chiller, yoghurt in a plate cooler.
var coolings = map[string][][2]int64{
	"core_temp": {
		{0, 630}, {15, 521}, {30, 435}, {45, 366}, {60, 310}, {75, 260}, {100, 205}, {130, 151}, {160, 112}, {190, 82}, {220, 60}, {250, 46}, {270, 39},
	},
	"product_temp": {{0, 421}, {15, 371}, {30, 324}, {45, 280}, {60, 239}, {75, 207}, {85, 189}},
}

// curve is a cooling that ends when the lot was made, a little faster or slower each time.
func (l *line) curve(c definition.Condition, end time.Time) []reading {
	points := coolings[c.Parameter]
	percent := l.around(96, 8)
	took := points[len(points)-1][0]
	var out []reading
	for _, p := range points {
		at := end.Add(-time.Duration((took-p[0])*60*percent/100) * time.Second)
		for i, probe := range probes(c) {
			value := p[1] + int64(i)*2 - l.Int64N(3)
			out = append(out, reading{Parameter: c.Parameter, Value: decimal(value, 1), Unit: c.Unit, At: at.UTC(), Probe: probe})
		}
	}
	return out
}

// derived is what the server computes and nobody types. All of it is rounded as SQL's round does.
func (l *lot) derived(c definition.Condition, at time.Time) []reading {
	one := func(value int64, decimals int) reading {
		return reading{Parameter: c.Parameter, Value: decimal(value, decimals), Unit: c.Unit, At: at.UTC(), Derived: true}
	}
	switch c.Parameter {
	case definition.ParameterYield:
		return []reading{one(l.yield(), 1)}
	case definition.ParameterAgeMinutes:
		return []reading{one(int64(at.Sub(l.occurred)/time.Minute), 0)}
	case definition.ParameterRemainingDays:
		if l.BestBefore == nil {
			return nil // without end
		}
		return []reading{one(int64(l.BestBefore.Sub(at)/(24*time.Hour)), 0)}
	case definition.ParameterRodDeviation:
		return []reading{one(l.amount-l.line.products[l.SKU].nominal, 3)}
	default:
		all := make([]reading, len(l.deviations))
		for i, d := range l.deviations {
			all[i] = one(d, 2)
		}
		return all
	}
}

// yield is a lot's mass over that of all that it was made of, in tenths of a per cent.
func (l *lot) yield() int64 {
	in := total(l.made.in)
	return (l.amount*2000 + in) / (2 * in)
}

// temperature is the last one that was read of the goods, in hundredths; nil where none was.
func temperature(readings []reading) *int64 {
	for i := len(readings) - 1; i >= 0; i-- {
		switch r := readings[i]; r.Parameter {
		case "surface_temp", "core_temp", "mix_temp", "milk_temp", "product_temp", "ferment_temp", "load_temp":
			v := parse(r.Value, 2)
			return &v
		}
	}
	return nil
}

// decimal writes an amount of units of the last decimal: decimal(-185, 1) is "-18.5".
func decimal(v int64, decimals int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	digits := strconv.FormatInt(v, 10)
	if short := decimals + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	if decimals == 0 {
		return sign + digits
	}
	point := len(digits) - decimals
	return sign + digits[:point] + "." + digits[point:]
}

// scaled is a limit in units of the last decimal.
func scaled(n definition.Number, decimals int) int64 { return parse(n.String(), decimals) }

// parse reads a decimal in units of its last wanted decimal.
func parse(s string, decimals int) int64 {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = (fraction + strings.Repeat("0", decimals))[:decimals]
	v, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil {
		panic("demo: " + s + " is no decimal") // from this package or a checked scenario
	}
	if negative {
		return -v
	}
	return v
}
