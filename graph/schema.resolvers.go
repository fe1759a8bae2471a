package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/model"
	"flowviz/internal/relay"
)

func (r *queryResolver) Node(ctx context.Context, id relay.ID) (model.Node, error) {
	return node(ctx, id)
}

func (r *queryResolver) Nodes(ctx context.Context, ids []*relay.ID) ([]model.Node, error) {
	return nodes(ctx, ids)
}

func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

type (
	mutationResolver struct{ *Resolver }
	queryResolver    struct{ *Resolver }
)
