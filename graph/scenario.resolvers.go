package graph

import (
	"context"
	"encoding/json"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

func (r *mutationResolver) CreateScenario(ctx context.Context, input scenario.Creation) (*model.CreateScenarioPayload, error) {
	id, err := r.Scenarios.Create(ctx, input)
	if err != nil {
		return nil, err
	}
	made, err := changed(ctx, loader.From(ctx).Scenario, id)
	return &model.CreateScenarioPayload{Scenario: made}, err
}

func (r *mutationResolver) CopyScenario(ctx context.Context, input scenario.Copying) (*model.CopyScenarioPayload, error) {
	id, err := r.Scenarios.Copy(ctx, input)
	if err != nil {
		return nil, err
	}
	made, err := changed(ctx, loader.From(ctx).Scenario, id)
	return &model.CopyScenarioPayload{Scenario: made}, err
}

func (r *mutationResolver) ChangeScenario(ctx context.Context, input scenario.Change) (*model.ChangeScenarioPayload, error) {
	id, err := r.Scenarios.Change(ctx, input)
	if err != nil {
		return nil, err
	}
	draft, err := changed(ctx, loader.From(ctx).Scenario, id)
	return &model.ChangeScenarioPayload{Scenario: draft}, err
}

func (r *mutationResolver) SubmitScenario(ctx context.Context, input scenario.Submission) (*model.SubmitScenarioPayload, error) {
	id, err := r.Scenarios.Submit(ctx, input)
	if err != nil {
		return nil, err
	}
	submitted, err := changed(ctx, loader.From(ctx).Scenario, id)
	return &model.SubmitScenarioPayload{Scenario: submitted}, err
}

func (r *mutationResolver) ReturnScenario(ctx context.Context, input scenario.Return) (*model.ReturnScenarioPayload, error) {
	id, err := r.Scenarios.Return(ctx, input)
	if err != nil {
		return nil, err
	}
	draft, err := changed(ctx, loader.From(ctx).Scenario, id)
	return &model.ReturnScenarioPayload{Scenario: draft}, err
}

func (r *mutationResolver) PublishScenario(ctx context.Context, input scenario.Publication) (*model.PublishScenarioPayload, error) {
	published, err := r.Scenarios.Publish(ctx, input)
	if err != nil {
		return nil, err
	}
	current, err := changed(ctx, loader.From(ctx).Scenario, published.ID)
	if err != nil {
		return nil, err
	}
	replaced, err := optional(ctx, loader.From(ctx).Scenario, published.Replaced)
	return &model.PublishScenarioPayload{Scenario: current, Replaced: replaced}, err
}

func (r *mutationResolver) DeprecateScenario(ctx context.Context, input scenario.Deprecation) (*model.DeprecateScenarioPayload, error) {
	id, err := r.Scenarios.Deprecate(ctx, input)
	if err != nil {
		return nil, err
	}
	ended, err := changed(ctx, loader.From(ctx).Scenario, id)
	return &model.DeprecateScenarioPayload{Scenario: ended}, err
}

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

func (r *queryResolver) ScenarioFaults(ctx context.Context, definition json.RawMessage) ([]*definition.Fault, error) {
	return r.Resolver.Scenarios.Faults(ctx, definition)
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
