package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/transformation"
)

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

func (r *Resolver) Genealogy() generated.GenealogyResolver { return &genealogyResolver{r} }

func (r *Resolver) GenealogyNode() generated.GenealogyNodeResolver { return &genealogyNodeResolver{r} }

func (r *Resolver) LotKinConnection() generated.LotKinConnectionResolver {
	return &lotKinConnectionResolver{r}
}

func (r *Resolver) LotKinEdge() generated.LotKinEdgeResolver { return &lotKinEdgeResolver{r} }

func (r *Resolver) LotLink() generated.LotLinkResolver { return &lotLinkResolver{r} }

type (
	genealogyResolver        struct{ *Resolver }
	genealogyNodeResolver    struct{ *Resolver }
	lotKinConnectionResolver struct{ *Resolver }
	lotKinEdgeResolver       struct{ *Resolver }
	lotLinkResolver          struct{ *Resolver }
)
