package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/partner"
	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *mutationResolver) RegisterPartner(ctx context.Context, input partner.Registration) (*model.RegisterPartnerPayload, error) {
	id, err := r.Partners.Register(ctx, input)
	if err != nil {
		return nil, err
	}
	made, err := changed(ctx, loader.From(ctx).Partner, id)
	return &model.RegisterPartnerPayload{Partner: made}, err
}

func (r *partnerResolver) Site(ctx context.Context, obj *partner.Partner) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *queryResolver) Partners(ctx context.Context, filter *partner.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*partner.Partner], error) {
	return loader.FindersFrom(ctx).Partner.Page(ctx, filter, relay.PageArgs{First: first, After: after})
}

func (r *Resolver) Partner() generated.PartnerResolver { return &partnerResolver{r} }

type partnerResolver struct{ *Resolver }
