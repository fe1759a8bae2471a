package graph

import (
	"context"
	"time"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/deviation"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/product"
	"flowviz/internal/qc"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
	"flowviz/internal/trace"
	"flowviz/internal/transformation"
)

func (r *lotResolver) LotType(ctx context.Context, obj *lot.Lot) (*scenario.LotType, error) {
	return loader.From(ctx).LotType.Load(ctx, obj.LotTypeID)
}

func (r *lotResolver) Product(ctx context.Context, obj *lot.Lot) (*product.Product, error) {
	return optional(ctx, loader.From(ctx).Product, obj.ProductID)
}

func (r *lotResolver) Site(ctx context.Context, obj *lot.Lot) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *lotResolver) Supplier(ctx context.Context, obj *lot.Lot) (*partner.Partner, error) {
	return optional(ctx, loader.From(ctx).Partner, obj.SupplierID)
}

func (r *lotResolver) Location(ctx context.Context, obj *lot.Lot) (*location.Location, error) {
	return optional(ctx, loader.From(ctx).Location, obj.LocationID)
}

func (r *lotResolver) Run(ctx context.Context, obj *lot.Lot) (*run.Run, error) {
	return optional(ctx, loader.From(ctx).Run, obj.RunID)
}

func (r *lotResolver) Phase(ctx context.Context, obj *lot.Lot) (*scenario.Phase, error) {
	return optional(ctx, loader.From(ctx).Phase, obj.PhaseID)
}

func (r *lotResolver) RegisteredBy(ctx context.Context, obj *lot.Lot) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.RegisteredBy)
}

func (r *lotResolver) Exposed(ctx context.Context, obj *lot.Lot) (bool, error) {
	return loader.From(ctx).Exposed.Load(ctx, obj.ID)
}

func (r *lotResolver) Parents(ctx context.Context, obj *lot.Lot, first int32) ([]*model.LotLink, error) {
	return links(ctx, obj, trace.Ancestors, first)
}

func (r *lotResolver) Children(ctx context.Context, obj *lot.Lot, first int32) ([]*model.LotLink, error) {
	return links(ctx, obj, trace.Descendants, first)
}

func (r *lotResolver) Ancestors(ctx context.Context, obj *lot.Lot, maxDepth *int32, filter *lot.Filter, first *int32, after *relay.Cursor) (*model.LotKinConnection, error) {
	return r.kin(ctx, obj, kinArgs{trace.Ancestors, maxDepth, first, filter, after})
}

func (r *lotResolver) Descendants(ctx context.Context, obj *lot.Lot, maxDepth *int32, filter *lot.Filter, first *int32, after *relay.Cursor) (*model.LotKinConnection, error) {
	return r.kin(ctx, obj, kinArgs{trace.Descendants, maxDepth, first, filter, after})
}

func (r *lotResolver) Genealogy(ctx context.Context, obj *lot.Lot, direction model.GenealogyDirection, maxDepth *int32, limit *int32, asOf *time.Time) (*model.Genealogy, error) {
	return r.genealogy(ctx, obj, genealogyArgs{direction, maxDepth, limit, asOf})
}

func (r *lotResolver) AllergenSources(ctx context.Context, obj *lot.Lot) ([]*model.AllergenSource, error) {
	return allergenSources(ctx, obj)
}

func (r *lotResolver) EarliestExpiry(ctx context.Context, obj *lot.Lot) (*model.EarliestExpiry, error) {
	return earliestExpiry(ctx, obj)
}

func (r *lotResolver) Decisions(ctx context.Context, obj *lot.Lot, first *int32, after *relay.Cursor) (*relay.Connection[*qc.Decision], error) {
	l := loader.From(ctx)
	return nested(ctx, l.DecisionsByLot, obj.ID, relay.QcDecision, first, after, qc.Key, func(ctx context.Context) (int64, error) {
		return l.DecisionCountsByLot.Load(ctx, obj.ID)
	})
}

func (r *lotResolver) Measurements(ctx context.Context, obj *lot.Lot, filter *qc.ReadingFilter, first *int32, after *relay.Cursor, last *int32, before *relay.Cursor) (*relay.Connection[*qc.Reading], error) {
	l := loader.From(ctx)
	args := relay.PageArgs{First: first, After: after, Last: last, Before: before}
	return filtered(ctx, l.ReadingsByLot, l.ReadingCountsByLot, obj.ID, relay.Measurement, filter, args, qc.ReadingKey)
}

func (r *lotResolver) Deviations(ctx context.Context, obj *lot.Lot, first *int32, after *relay.Cursor) (*relay.Connection[*deviation.Deviation], error) {
	l := loader.From(ctx)
	return nested(ctx, l.DeviationsByLot, obj.ID, relay.Deviation, first, after, deviation.Key, func(ctx context.Context) (int64, error) {
		return l.DeviationCountsByLot.Load(ctx, obj.ID)
	})
}

func (r *lotResolver) Holds(ctx context.Context, obj *lot.Lot) ([]*hold.Hold, error) {
	return loader.From(ctx).Holds.Load(ctx, obj.ID)
}

func (r *lotResolver) Exposures(ctx context.Context, obj *lot.Lot, first int32) ([]*hold.Exposure, error) {
	size, err := relay.Size("first", &first, relay.DefaultPage, relay.MaxWhole)
	if err != nil {
		return nil, err
	}
	return exposures(ctx, obj, size)
}

func (r *lotResolver) MassBalance(ctx context.Context, obj *lot.Lot) (*transformation.MassBalance, error) {
	return loader.From(ctx).MassBalance.Load(ctx, obj.ID)
}

func (r *mutationResolver) DropLots(ctx context.Context, input lot.Dropping) (*model.DropLotsPayload, error) {
	ids, err := r.Lots.Drop(ctx, input)
	if err != nil {
		return nil, err
	}
	lots, err := changedAll(ctx, loader.From(ctx).Lot, ids)
	return &model.DropLotsPayload{Lots: lots}, err
}

func (r *mutationResolver) DescribeLot(ctx context.Context, input lot.Description) (*model.DescribeLotPayload, error) {
	id, err := r.Lots.Describe(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Lot, id)
	return &model.DescribeLotPayload{Lot: found}, err
}

func (r *mutationResolver) MeasureLot(ctx context.Context, input lot.Measurement) (*model.MeasureLotPayload, error) {
	id, err := r.Lots.Measure(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Lot, id)
	return &model.MeasureLotPayload{Lot: found}, err
}

func (r *mutationResolver) TakeStock(ctx context.Context, input lot.Stocktake) (*model.TakeStockPayload, error) {
	id, err := r.Lots.TakeStock(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Lot, id)
	return &model.TakeStockPayload{Lot: found}, err
}

func (r *queryResolver) Lots(ctx context.Context, filter *lot.Filter, first *int32, after *relay.Cursor, last *int32, before *relay.Cursor) (*relay.Connection[*lot.Lot], error) {
	return loader.FindersFrom(ctx).Lot.Page(ctx, filter, relay.PageArgs{First: first, After: after, Last: last, Before: before})
}

func (r *queryResolver) Lot(ctx context.Context, code string, site *string) (*lot.Lot, error) {
	return lotByCode(ctx, code, site)
}

func (r *Resolver) Lot() generated.LotResolver { return &lotResolver{r} }

type lotResolver struct{ *Resolver }
