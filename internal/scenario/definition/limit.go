package definition

import "slices"

// Limit is a requirement on values: one of its groups must hold with all its conditions.
type Limit struct {
	Code   string            `json:"code"` // unique among the limits and checklist items of its gate
	Name   Text              `json:"name"`
	When   []AttributeEquals `json:"when,omitempty"` // only lots with all these attributes; none: all lots
	AnyOf  [][]Condition     `json:"anyOf"`          // 70 °C for 120 s, or 75 °C for 30 s
	Target *Number           `json:"target,omitempty"`
	Source string            `json:"source"` // a regulation, a guide, a plant's specification, or the word assumed
	// Assumed: nothing supports this limit, a plant has to set it. It must never be shown as law.
	Assumed bool `json:"assumed"`
}

// AttributeEquals is a test of one attribute of a lot.
type AttributeEquals struct {
	Attribute string `json:"attribute"` // species, state or category
	Equals    string `json:"equals"`
}

// Condition is one comparison, of one of three shapes: with Value (LE, GE, EQ), with the band Min to Max, both ends included
// (BETWEEN), or a curve: from FromValue to ToValue within WithinS seconds, falling (LE) or rising (GE).
type Condition struct {
	Parameter string  `json:"parameter"` // core_temp, ph, yield
	Unit      string  `json:"unit"`      // UN/ECE Recommendation 20
	Op        Op      `json:"op"`
	Value     *Number `json:"value,omitempty"`
	Min       *Number `json:"min,omitempty"`
	Max       *Number `json:"max,omitempty"`
	// ForAtLeastS is the dwell: the comparison holds without a break for so many seconds; 0 for one reading.
	ForAtLeastS int `json:"forAtLeastS,omitempty"`
	// WithinS counts from the last reading at FromValue or before it to the first at ToValue or beyond it; 0 for no curve.
	WithinS   int        `json:"withinS,omitempty"`
	FromValue *Number    `json:"fromValue,omitempty"`
	ToValue   *Number    `json:"toValue,omitempty"`
	Aggregate *Aggregate `json:"aggregate,omitempty"` // nil: one reading of one probe
	Derived   bool       `json:"derived,omitempty"`   // the server computes the value, nobody types it
}

// HasCurve reports whether one of the limit's conditions is about the way from one value to another.
func (l Limit) HasCurve() bool {
	return slices.ContainsFunc(l.AnyOf, func(group []Condition) bool { return slices.ContainsFunc(group, Condition.IsCurve) })
}

// HasCurve reports whether one of the gate's limits has a curve.
func (g Gate) HasCurve() bool { return slices.ContainsFunc(g.Limits, Limit.HasCurve) }

// IsCurve reports whether the condition is about the way from one value to another.
func (c Condition) IsCurve() bool { return c.WithinS > 0 }

// Op is a comparison.
type Op string

// The comparisons.
const (
	OpLE      Op = "LE" // at most
	OpGE      Op = "GE" // at least
	OpEQ      Op = "EQ"
	OpBetween Op = "BETWEEN" // both ends included
)

// Aggregate says how readings that several probes gave at the same time become one value.
type Aggregate struct {
	Fn     AggregateFn `json:"fn"`
	Probes int         `json:"probes"` // how many must have given a reading
}

// AggregateFn makes one value of several.
type AggregateFn string

// The functions.
const (
	AggregateMax  AggregateFn = "MAX"
	AggregateMin  AggregateFn = "MIN"
	AggregateMean AggregateFn = "MEAN"
	AggregateLast AggregateFn = "LAST" // the probe read last
)

// The parameters that the server derives; all others are measured.
const (
	ParameterYield              = "yield"               // output over input mass of the transformation that made the lot, P1
	ParameterAgeMinutes         = "age_minutes"         // from the lot's creation to the reading, MIN
	ParameterRemainingDays      = "remaining_days"      // to the lot's expiry, without end where it has none, DAY
	ParameterComponentDeviation = "component_deviation" // each component weighed over specified, minus 100 per cent, P1
	ParameterRodDeviation       = "rod_deviation"       // the lot's weight minus the nominal weight of its SKU, KGM
)
