package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/product"
	"flowviz/internal/relay"
)

func (r *mutationResolver) CreateProduct(ctx context.Context, input product.Creation) (*model.CreateProductPayload, error) {
	id, err := r.Products.Create(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Product, id)
	return &model.CreateProductPayload{Product: is}, err
}

func (r *mutationResolver) ChangeProduct(ctx context.Context, input product.Changes) (*model.ChangeProductPayload, error) {
	id, err := r.Products.Change(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Product, id)
	return &model.ChangeProductPayload{Product: is}, err
}

func (r *mutationResolver) EndProduct(ctx context.Context, input product.End) (*model.EndProductPayload, error) {
	id, err := r.Products.End(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Product, id)
	return &model.EndProductPayload{Product: is}, err
}

func (r *productResolver) Recipe(ctx context.Context, obj *product.Product) (*product.Recipe, error) {
	recipes, err := loader.From(ctx).Recipes.Load(ctx, obj.ID)
	return obj.InForce(recipes), err
}

func (r *productResolver) Recipes(ctx context.Context, obj *product.Product) ([]*product.Recipe, error) {
	return loader.From(ctx).Recipes.Load(ctx, obj.ID)
}

func (r *queryResolver) Products(ctx context.Context, filter *product.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*product.Product], error) {
	return loader.FindersFrom(ctx).Product.Page(ctx, filter, relay.PageArgs{First: first, After: after})
}

func (r *queryResolver) Product(ctx context.Context, gtin *string, sku *string) (*product.Product, error) {
	return loader.FindersFrom(ctx).Product.ByNumber(ctx, gtin, sku)
}

func (r *recipeComponentResolver) Product(ctx context.Context, obj *product.Component) (*product.Product, error) {
	return optional(ctx, loader.From(ctx).Product, obj.ComponentID)
}

func (r *Resolver) Product() generated.ProductResolver { return &productResolver{r} }

func (r *Resolver) RecipeComponent() generated.RecipeComponentResolver {
	return &recipeComponentResolver{r}
}

type (
	productResolver         struct{ *Resolver }
	recipeComponentResolver struct{ *Resolver }
)
