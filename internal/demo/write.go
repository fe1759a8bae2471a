package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
)

// writer turns the history into rows.
type writer struct {
	h       *history
	sites   map[*plant]int32
	refs    map[string]*refs // by scenario key
	links   int
	entered map[*run][]time.Time
	unable  error // the first value that could not be encoded
}

// refs are the ids of what rows refer to in a scenario.
type refs struct {
	scenario uuid.UUID
	phases   map[int]uuid.UUID
	lotTypes map[string]uuid.UUID
	gates    map[string]uuid.UUID
}

// write stores the history; g makes the ids of what has none yet, log those of the audit events.
func (h *history) write(ctx context.Context, q *db.Queries, g, log *ids) (Summary, error) {
	w := &writer{h: h, sites: map[*plant]int32{}, refs: map[string]*refs{}, entered: h.entered()}
	if err := w.places(ctx, q, g); err != nil {
		return Summary{}, err
	}
	if err := w.scenarios(ctx, q); err != nil {
		return Summary{}, err
	}
	if err := w.rows(ctx, q); err != nil {
		return Summary{}, err
	}
	if err := w.locations(ctx, q, g); err != nil {
		return Summary{}, err
	}
	if err := w.products(ctx, q, g); err != nil {
		return Summary{}, err
	}
	if err := w.recall(ctx, q, g); err != nil {
		return Summary{}, err
	}
	if err := w.log(ctx, q, log); err != nil {
		return Summary{}, err
	}
	return Summary{
		Loaded: true, Sites: len(h.plants), Runs: len(h.runs), Lots: len(h.lots), Transformations: len(h.moves), Decisions: len(h.decisions),
		Holds: len(h.holds), Links: w.links, HeldLot: h.story.raw.code, Pallet: h.story.pallet.code,
	}, nil
}

// places writes who and where.
func (w *writer) places(ctx context.Context, q *db.Queries, g *ids) error {
	at := w.h.plants[0].at(0, 8, 0)
	for _, u := range w.h.users.all() {
		u.id = g.at(at)
		if err := q.InsertUser(ctx, db.InsertUserParams{ID: u.id, Email: u.email, FullName: u.name, CreatedAt: at}); err != nil {
			return err
		}
	}
	for _, p := range w.h.plants {
		id, err := q.InsertSite(ctx, db.InsertSiteParams{
			Code: p.code, Name: p.name, TimeZone: timeZone, GLN: &p.gln, Address: &p.address, ApprovalNumber: &p.approval, CompanyPrefix: &p.prefix,
		})
		if err != nil {
			return err
		}
		w.sites[p] = id
		for _, u := range w.h.users.all() {
			if err := q.PutMembership(ctx, db.PutMembershipParams{UserID: u.id, SiteID: id, Role: u.role}); err != nil {
				return err
			}
		}
		for _, one := range p.partners {
			one.id = g.at(at)
			if _, err := q.InsertPartner(ctx, db.InsertPartnerParams{ID: one.id, SiteID: id, Name: one.name, GLN: &one.gln, Address: &one.address}); err != nil {
				return err
			}
		}
	}
	return nil
}

// scenarios reads what the stored scenarios' parts are called.
func (w *writer) scenarios(ctx context.Context, q *db.Queries) error {
	for _, r := range w.h.runs {
		def := r.line.def
		if w.refs[def.Key] != nil {
			continue
		}
		row, err := q.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: def.Key, Version: &def.Version})
		if err != nil {
			return err
		}
		if w.refs[def.Key], err = readRefs(ctx, q, row.ID); err != nil {
			return err
		}
	}
	return nil
}

func readRefs(ctx context.Context, q *db.Queries, id uuid.UUID) (*refs, error) {
	s := &refs{scenario: id, phases: map[int]uuid.UUID{}, lotTypes: map[string]uuid.UUID{}, gates: map[string]uuid.UUID{}}
	of := []uuid.UUID{id}
	phases, err := q.PhasesByScenarios(ctx, of)
	if err != nil {
		return nil, err
	}
	for _, p := range phases {
		s.phases[int(p.Number)] = p.ID
	}
	lotTypes, err := q.LotTypesByScenarios(ctx, of)
	if err != nil {
		return nil, err
	}
	for _, t := range lotTypes {
		s.lotTypes[t.Code] = t.ID
	}
	gates, err := q.GatesByScenarios(ctx, of)
	if err != nil {
		return nil, err
	}
	for _, g := range gates {
		s.gates[g.Number.Round(2).String()] = g.ID
	}
	return s, nil
}

// rows writes the history, what others refer to first.
func (w *writer) rows(ctx context.Context, q *db.Queries) error {
	inputs, outputs, links := w.flows()
	w.links = len(links)
	lots, decisions, deviations, signatures := each(w.h.lots, w.lot), each(w.h.decisions, w.decision), each(w.h.deviations, w.deviation), w.signatures()
	if w.unable != nil {
		return w.unable
	}
	for _, s := range signatures {
		if err := q.InsertSignature(ctx, s); err != nil {
			return err
		}
	}
	steps := []struct {
		table string
		copy  func() (int64, error)
	}{
		{"run", func() (int64, error) { return q.CopyRuns(ctx, each(w.h.runs, w.run)) }},
		{"run_phase", func() (int64, error) { return q.CopyRunPhases(ctx, w.phases()) }},
		{"lot", func() (int64, error) { return q.CopyLots(ctx, lots) }},
		{"transformation", func() (int64, error) { return q.CopyTransformations(ctx, each(w.h.moves, w.transformation)) }},
		{"transformation_input", func() (int64, error) { return q.CopyTransformationInputs(ctx, inputs) }},
		{"transformation_output", func() (int64, error) { return q.CopyTransformationOutputs(ctx, outputs) }},
		{"lot_genealogy", func() (int64, error) { return q.CopyGenealogy(ctx, links) }},
		{"deviation", func() (int64, error) { return q.CopyDeviations(ctx, deviations) }},
		{"qc_decision", func() (int64, error) { return q.CopyDecisions(ctx, decisions) }},
		{"hold", func() (int64, error) { return q.CopyHolds(ctx, each(w.h.holds, w.hold)) }},
		{"exposure", func() (int64, error) { return q.CopyExposures(ctx, each(w.h.exposures, w.exposure)) }},
		{"alert", func() (int64, error) { return q.CopyAlerts(ctx, each(w.h.alerts, w.alert)) }},
	}
	for _, s := range steps {
		if _, err := s.copy(); err != nil {
			return fmt.Errorf("write the demo's rows of %s: %w", s.table, err)
		}
	}
	return q.TellStandings(ctx)
}

func each[T, R any](list []T, row func(T) R) []R {
	out := make([]R, len(list))
	for i, one := range list {
		out[i] = row(one)
	}
	return out
}
