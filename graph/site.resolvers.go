package graph

import (
	"context"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *mutationResolver) CreateSite(ctx context.Context, input site.Creation) (*model.CreateSitePayload, error) {
	made, err := r.Sites.Create(ctx, input)
	if err != nil {
		return nil, err
	}
	return &model.CreateSitePayload{Site: *made}, nil
}

func (r *mutationResolver) ChangeSite(ctx context.Context, input site.Changes) (*model.ChangeSitePayload, error) {
	id, err := r.Sites.Change(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Site, id)
	return &model.ChangeSitePayload{Site: is}, err
}

func (r *mutationResolver) EndSite(ctx context.Context, input site.End) (*model.EndSitePayload, error) {
	id, err := r.Sites.End(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Site, id)
	return &model.EndSitePayload{Site: is}, err
}

func (r *queryResolver) Sites(ctx context.Context) ([]*site.Site, error) {
	return loader.FindersFrom(ctx).Site.All(ctx)
}

func (r *queryResolver) EventCursor(ctx context.Context, site *string) (relay.Cursor, error) {
	return loader.FindersFrom(ctx).Site.EventCursor(ctx, site)
}
