package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

func (r *allergenSourceResolver) Lots(ctx context.Context, obj *model.AllergenSource) ([]*lot.Lot, error) {
	return loader.From(ctx).Lot.LoadAll(ctx, obj.LotIDs)
}

func (r *earliestExpiryResolver) Lot(ctx context.Context, obj *model.EarliestExpiry) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.LotID)
}

func (r *genealogyResolver) Links(ctx context.Context, obj *model.Genealogy) ([]*model.GenealogyLink, error) {
	return genealogyLinks(ctx, obj)
}

func (r *genealogyNodeResolver) Lot(ctx context.Context, obj *model.GenealogyNode) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.Kin.ID)
}

func (r *lotKinConnectionResolver) Nodes(ctx context.Context, obj *model.LotKinConnection) ([]*lot.Lot, error) {
	return kinLots(ctx, obj)
}

func (r *lotKinEdgeResolver) Node(ctx context.Context, obj *model.LotKinEdge) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.Kin.ID)
}

func (r *lotLinkResolver) Lot(ctx context.Context, obj *model.LotLink) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.LotID)
}

func (r *lotLinkResolver) Transformation(ctx context.Context, obj *model.LotLink) (*transformation.Transformation, error) {
	return loader.From(ctx).Transformation.Load(ctx, obj.Link.TransformationID)
}

func (r *lotLinkResolver) QuantityKg(ctx context.Context, obj *model.LotLink) (*quantity.Decimal, error) {
	return linkQuantity(ctx, obj.Link)
}

func (r *lotPathResolver) Lots(ctx context.Context, obj *model.LotPath) ([]*lot.Lot, error) {
	return loader.From(ctx).Lot.LoadAll(ctx, obj.LotIDs)
}

func (r *queryResolver) PathsBetween(ctx context.Context, from relay.ID, to relay.ID, first *int32) (*model.LotPaths, error) {
	return pathsBetween(ctx, from, to, first)
}

func (r *queryResolver) CommonAncestors(ctx context.Context, lots []*relay.ID, first *int32, after *relay.Cursor) (*model.LotKinConnection, error) {
	return commonAncestors(ctx, lots, first, after)
}

func (r *Resolver) AllergenSource() generated.AllergenSourceResolver {
	return &allergenSourceResolver{r}
}

func (r *Resolver) EarliestExpiry() generated.EarliestExpiryResolver {
	return &earliestExpiryResolver{r}
}

func (r *Resolver) Genealogy() generated.GenealogyResolver { return &genealogyResolver{r} }

func (r *Resolver) GenealogyNode() generated.GenealogyNodeResolver { return &genealogyNodeResolver{r} }

func (r *Resolver) LotKinConnection() generated.LotKinConnectionResolver {
	return &lotKinConnectionResolver{r}
}

func (r *Resolver) LotKinEdge() generated.LotKinEdgeResolver { return &lotKinEdgeResolver{r} }

func (r *Resolver) LotLink() generated.LotLinkResolver { return &lotLinkResolver{r} }

func (r *Resolver) LotPath() generated.LotPathResolver { return &lotPathResolver{r} }

type (
	allergenSourceResolver   struct{ *Resolver }
	earliestExpiryResolver   struct{ *Resolver }
	genealogyResolver        struct{ *Resolver }
	genealogyNodeResolver    struct{ *Resolver }
	lotKinConnectionResolver struct{ *Resolver }
	lotKinEdgeResolver       struct{ *Resolver }
	lotLinkResolver          struct{ *Resolver }
	lotPathResolver          struct{ *Resolver }
)
