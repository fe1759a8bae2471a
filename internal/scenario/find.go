package scenario

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/relay"
)

// Finder reads scenarios and their parts.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// ByIDs finds scenarios; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Scenario, error) {
	rows, err := f.q.ScenariosByIDs(ctx, ids)
	return scenarios(rows), err
}

// ByKey finds a version of a scenario, the PUBLISHED one where version is nil; nil where there is none.
func (f *Finder) ByKey(ctx context.Context, key string, version *string) (*Scenario, error) {
	row, err := f.q.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: key, Version: version})
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // absent is an answer here: null
	}
	return &Scenario{row}, err
}

// Page lists all versions of all scenarios, in the order in which they were loaded.
func (f *Finder) Page(ctx context.Context, args relay.PageArgs) (*relay.Connection[*Scenario], error) {
	page, err := args.Page(relay.Scenario)
	if err != nil {
		return nil, err
	}
	rows, err := f.adhoc.ScenariosPage(ctx, db.ScenariosPageParams{After: page.AfterKey(), Size: page.Fetch()})
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, scenarios(rows), func(s *Scenario) uuid.UUID { return s.ID }, f.q.CountScenarios), nil
}

// StreamsByIDs finds streams.
func (f *Finder) StreamsByIDs(ctx context.Context, ids []uuid.UUID) ([]*Stream, error) {
	rows, err := f.q.StreamsByIDs(ctx, ids)
	return streams(rows), err
}

// StreamsOf lists the streams of scenarios, in the order in which they are drawn.
func (f *Finder) StreamsOf(ctx context.Context, scenarioIDs []uuid.UUID) ([]*Stream, error) {
	rows, err := f.q.StreamsByScenarios(ctx, scenarioIDs)
	return streams(rows), err
}

// PhasesByIDs finds phases.
func (f *Finder) PhasesByIDs(ctx context.Context, ids []uuid.UUID) ([]*Phase, error) {
	rows, err := f.q.PhasesByIDs(ctx, ids)
	return phases(rows), err
}

// PhasesOf lists the phases of scenarios, by number.
func (f *Finder) PhasesOf(ctx context.Context, scenarioIDs []uuid.UUID) ([]*Phase, error) {
	rows, err := f.q.PhasesByScenarios(ctx, scenarioIDs)
	return phases(rows), err
}

// LotTypesByIDs finds lot types.
func (f *Finder) LotTypesByIDs(ctx context.Context, ids []uuid.UUID) ([]*LotType, error) {
	rows, err := f.q.LotTypesByIDs(ctx, ids)
	return lotTypes(rows), err
}

// LotTypesOf lists the lot types of scenarios, in the order of their definitions.
func (f *Finder) LotTypesOf(ctx context.Context, scenarioIDs []uuid.UUID) ([]*LotType, error) {
	rows, err := f.q.LotTypesByScenarios(ctx, scenarioIDs)
	return lotTypes(rows), err
}

// GatesByIDs finds gates.
func (f *Finder) GatesByIDs(ctx context.Context, ids []uuid.UUID) ([]*Gate, error) {
	rows, err := f.q.GatesByIDs(ctx, ids)
	return gates(rows), err
}

// GatesOf lists the gates of scenarios, by number.
func (f *Finder) GatesOf(ctx context.Context, scenarioIDs []uuid.UUID) ([]*Gate, error) {
	rows, err := f.q.GatesByScenarios(ctx, scenarioIDs)
	return gates(rows), err
}

// GatesAt lists the gates that stand at phases, by number.
func (f *Finder) GatesAt(ctx context.Context, phaseIDs []uuid.UUID) ([]*Gate, error) {
	rows, err := f.q.GatesByPhases(ctx, phaseIDs)
	return gates(rows), err
}

// GateLotTypes maps gates to the lot types that they apply to.
func (f *Finder) GateLotTypes(ctx context.Context, gateIDs []uuid.UUID) (map[uuid.UUID][]*LotType, error) {
	rows, err := f.q.LotTypesByGates(ctx, gateIDs)
	out := make(map[uuid.UUID][]*LotType, len(gateIDs))
	for _, row := range rows {
		out[row.GateID] = append(out[row.GateID], &LotType{row.LotType})
	}
	return out, err
}

func scenarios(rows []db.Scenario) []*Scenario {
	out := make([]*Scenario, len(rows))
	for i, row := range rows {
		out[i] = &Scenario{row}
	}
	return out
}

func streams(rows []db.Stream) []*Stream {
	out := make([]*Stream, len(rows))
	for i, row := range rows {
		out[i] = &Stream{row}
	}
	return out
}

func phases(rows []db.Phase) []*Phase {
	out := make([]*Phase, len(rows))
	for i, row := range rows {
		out[i] = &Phase{row}
	}
	return out
}

func lotTypes(rows []db.LotType) []*LotType {
	out := make([]*LotType, len(rows))
	for i, row := range rows {
		out[i] = &LotType{row}
	}
	return out
}

func gates(rows []db.QcGate) []*Gate {
	out := make([]*Gate, len(rows))
	for i, row := range rows {
		out[i] = &Gate{row}
	}
	return out
}
