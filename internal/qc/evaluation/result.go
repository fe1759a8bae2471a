package evaluation

import (
	"flowviz/internal/fault"
	"flowviz/internal/scenario/definition"
)

// Result is what an evaluation found.
type Result struct {
	// Findings are one for each limit and then one for each item of the checklist, both in the gate's order. Between them is one
	// of SubjectGate where none of the gate's limits is for such goods.
	Findings []Finding
	Unasked  []string // parameters that were measured and that no limit asks for, sorted
}

// Finding is what was found about one limit or item.
type Finding struct {
	Subject Subject
	Code    string // of the limit or item; "" for SubjectGate
	Status  Status
	Effect  definition.FailEffect // what it leads to; "" for nothing
	Message string                // a sentence for a person, with values, units, probes and times, without a full stop
}

// Subject says what a finding is about.
type Subject string

// The subjects.
const (
	SubjectLimit Subject = "LIMIT"
	SubjectItem  Subject = "ITEM"
	SubjectGate  Subject = "GATE" // the gate has limits, and none for these goods
)

// Status says whether something is met.
type Status string

// The statuses.
const (
	StatusMet           Status = "MET"
	StatusNotMet        Status = "NOT_MET"
	StatusMissing       Status = "MISSING"        // not measured, not by enough probes, not answered
	StatusNotApplicable Status = "NOT_APPLICABLE" // a limit for other goods
	StatusUndecidable   Status = "UNDECIDABLE"    // an attribute, a derived value or an expected code isn't known
)

// Outcome is what a decision can be.
type Outcome string

// The outcomes, from good to bad.
const (
	OutcomePass Outcome = "PASS"
	OutcomeHold Outcome = "HOLD"
	OutcomeFail Outcome = "FAIL"
)

// Outcome is what the worst finding leads to: FAIL, HOLD, or PASS where all is met but remarks. A limit that isn't met, and
// all that is missing or undecidable, leads to HOLD; at a gate for information all are remarks.
func (r Result) Outcome() Outcome {
	worst := OutcomePass
	for _, f := range r.Findings {
		switch f.Effect {
		case definition.EffectFail:
			return OutcomeFail
		case definition.EffectHold:
			worst = OutcomeHold
		case definition.EffectNote:
		}
	}
	return worst
}

// remarkAtInfo makes all that was found at a gate for information a remark: it raises an alert and nothing else.
func remarkAtInfo(gate definition.Gate, findings []Finding) {
	for i, f := range findings {
		if gate.Mode == definition.ModeInfo && f.Effect != "" {
			findings[i].Effect = definition.EffectNote
		}
	}
}

// Faults are why a PASS is refused, all at once: FAILED_PRECONDITION of the field measurements for a limit, answers[CODE] for
// an item. Remarks are none. It is empty where Outcome is PASS.
func (r Result) Faults() fault.List {
	var faults fault.List
	for _, f := range r.Findings {
		if f.Effect != definition.EffectHold && f.Effect != definition.EffectFail {
			continue
		}
		field := "measurements"
		if f.Subject == SubjectItem {
			field = answerField(f.Code)
		}
		faults = append(faults, fault.New(fault.FailedPrecondition, field, "%s", f.Message))
	}
	return faults
}
