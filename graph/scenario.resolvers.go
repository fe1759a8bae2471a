package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
)

func (r *phaseResolver) Stream(ctx context.Context, obj *scenario.Phase) (*scenario.Stream, error) {
	return optional(ctx, loader.From(ctx).Stream, obj.StreamID)
}

func (r *phaseResolver) Gates(ctx context.Context, obj *scenario.Phase) ([]*scenario.Gate, error) {
	return loader.From(ctx).GatesByPhase.Load(ctx, obj.ID)
}

func (r *qcGateResolver) Phase(ctx context.Context, obj *scenario.Gate) (*scenario.Phase, error) {
	return loader.From(ctx).Phase.Load(ctx, obj.PhaseID)
}

func (r *qcGateResolver) LotTypes(ctx context.Context, obj *scenario.Gate) ([]*scenario.LotType, error) {
	return loader.From(ctx).LotTypesByGate.Load(ctx, obj.ID)
}

func (r *queryResolver) Scenarios(ctx context.Context, first *int32, after *relay.Cursor) (*relay.Connection[*scenario.Scenario], error) {
	return loader.FindersFrom(ctx).Scenario.Page(ctx, relay.PageArgs{First: first, After: after})
}

func (r *queryResolver) Scenario(ctx context.Context, key string, version *string) (*scenario.Scenario, error) {
	return loader.FindersFrom(ctx).Scenario.ByKey(ctx, key, version)
}

func (r *scenarioResolver) Streams(ctx context.Context, obj *scenario.Scenario) ([]*scenario.Stream, error) {
	return loader.From(ctx).StreamsByScenario.Load(ctx, obj.ID)
}

func (r *scenarioResolver) Phases(ctx context.Context, obj *scenario.Scenario) ([]*scenario.Phase, error) {
	return loader.From(ctx).PhasesByScenario.Load(ctx, obj.ID)
}

func (r *scenarioResolver) LotTypes(ctx context.Context, obj *scenario.Scenario) ([]*scenario.LotType, error) {
	return loader.From(ctx).LotTypesByScenario.Load(ctx, obj.ID)
}

func (r *scenarioResolver) Gates(ctx context.Context, obj *scenario.Scenario) ([]*scenario.Gate, error) {
	return loader.From(ctx).GatesByScenario.Load(ctx, obj.ID)
}

func (r *Resolver) Phase() generated.PhaseResolver { return &phaseResolver{r} }

func (r *Resolver) QcGate() generated.QcGateResolver { return &qcGateResolver{r} }

func (r *Resolver) Scenario() generated.ScenarioResolver { return &scenarioResolver{r} }

type (
	phaseResolver    struct{ *Resolver }
	qcGateResolver   struct{ *Resolver }
	scenarioResolver struct{ *Resolver }
)
