package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/deviation"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
)

func (r *measurementResolver) Gate(ctx context.Context, obj *qc.Reading) (*scenario.Gate, error) {
	return optional(ctx, loader.From(ctx).Gate, obj.GateID)
}

func (r *measurementResolver) RecordedBy(ctx context.Context, obj *qc.Reading) (*identity.User, error) {
	return loader.From(ctx).User.Load(ctx, obj.RecordedBy)
}

func (r *mutationResolver) RecordQcDecision(ctx context.Context, input qc.Record) (*model.RecordQcDecisionPayload, error) {
	id, err := r.Checks.RecordDecision(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Decision, id)
	return &model.RecordQcDecisionPayload{Decision: found}, err
}

func (r *mutationResolver) RecordMeasurements(ctx context.Context, input qc.Batch) (*model.RecordMeasurementsPayload, error) {
	got, err := r.Checks.RecordMeasurements(ctx, input)
	if err != nil {
		return nil, err
	}
	held, err := changedAll(ctx, loader.From(ctx).Lot, got.Held)
	return &model.RecordMeasurementsPayload{Count: got.Count, Held: held}, err
}

func (r *qcDecisionResolver) Gate(ctx context.Context, obj *qc.Decision) (*scenario.Gate, error) {
	return loader.From(ctx).Gate.Load(ctx, obj.GateID)
}

func (r *qcDecisionResolver) Run(ctx context.Context, obj *qc.Decision) (*run.Run, error) {
	return optional(ctx, loader.From(ctx).Run, obj.RunID)
}

func (r *qcDecisionResolver) Lot(ctx context.Context, obj *qc.Decision) (*lot.Lot, error) {
	return optional(ctx, loader.From(ctx).Lot, obj.LotID)
}

func (r *qcDecisionResolver) DecidedBy(ctx context.Context, obj *qc.Decision) (*identity.User, error) {
	return loader.From(ctx).User.Load(ctx, obj.DecidedBy)
}

func (r *qcDecisionResolver) Supersedes(ctx context.Context, obj *qc.Decision) (*qc.Decision, error) {
	return optional(ctx, loader.From(ctx).Decision, obj.SupersedesID)
}

func (r *qcDecisionResolver) Deviation(ctx context.Context, obj *qc.Decision) (*deviation.Deviation, error) {
	return optional(ctx, loader.From(ctx).Deviation, obj.DeviationID)
}

func (r *Resolver) Measurement() generated.MeasurementResolver { return &measurementResolver{r} }

func (r *Resolver) QcDecision() generated.QcDecisionResolver { return &qcDecisionResolver{r} }

type (
	measurementResolver struct{ *Resolver }
	qcDecisionResolver  struct{ *Resolver }
)
