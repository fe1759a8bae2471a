package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/run"
	"flowviz/internal/transformation"

	"github.com/google/uuid"
)

func (r *mutationResolver) RegisterLot(ctx context.Context, input transformation.Registration) (*transformation.Recorded, error) {
	recorded, err := r.Transformations.RegisterLot(ctx, input)
	return &recorded, err
}

func (r *mutationResolver) RegisterLots(ctx context.Context, input transformation.Registrations) (*model.RegisterLotsPayload, error) {
	recorded, err := r.Transformations.RegisterLots(ctx, input)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(recorded))
	for i, one := range recorded {
		ids[i] = one.Lots[0]
	}
	lots, err := changedAll(ctx, loader.From(ctx).Lot, ids)
	return &model.RegisterLotsPayload{Lots: lots}, err
}

func (r *mutationResolver) RecordTransformation(ctx context.Context, input transformation.Recording) (*model.RecordTransformationPayload, error) {
	recorded, err := r.Transformations.Record(ctx, input)
	if err != nil {
		return nil, err
	}
	made, err := changed(ctx, loader.From(ctx).Transformation, recorded.ID)
	return &model.RecordTransformationPayload{Transformation: made}, err
}

func (r *mutationResolver) ShipLots(ctx context.Context, input transformation.Shipment) (*model.ShipLotsPayload, error) {
	recorded, err := r.Transformations.ShipLots(ctx, input)
	if err != nil {
		return nil, err
	}
	shipment, err := changed(ctx, loader.From(ctx).Transformation, recorded.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(input.LotIDs))
	for i, id := range input.LotIDs {
		ids[i] = id.UUID
	}
	lots, err := changedAll(ctx, loader.From(ctx).Lot, ids)
	return &model.ShipLotsPayload{Transformation: shipment, Lots: lots}, err
}

func (r *mutationResolver) VoidTransformation(ctx context.Context, input transformation.Void) (*model.VoidTransformationPayload, error) {
	voided, err := r.Transformations.VoidTransformation(ctx, input)
	if err != nil {
		return nil, err
	}
	was, err := changed(ctx, loader.From(ctx).Transformation, voided.ID)
	return &model.VoidTransformationPayload{Transformation: was}, err
}

func (r *registerLotPayloadResolver) Lot(ctx context.Context, obj *transformation.Recorded) (*lot.Lot, error) {
	made, err := changed(ctx, loader.From(ctx).Lot, obj.Lots[0])
	return &made, err
}

func (r *registerLotPayloadResolver) Transformation(ctx context.Context, obj *transformation.Recorded) (*transformation.Transformation, error) {
	how, err := changed(ctx, loader.From(ctx).Transformation, obj.ID)
	return &how, err
}

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

func (r *Resolver) RegisterLotPayload() generated.RegisterLotPayloadResolver {
	return &registerLotPayloadResolver{r}
}

func (r *Resolver) Transformation() generated.TransformationResolver {
	return &transformationResolver{r}
}

func (r *Resolver) TransformationItem() generated.TransformationItemResolver {
	return &transformationItemResolver{r}
}

type (
	registerLotPayloadResolver struct{ *Resolver }
	transformationResolver     struct{ *Resolver }
	transformationItemResolver struct{ *Resolver }
)
