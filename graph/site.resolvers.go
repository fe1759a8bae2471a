package graph

import (
	"context"

	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *queryResolver) Sites(ctx context.Context) ([]*site.Site, error) {
	return r.Finders.Site.All(ctx)
}

func (r *queryResolver) EventCursor(ctx context.Context, site *string) (relay.Cursor, error) {
	return r.Finders.Site.EventCursor(ctx, site)
}
