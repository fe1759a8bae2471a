package demo

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"flowviz/db"
	"flowviz/internal/quantity"
)

func (w *writer) of(l *line) *refs { return w.refs[l.def.Key] }

func (w *writer) site(l *line) int32 { return w.sites[l.plant] }

// entered finds when each run entered its phases, from what was done in them: the first phase at its start, each other when something
// was done there, or in a later one, for the first time.
func (h *history) entered() map[*run][]time.Time {
	first := map[*run]map[int]time.Time{}
	for _, r := range h.runs {
		first[r] = map[int]time.Time{0: r.started}
	}
	note := func(r *run, phase int, at time.Time) {
		if r == nil {
			return
		}
		if known, ok := first[r][phase]; !ok || at.Before(known) {
			first[r][phase] = at
		}
	}
	for _, m := range h.moves {
		note(m.run, m.phase, m.occurred)
	}
	for _, l := range h.lots {
		note(l.run, l.phase, l.occurred) // one may have been registered by itself
	}
	for _, d := range h.decisions {
		note(d.run, d.gate.Phase, d.at)
	}
	entered := map[*run][]time.Time{}
	for r, phases := range first {
		times := make([]time.Time, slices.Max(slices.Collect(maps.Keys(phases)))+1)
		for phase := len(times) - 1; phase >= 0; phase-- {
			at, ok := phases[phase]
			if later := phase + 1; later < len(times) && (!ok || times[later].Before(at)) {
				at = times[later]
			}
			times[phase] = at
		}
		entered[r] = times
	}
	return entered
}

func (w *writer) phases() []db.CopyRunPhasesParams {
	var rows []db.CopyRunPhasesParams
	for _, r := range w.h.runs {
		for phase, at := range w.entered[r] {
			rows = append(rows, db.CopyRunPhasesParams{
				RunID: r.id, PhaseID: w.of(r.line).phases[phase], SiteID: w.site(r.line), EnteredAt: at, EnteredBy: &w.h.users.operator.id,
			})
		}
	}
	return rows
}

func (w *writer) run(r *run) db.CopyRunsParams {
	last := len(w.entered[r]) - 1
	return db.CopyRunsParams{
		ID: r.id, SiteID: w.site(r.line), Code: r.code, Status: r.outcome, StatusReason: text(r.reason), ScenarioID: w.of(r.line).scenario,
		PhaseID: w.of(r.line).phases[last], OperatorID: &w.h.users.operator.id, StartedAt: &r.started, EndedAt: moment(r.ended),
		AutoRegister: r.announces,
	}
}

func (w *writer) lot(l *lot) db.CopyLotsParams {
	phase := w.of(l.line).phases[l.phase]
	row := db.CopyLotsParams{
		ID: l.id, SiteID: w.site(l.line), Code: l.code, GS1Key: text(l.gs1Key()), LotTypeID: w.of(l.line).lotTypes[l.kind.Code], Status: l.status,
		Source: l.source, Attributes: w.json(l.attributes), PhaseID: &phase, OccurredAt: l.occurred, RegisteredAt: l.registered,
	}
	switch {
	case l.unknown:
		row.Announced = true
	case l.counted():
		unit := string(l.kind.Unit)
		row.Quantity, row.RemainingQuantity, row.Unit = new(quantity.FromInt(l.amount)), new(quantity.FromInt(l.left)), &unit
	default:
		row.WeightKg, row.RemainingKg = new(quantity.Grams(l.amount)), new(quantity.Grams(l.left))
	}
	if l.temperature != nil {
		row.TemperatureC = new(quantity.MustParse(decimal(*l.temperature, 2)))
	}
	if l.supplier != nil {
		row.SupplierID = &l.supplier.id
	}
	if l.run != nil {
		row.RunID = &l.run.id
	}
	if l.by != nil {
		row.RegisteredBy = &l.by.id
	}
	return row
}

func (w *writer) transformation(m *move) db.CopyTransformationsParams {
	row := db.CopyTransformationsParams{
		ID: m.id, SiteID: w.site(m.line), Kind: m.kind, OccurredAt: m.occurred, RecordedAt: m.recorded,
		VoidedAt: moment(m.voided), VoidReason: text(m.voidReason),
	}
	if m.run != nil {
		phase := w.of(m.line).phases[m.phase]
		row.RunID, row.PhaseID = &m.run.id, &phase
	}
	if m.partner != nil {
		row.PartnerID = &m.partner.id
	}
	if m.replacedBy != nil {
		row.ReplacedByID = &m.replacedBy.id
	}
	return row
}

// flows are the inputs and outputs of all moves, and the pairs that those in force imply.
func (w *writer) flows() (inputs []db.CopyTransformationInputsParams, outputs []db.CopyTransformationOutputsParams, links []db.CopyGenealogyParams) {
	for _, m := range w.h.moves {
		site := w.site(m.line)
		for _, in := range m.in {
			kg, pieces, unit := in.measures()
			inputs = append(inputs, db.CopyTransformationInputsParams{TransformationID: m.id, LotID: in.lot.id, SiteID: site, QuantityKg: kg, Quantity: pieces, Unit: unit})
		}
		for _, out := range m.out {
			kg, pieces, unit := out.measures()
			outputs = append(outputs, db.CopyTransformationOutputsParams{TransformationID: m.id, LotID: out.lot.id, SiteID: site, QuantityKg: kg, Quantity: pieces, Unit: unit})
			if !m.voided.IsZero() {
				continue
			}
			for _, in := range m.in {
				links = append(links, db.CopyGenealogyParams{ChildID: out.lot.id, ParentID: in.lot.id, TransformationID: m.id, SiteID: site, ParentSiteID: site})
			}
		}
	}
	return inputs, outputs, links
}

// measures are kilograms, or pieces and their unit.
func (d draw) measures() (kg, pieces *quantity.Decimal, unit *string) {
	if d.lot.counted() {
		each := string(d.lot.kind.Unit)
		return nil, new(quantity.FromInt(d.amount)), &each
	}
	return new(quantity.Grams(d.amount)), nil, nil
}

func (w *writer) decision(d *decision) db.CopyDecisionsParams {
	row := db.CopyDecisionsParams{
		ID: d.id, SiteID: w.site(d.line), GateID: w.of(d.line).gates[d.gate.Number.Round(2).String()], RunID: &d.run.id, Decision: d.outcome,
		Equipment: text(d.equipment), Measurements: w.json(d.readings), Answers: w.json(d.answers), Notes: text(d.notes),
		CorrectiveAction: text(d.action), DecidedAt: d.at, DecidedBy: d.by.id, CheckedAt: d.checked(),
	}
	if d.lot != nil {
		row.LotID = &d.lot.id
	}
	if d.supersedes != nil {
		row.SupersedesID = &d.supersedes.id
	}
	if d.deviation != nil {
		row.DeviationID = &d.deviation.id
	}
	return row
}

func (w *writer) hold(s *hold) db.CopyHoldsParams {
	row := db.CopyHoldsParams{
		ID: s.id, SiteID: w.site(s.lot.line), LotID: s.lot.id, Reason: s.reason, HeldAt: s.from, HeldBy: s.by.id, EndedAt: moment(s.ended),
		EndReason: text(s.why), DeviationID: &s.deviation.id, Disposition: s.disposition(),
	}
	if s.decision != nil {
		row.DecisionID = &s.decision.id
	}
	if s.endedBy != nil {
		row.EndedBy, row.Outcome = &s.endedBy.id, &s.outcome
	}
	return row
}

func (w *writer) exposure(e exposure) db.CopyExposuresParams {
	site := w.site(e.lot.line)
	return db.CopyExposuresParams{
		LotID: e.lot.id, CauseID: e.cause.id, SiteID: site, CauseLotID: e.cause.lot.id, CauseSiteID: w.site(e.cause.lot.line), Reason: e.reason,
		ExposedAt: e.from, EndedAt: moment(e.to),
	}
}

func (w *writer) alert(a *alert) db.CopyAlertsParams {
	row := db.CopyAlertsParams{
		ID: a.id, SiteID: w.site(a.line), Kind: a.kind, Severity: a.severity, Message: a.message, RaisedAt: a.raised, AcknowledgedAt: moment(a.acknowledged),
	}
	if a.lot != nil {
		row.LotID = &a.lot.id
	}
	if a.run != nil {
		row.RunID = &a.run.id
	}
	if !a.acknowledged.IsZero() {
		row.AcknowledgedBy = &w.h.users.operator.id
	}
	return row
}

func (w *writer) json(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil && w.unable == nil {
		w.unable = fmt.Errorf("encode a value of the demo: %w", err)
	}
	return data
}

// text is nil for "".
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// moment is nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
