package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/equipment"
	"flowviz/internal/location"
	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *equipmentResolver) Site(ctx context.Context, obj *equipment.Equipment) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *equipmentResolver) Location(ctx context.Context, obj *equipment.Equipment) (*location.Location, error) {
	return optional(ctx, loader.From(ctx).Location, obj.LocationID)
}

func (r *mutationResolver) CreateEquipment(ctx context.Context, input equipment.Creation) (*model.CreateEquipmentPayload, error) {
	id, err := r.Equipments.Create(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Equipment, id)
	return &model.CreateEquipmentPayload{Equipment: is}, err
}

func (r *mutationResolver) ChangeEquipment(ctx context.Context, input equipment.Changes) (*model.ChangeEquipmentPayload, error) {
	id, err := r.Equipments.Change(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Equipment, id)
	return &model.ChangeEquipmentPayload{Equipment: is}, err
}

func (r *mutationResolver) EndEquipment(ctx context.Context, input equipment.End) (*model.EndEquipmentPayload, error) {
	id, err := r.Equipments.End(ctx, input)
	if err != nil {
		return nil, err
	}
	is, err := changed(ctx, loader.From(ctx).Equipment, id)
	return &model.EndEquipmentPayload{Equipment: is}, err
}

func (r *queryResolver) Equipment(ctx context.Context, filter *equipment.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*equipment.Equipment], error) {
	return loader.FindersFrom(ctx).Equipment.Page(ctx, filter, relay.PageArgs{First: first, After: after})
}

func (r *Resolver) Equipment() generated.EquipmentResolver { return &equipmentResolver{r} }

type equipmentResolver struct{ *Resolver }
