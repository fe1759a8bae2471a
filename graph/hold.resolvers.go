package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/deviation"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/recall"
)

func (r *exposureResolver) Cause(ctx context.Context, obj *hold.Exposure) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.CauseLotID)
}

func (r *exposureResolver) Recall(ctx context.Context, obj *hold.Exposure) (*recall.Recall, error) {
	return optional(ctx, loader.From(ctx).Recall, obj.RecallID())
}

func (r *exposureResolver) Path(ctx context.Context, obj *hold.Exposure) ([]*lot.Lot, error) {
	return exposurePath(ctx, obj)
}

func (r *holdResolver) Decision(ctx context.Context, obj *hold.Hold) (*qc.Decision, error) {
	return optional(ctx, loader.From(ctx).Decision, obj.DecisionID)
}

func (r *holdResolver) Deviation(ctx context.Context, obj *hold.Hold) (*deviation.Deviation, error) {
	return optional(ctx, loader.From(ctx).Deviation, obj.DeviationID)
}

func (r *holdResolver) Recall(ctx context.Context, obj *hold.Hold) (*recall.Recall, error) {
	return optional(ctx, loader.From(ctx).Recall, obj.RecallID)
}

func (r *holdResolver) HeldBy(ctx context.Context, obj *hold.Hold) (*identity.User, error) {
	return loader.From(ctx).User.Load(ctx, obj.HeldBy)
}

func (r *holdResolver) EndedBy(ctx context.Context, obj *hold.Hold) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.EndedBy)
}

func (r *mutationResolver) HoldLots(ctx context.Context, input hold.Holding) (*model.HoldLotsPayload, error) {
	ids, err := r.Holds.HoldLots(ctx, input)
	if err != nil {
		return nil, err
	}
	lots, err := changedAll(ctx, loader.From(ctx).Lot, ids)
	return &model.HoldLotsPayload{Lots: lots}, err
}

func (r *mutationResolver) ReleaseLot(ctx context.Context, input hold.Release) (*model.ReleaseLotPayload, error) {
	id, err := r.Holds.ReleaseLot(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Lot, id)
	return &model.ReleaseLotPayload{Lot: found}, err
}

func (r *mutationResolver) RejectLot(ctx context.Context, input hold.Rejection) (*model.RejectLotPayload, error) {
	id, err := r.Holds.RejectLot(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Lot, id)
	return &model.RejectLotPayload{Lot: found}, err
}

func (r *mutationResolver) ClearExposure(ctx context.Context, input hold.Clearance) (*model.ClearExposurePayload, error) {
	id, err := r.Holds.ClearExposure(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Lot, id)
	return &model.ClearExposurePayload{Lot: found}, err
}

func (r *Resolver) Exposure() generated.ExposureResolver { return &exposureResolver{r} }

func (r *Resolver) Hold() generated.HoldResolver { return &holdResolver{r} }

type (
	exposureResolver struct{ *Resolver }
	holdResolver     struct{ *Resolver }
)
