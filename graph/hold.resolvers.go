package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
)

func (r *exposureResolver) Cause(ctx context.Context, obj *hold.Exposure) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.CauseLotID)
}

func (r *exposureResolver) Path(ctx context.Context, obj *hold.Exposure) ([]*lot.Lot, error) {
	return exposurePath(ctx, obj)
}

func (r *holdResolver) Decision(ctx context.Context, obj *hold.Hold) (*qc.Decision, error) {
	return optional(ctx, loader.From(ctx).Decision, obj.DecisionID)
}

func (r *holdResolver) HeldBy(ctx context.Context, obj *hold.Hold) (*identity.User, error) {
	return loader.From(ctx).User.Load(ctx, obj.HeldBy)
}

func (r *holdResolver) EndedBy(ctx context.Context, obj *hold.Hold) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.EndedBy)
}

func (r *Resolver) Exposure() generated.ExposureResolver { return &exposureResolver{r} }

func (r *Resolver) Hold() generated.HoldResolver { return &holdResolver{r} }

type (
	exposureResolver struct{ *Resolver }
	holdResolver     struct{ *Resolver }
)
