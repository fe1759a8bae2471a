// Package evaluation decides whether the limits and the checklist of a gate are met.
//
// It is a pure function of what it is given: the gate as the pinned scenario version has it, what is known about the lot, what
// was measured and what was answered. Nothing is guessed: what isn't known is undecidable, what wasn't measured is missing, and
// neither is ever met. Where several readings speak about one condition, the worst counts. The zero value of a fact is that it
// is unknown.
package evaluation

import (
	"time"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// Input is all that a decision at a gate rests on.
type Input struct {
	Gate         definition.Gate
	Facts        Facts
	Measurements []Measurement // in any order, those that came before the decision too
	Answers      []Answer      // in any order
	// Expected are the codes that a scan may be, by what the gate expects: codes of the plant's own, or GS1 keys in any spelling,
	// also a bare GTIN or SSCC. None: not known.
	Expected map[definition.Expect][]string
}

// Facts are what the server knows about the lot; of a line it knows nothing.
type Facts struct {
	Attributes map[string]string    // species, state, category; unknown where absent or ""
	Derived    map[string][]Derived // by parameter; unknown where absent. component_deviation has one a component
}

// Derived is a value that the server computed, in the unit that the parameter always has.
type Derived struct {
	Of      string            // the component that it is about; "" where there is only one value
	Value   *quantity.Decimal // nil where it isn't known
	Endless bool              // more than any number: the remaining days of what doesn't expire
}

// Measurement is one reading of one probe.
type Measurement struct {
	Parameter string           `json:"parameter"`
	Value     quantity.Decimal `json:"value"`
	Unit      string           `json:"unit"` // UN/ECE Recommendation 20 or UCUM
	At        time.Time        `json:"at"`
	Probe     string           `json:"probe,omitempty"` // "" where there is only one
}

// Answer answers one item of a checklist. Value is a bool for BOOL; a quantity.Decimal, a json.Number, an integer or a
// decimal in a string for NUMBER; else a string. nil and blank texts are no answer.
type Answer struct {
	Code  string `json:"code"`
	Value any    `json:"value"`
}

// Evaluate finds for each limit and each item of the checklist whether it is met. Its error is a fault.List of BAD_USER_INPUT
// with all that is wrong with measurements and answers themselves: nothing is evaluated then. Of measurements there may be any
// number: three probes read each ten seconds while a pot cools for six hours gave 6,480.
func Evaluate(in Input) (Result, error) {
	readings, faults := read(in.Gate, in.Measurements)
	given, wrong := answered(in.Gate, in.Answers)
	if err := append(faults, wrong...).Err(); err != nil {
		return Result{}, err
	}
	r := Result{Unasked: unasked(in.Gate, in.Measurements)}
	for _, l := range in.Gate.Limits {
		r.Findings = append(r.Findings, judgeLimit(l, in.Facts, readings))
	}
	if f, ok := uncovered(in.Gate, r.Findings, in.Facts); ok {
		r.Findings = append(r.Findings, f)
	}
	for _, item := range in.Gate.Checklist {
		r.Findings = append(r.Findings, judgeItem(item, given[item.Code], in.Expected[item.Expect]))
	}
	remarkAtInfo(in.Gate, r.Findings)
	return r, nil
}

// Check finds what is wrong with measurements themselves, as they come from outside, 1,000 at a time at most: BAD_USER_INPUT with the
// field measurements[i] and what of it is wrong. A parameter that no limit of the gate asks for is no fault: probes tell more than is
// asked, and what was measured is kept.
func Check(gate definition.Gate, measurements []Measurement) fault.List {
	if n := len(measurements); n > mostMeasurements {
		return fault.List{fault.Bounded("measurements", n, mostMeasurements, "there are %d: give at most %d at a time", n, mostMeasurements)}
	}
	_, faults := read(gate, measurements)
	return faults
}
