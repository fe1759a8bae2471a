package graph

import (
	"context"

	"flowviz/graph/loader"
	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *queryResolver) Sites(ctx context.Context) ([]*site.Site, error) {
	return loader.FindersFrom(ctx).Site.All(ctx)
}

func (r *queryResolver) EventCursor(ctx context.Context, site *string) (relay.Cursor, error) {
	return loader.FindersFrom(ctx).Site.EventCursor(ctx, site)
}
