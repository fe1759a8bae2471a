package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/equipment"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *locationResolver) Site(ctx context.Context, obj *location.Location) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *locationResolver) UsedKg(ctx context.Context, obj *location.Location) (*quantity.Decimal, error) {
	kg, err := loader.From(ctx).UsedKg.Load(ctx, obj.ID)
	return &kg, err
}

func (r *locationResolver) Lots(ctx context.Context, obj *location.Location, first *int32, after *relay.Cursor) (*relay.Connection[*lot.Lot], error) {
	l := loader.From(ctx)
	return nested(ctx, l.LotsByLocation, obj.ID, relay.Lot, first, after, lot.Key, func(ctx context.Context) (int64, error) {
		return l.LotCountsByLocation.Load(ctx, obj.ID)
	})
}

func (r *locationResolver) Equipment(ctx context.Context, obj *location.Location) ([]*equipment.Equipment, error) {
	return loader.From(ctx).EquipmentByLocation.Load(ctx, obj.ID)
}

func (r *mutationResolver) CreateLocation(ctx context.Context, input location.Creation) (*model.CreateLocationPayload, error) {
	id, err := r.Locations.Create(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Location, id)
	return &model.CreateLocationPayload{Location: is}, err
}

func (r *mutationResolver) ChangeLocation(ctx context.Context, input location.Changes) (*model.ChangeLocationPayload, error) {
	id, err := r.Locations.Change(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Location, id)
	return &model.ChangeLocationPayload{Location: is}, err
}

func (r *mutationResolver) EndLocation(ctx context.Context, input location.End) (*model.EndLocationPayload, error) {
	id, err := r.Locations.End(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Location, id)
	return &model.EndLocationPayload{Location: is}, err
}

func (r *mutationResolver) MoveLots(ctx context.Context, input location.Move) (*model.MoveLotsPayload, error) {
	moved, err := r.Locations.Move(ctx, input)
	if err != nil {
		return nil, err
	}
	at, err := changed(ctx, loader.From(ctx).Location, moved.Location)
	if err != nil {
		return nil, err
	}
	lots, err := loader.From(ctx).Lot.LoadAll(ctx, moved.Lots)
	return &model.MoveLotsPayload{Location: at, Lots: lots}, err
}

func (r *queryResolver) Locations(ctx context.Context, filter *location.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*location.Location], error) {
	return loader.FindersFrom(ctx).Location.Page(ctx, filter, relay.PageArgs{First: first, After: after})
}

func (r *Resolver) Location() generated.LocationResolver { return &locationResolver{r} }

type locationResolver struct{ *Resolver }
