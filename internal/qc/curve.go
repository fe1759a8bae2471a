package qc

import (
	"context"

	"flowviz/db"
	"flowviz/internal/qc/evaluation"
)

// followCurves does what the curves lead to that a lot can't meet any more, but for subjects of which a reading alone said enough. No reading
// alone misses a curve: what was read of a lot so far is looked at together, in one statement for all lots of the batch.
func (b *batch) followCurves(ctx context.Context, done map[*subject]bool) error {
	var curved []*subject
	p := db.MeasurementsOfLotsParams{SiteID: b.site, Now: &b.tx.At}
	seen := map[*subject]bool{}
	for i, s := range b.of {
		if seen[s] || done[s] || s.lot == nil || s.gate == nil || !b.fresh[b.ids[i]] || !s.gate.HasCurve() {
			continue
		}
		seen[s] = true
		curved, p.LotIds, p.GateIds = append(curved, s), append(p.LotIds, s.lot.ID), append(p.GateIds, s.gate.ID)
	}
	if len(curved) == 0 {
		return nil
	}
	rows, err := b.tx.MeasurementsOfLots(ctx, p)
	if err != nil {
		return err
	}
	series := map[about][]evaluation.Measurement{}
	for _, row := range rows {
		key := about{gate: db.OrZero(row.GateID), lot: db.OrZero(row.LotID)}
		series[key] = append(series[key], measurementOf(row))
	}
	for _, s := range curved {
		if err := b.heed(ctx, s, evaluation.Missed(s.gate.Gate, s.facts, series[about{gate: s.gate.ID, lot: s.lot.ID}])); err != nil {
			return err
		}
	}
	return nil
}

// measurementOf is what is evaluated of a recorded reading.
func measurementOf(row db.Measurement) evaluation.Measurement {
	return evaluation.Measurement{Parameter: row.Parameter, Value: row.Value, Unit: row.Unit, At: row.At.UTC(), Probe: row.Probe}
}
