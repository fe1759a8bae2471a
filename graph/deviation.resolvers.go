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
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
)

func (r *deviationResolver) Site(ctx context.Context, obj *deviation.Deviation) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *deviationResolver) Gate(ctx context.Context, obj *deviation.Deviation) (*scenario.Gate, error) {
	return optional(ctx, loader.From(ctx).Gate, obj.GateID)
}

func (r *deviationResolver) Run(ctx context.Context, obj *deviation.Deviation) (*run.Run, error) {
	return optional(ctx, loader.From(ctx).Run, obj.RunID)
}

func (r *deviationResolver) Decisions(ctx context.Context, obj *deviation.Deviation) ([]*qc.Decision, error) {
	return loader.From(ctx).DecisionsByDeviation.Load(ctx, obj.ID)
}

func (r *deviationResolver) Lots(ctx context.Context, obj *deviation.Deviation, first *int32, after *relay.Cursor) (*relay.Connection[*lot.Lot], error) {
	l := loader.From(ctx)
	return nested(ctx, l.LotsByDeviation, obj.ID, relay.Lot, first, after, lot.Key, func(ctx context.Context) (int64, error) {
		return l.LotCountsByDeviation.Load(ctx, obj.ID)
	})
}

func (r *deviationResolver) OpenedBy(ctx context.Context, obj *deviation.Deviation) (*identity.User, error) {
	return loader.From(ctx).User.Load(ctx, obj.OpenedBy)
}

func (r *deviationResolver) Responsible(ctx context.Context, obj *deviation.Deviation) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.ResponsibleID)
}

func (r *deviationResolver) DescribedBy(ctx context.Context, obj *deviation.Deviation) ([]*identity.User, error) {
	return loader.From(ctx).User.LoadAll(ctx, obj.DescribedBy)
}

func (r *deviationResolver) VerifiedBy(ctx context.Context, obj *deviation.Deviation) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.VerifiedBy)
}

func (r *deviationResolver) ClosedBy(ctx context.Context, obj *deviation.Deviation) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.ClosedBy)
}

func (r *mutationResolver) DescribeDeviation(ctx context.Context, input deviation.Description) (*model.DescribeDeviationPayload, error) {
	id, err := r.Deviations.Describe(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Deviation, id)
	return &model.DescribeDeviationPayload{Deviation: found}, err
}

func (r *mutationResolver) AssignDeviation(ctx context.Context, input deviation.Assignment) (*model.AssignDeviationPayload, error) {
	id, err := r.Deviations.Assign(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Deviation, id)
	return &model.AssignDeviationPayload{Deviation: found}, err
}

func (r *mutationResolver) VerifyDeviation(ctx context.Context, input deviation.Verification) (*model.VerifyDeviationPayload, error) {
	id, err := r.Deviations.Verify(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Deviation, id)
	return &model.VerifyDeviationPayload{Deviation: found}, err
}

func (r *mutationResolver) CloseDeviation(ctx context.Context, input deviation.Closing) (*model.CloseDeviationPayload, error) {
	id, err := r.Deviations.Close(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Deviation, id)
	return &model.CloseDeviationPayload{Deviation: found}, err
}

func (r *queryResolver) Deviations(ctx context.Context, filter *deviation.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*deviation.Deviation], error) {
	return loader.FindersFrom(ctx).Deviation.Page(ctx, filter, relay.PageArgs{First: first, After: after})
}

func (r *queryResolver) Deviation(ctx context.Context, code string) (*deviation.Deviation, error) {
	return loader.FindersFrom(ctx).Deviation.ByCode(ctx, code)
}

func (r *Resolver) Deviation() generated.DeviationResolver { return &deviationResolver{r} }

type deviationResolver struct{ *Resolver }
