package qc

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/yield"
)

// reading is a measured or derived value as a decision keeps it.
type reading struct {
	evaluation.Measurement
	Derived bool `json:"derived,omitempty"`
}

// judge evaluates the check. A HOLD or FAIL needs no finding: a person may see what no limit says. What is given must be understood all
// the same.
func (c *check) judge(ctx context.Context) error {
	in := evaluation.Input{Gate: c.gate.Gate}
	for _, m := range c.Measurements {
		in.Measurements = append(in.Measurements, *m)
	}
	if err := evaluation.Check(in.Gate, in.Measurements).Err(); err != nil {
		return err
	}
	if err := c.checkTimes(ctx); err != nil {
		return err
	}
	var err error
	if in.Answers, err = c.answers(); err != nil {
		return err
	}
	f := facts{check: c}
	if in.Facts, err = f.find(ctx); err != nil {
		return err
	}
	if in.Expected, err = f.expected(ctx); err != nil {
		return err
	}
	recorded, err := c.recorded(ctx)
	if err != nil {
		return err
	}
	in.Measurements = append(in.Measurements, recorded...)
	result, err := evaluation.Evaluate(in)
	if err != nil {
		return err
	}
	if c.Decision == db.QcOutcomePASS {
		if err := result.Faults().Err(); err != nil {
			return err
		}
	}
	c.readings, c.remarks = c.kept(in), remarks(in.Gate, result)
	return nil
}

// checkTimes refuses readings that nobody can have read yet, and for a PASS those from before a reading that was bad: what was good before that says nothing
// about the lot since.
func (c *check) checkTimes(ctx context.Context) error {
	var faults fault.List
	for i, m := range c.Measurements {
		faults = append(faults, notYet(i, m.At, c.tx.At)...)
	}
	if c.Decision != db.QcOutcomePASS || c.lot == nil || len(c.Measurements) == 0 {
		return faults.Err()
	}
	badUntil, err := c.tx.LotBadUntil(ctx, db.LotBadUntilParams{LotID: c.lot.ID, GateID: c.gate.ID, SiteID: c.site, CheckedAt: c.at})
	if db.NoRows(err) {
		return faults.Err()
	} else if err != nil {
		return err
	}
	for i, m := range c.Measurements {
		if !m.At.After(badUntil) {
			faults = append(faults, fault.New(fault.FailedPrecondition, at(i)+"at", "readings at gate %s held %s for what was before %s: read it again, and give what was read since",
				c.gate.Number, c.lot.Code, badUntil.UTC().Format(time.RFC3339)))
		}
	}
	return faults.Err()
}

// remarks are the limits that aren't met and keep nothing from passing; without those about the yield, of which an alert told when it was known.
func remarks(gate definition.Gate, r evaluation.Result) []string {
	var out []string
	for _, f := range r.Findings {
		told := slices.ContainsFunc(gate.Limits, func(l definition.Limit) bool { return l.Code == f.Code && yield.Tells(l) })
		if f.Subject == evaluation.SubjectLimit && f.Status == evaluation.StatusNotMet && f.Effect == definition.EffectNote && !told {
			out = append(out, f.Message)
		}
	}
	return out
}

// recorded is what probes sent about the lot at the gate since it was last held for that, or about the line since the check before.
func (c *check) recorded(ctx context.Context) ([]evaluation.Measurement, error) {
	var rows []db.Measurement
	var err error
	if c.lot != nil {
		rows, err = c.tx.MeasurementsOfLot(ctx, db.MeasurementsOfLotParams{LotID: c.lot.ID, GateID: c.gate.ID, SiteID: c.site, CheckedAt: c.at})
	} else {
		rows, err = c.tx.MeasurementsOfLine(ctx, db.MeasurementsOfLineParams{RunID: c.run.ID, GateID: c.gate.ID, SiteID: c.site, CheckedAt: c.at})
	}
	out := make([]evaluation.Measurement, len(rows))
	for i, row := range rows {
		out[i] = measurementOf(row)
	}
	return out, err
}

// kept is all that the decision rests on: what was measured, and what the server computed.
func (c *check) kept(in evaluation.Input) []reading {
	out := []reading{}
	for _, m := range in.Measurements {
		out = append(out, reading{Measurement: m})
	}
	for _, k := range derivedOf(in.Gate) {
		for _, d := range in.Facts.Derived[k.Parameter] {
			if d.Value != nil {
				out = append(out, reading{evaluation.Measurement{Parameter: k.Parameter, Value: *d.Value, Unit: k.Unit, At: c.at}, true})
			}
		}
	}
	return out
}

// answers reads what was answered; numbers keep their digits.
func (c *check) answers() ([]evaluation.Answer, error) {
	out := make([]evaluation.Answer, len(c.Answers))
	for i, a := range c.Answers {
		d := json.NewDecoder(bytes.NewReader(a.Value))
		d.UseNumber()
		out[i].Code = a.Code
		if len(a.Value) == 0 {
			continue
		}
		if err := d.Decode(&out[i].Value); err != nil {
			return nil, fault.BadInput("answers", "the answer to %q can't be read", a.Code)
		}
	}
	return out, nil
}
