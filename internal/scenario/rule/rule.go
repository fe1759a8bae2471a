// Package rule keeps a scenario's rules on transformations: what may go into what, and what the lots that come out of it
// inherit.
//
// It is a pure function of the scenario and of a transformation that somebody means to record. An attribute that isn't known
// neither breaks a rule nor satisfies one: who needs it known asks for it at a gate. CONTINUOUS_VESSEL lets
// the heel into the next filling, and is kept where the site's other lots are known: by whoever records.
package rule

import (
	"slices"
	"time"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// Transformation is an event as it is meant to be recorded.
type Transformation struct {
	Kind    Kind
	Phase   *int      // the phase's number; nil where nobody named one
	At      time.Time // when it happened, not when it was recorded
	Inputs  []Input
	Outputs []Output
	// ProductionDay is the site's: midnight of the production day that an instant belongs to.
	ProductionDay func(time.Time) time.Time
}

// Kind says what kind of event it is.
type Kind string

// The kinds.
const (
	KindReceive Kind = "RECEIVE"
	KindProcess Kind = "PROCESS"
	KindSplit   Kind = "SPLIT"
	KindMerge   Kind = "MERGE"
	KindRework  Kind = "REWORK"
	KindPack    Kind = "PACK"
	KindShip    Kind = "SHIP"
	KindSample  Kind = "SAMPLE"
	KindWaste   Kind = "WASTE"
)

// Input is a lot that is drawn from.
type Input struct {
	Code    string // of the lot
	LotType string
	// MadeAt is when it was made. For what came out of a SPLIT or MERGE, give the time of the oldest lot that went into it, or
	// splitting makes old goods new.
	MadeAt     time.Time
	Kg         *quantity.Decimal // how much is drawn, kilograms; nil for a count
	Attributes Attributes
	// Ancestors are, by attribute, lots that it was made of and that carry it, of each value at least one. Traced says of which
	// attributes they are looked at.
	Ancestors map[string][]Carrier
}

// Output is a lot that is to come into being, with what is said of it.
type Output struct {
	LotType       string
	ShelfLifeDays int // its product's; 0 for that of its type
	Attributes    Attributes
}

// Attributes are what a lot is like.
type Attributes struct {
	Values     map[string]string   // species, category, state, sku and the like; absent or "" where not known
	Lists      map[string][]string // allergens
	BestBefore *time.Time          // a date is its midnight in UTC; nil where it doesn't expire or isn't known
}

// Carrier is a lot that carries an attribute.
type Carrier struct{ Lot, Value string }

// Traced are the attributes that Apply looks for among all ancestors of the inputs, given what is to be made.
func Traced(s *definition.Scenario, outputs []Output) []string {
	var attributes []string
	for _, r := range s.Rules {
		same, ok := r.(definition.SameAttribute)
		if ok && same.Scope == definition.ScopeAllAncestors && slices.ContainsFunc(outputs, func(o Output) bool { return slices.Contains(same.Outputs, o.LotType) }) {
			attributes = append(attributes, same.Attribute)
		}
	}
	return attributes
}

// Apply checks a transformation against all rules of a scenario, and finds what each output inherits: its own attributes
// completed, in the order of the outputs. The faults are FAILED_PRECONDITION, all at once, of the field inputs[i] or outputs[i];
// each names its rule, the lots and the numbers. The attributes mean nothing where there are any.
func Apply(s *definition.Scenario, t Transformation) ([]Attributes, fault.List) {
	a := &application{Transformation: t, scenario: s, made: make([]Attributes, len(t.Outputs))}
	for i, o := range t.Outputs {
		a.made[i] = clone(o.Attributes)
	}
	a.checkTypes()
	for _, r := range s.Rules {
		switch r := r.(type) {
		case definition.SameAttribute:
			a.sameAttribute(r)
		case definition.SameProductionDay:
			a.sameProductionDay(r)
		case definition.MaxAge:
			a.maxAge(r)
		case definition.MaxShare:
			a.maxShare(r)
		case definition.InheritUnion:
			a.inheritUnion(r)
		}
	}
	a.keep()
	a.expire()
	return a.made, a.faults
}

// application is a transformation under the rules of a scenario.
type application struct {
	Transformation
	scenario *definition.Scenario
	made     []Attributes // of each output
	faults   fault.List
}

// keepsType reports whether an output is some of what goes in, under another number: a SPLIT or MERGE of lots of its type.
func (a *application) keepsType(output string) bool {
	return (a.Kind == KindSplit || a.Kind == KindMerge) &&
		!slices.ContainsFunc(a.Inputs, func(in Input) bool { return in.LotType != output })
}
