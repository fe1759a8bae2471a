package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

func (r *transformationResolver) Run(ctx context.Context, obj *transformation.Transformation) (*run.Run, error) {
	return optional(ctx, loader.From(ctx).Run, obj.RunID)
}

func (r *transformationResolver) Partner(ctx context.Context, obj *transformation.Transformation) (*partner.Partner, error) {
	return optional(ctx, loader.From(ctx).Partner, obj.PartnerID)
}

func (r *transformationResolver) Inputs(ctx context.Context, obj *transformation.Transformation) ([]*transformation.Item, error) {
	return loader.From(ctx).Inputs.Load(ctx, obj.ID)
}

func (r *transformationResolver) Outputs(ctx context.Context, obj *transformation.Transformation) ([]*transformation.Item, error) {
	return loader.From(ctx).Outputs.Load(ctx, obj.ID)
}

func (r *transformationResolver) ReplacedBy(ctx context.Context, obj *transformation.Transformation) (*transformation.Transformation, error) {
	return optional(ctx, loader.From(ctx).Transformation, obj.ReplacedByID)
}

func (r *transformationItemResolver) Lot(ctx context.Context, obj *transformation.Item) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.LotID)
}

func (r *Resolver) Transformation() generated.TransformationResolver {
	return &transformationResolver{r}
}

func (r *Resolver) TransformationItem() generated.TransformationItemResolver {
	return &transformationItemResolver{r}
}

type (
	transformationResolver     struct{ *Resolver }
	transformationItemResolver struct{ *Resolver }
)
