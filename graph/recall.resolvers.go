package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/deviation"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *consigneeResolver) Partner(ctx context.Context, obj *recall.Consignee) (*partner.Partner, error) {
	return loader.From(ctx).Partner.Load(ctx, obj.PartnerID)
}

func (r *mutationResolver) OpenRecall(ctx context.Context, input recall.Opening) (*model.OpenRecallPayload, error) {
	id, err := r.Recalls.Open(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Recall, id)
	return &model.OpenRecallPayload{Recall: found}, err
}

func (r *mutationResolver) RefreshRecall(ctx context.Context, input recall.Refreshment) (*model.RefreshRecallPayload, error) {
	id, err := r.Recalls.Refresh(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Recall, id)
	return &model.RefreshRecallPayload{Recall: found}, err
}

func (r *mutationResolver) CloseRecall(ctx context.Context, input recall.Closing) (*model.CloseRecallPayload, error) {
	id, err := r.Recalls.Close(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Recall, id)
	return &model.CloseRecallPayload{Recall: found}, err
}

func (r *queryResolver) Recalls(ctx context.Context, first *int32, after *relay.Cursor) (*relay.Connection[*recall.Recall], error) {
	return loader.FindersFrom(ctx).Recall.Page(ctx, relay.PageArgs{First: first, After: after})
}

func (r *recallResolver) Site(ctx context.Context, obj *recall.Recall) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *recallResolver) Suspects(ctx context.Context, obj *recall.Recall, first *int32, after *relay.Cursor) (*relay.Connection[*lot.Lot], error) {
	l := loader.From(ctx)
	return nested(ctx, l.SuspectsByRecall, obj.ID, relay.Lot, first, after, lot.Key, func(ctx context.Context) (int64, error) {
		return l.SuspectCountsByRecall.Load(ctx, obj.ID)
	})
}

func (r *recallResolver) Deviation(ctx context.Context, obj *recall.Recall) (*deviation.Deviation, error) {
	return optional(ctx, loader.From(ctx).Deviation, obj.DeviationID)
}

func (r *recallResolver) OpenedBy(ctx context.Context, obj *recall.Recall) (*identity.User, error) {
	return loader.From(ctx).User.Load(ctx, obj.OpenedBy)
}

func (r *recallResolver) ClosedBy(ctx context.Context, obj *recall.Recall) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.ClosedBy)
}

func (r *recallResolver) Report(ctx context.Context, obj *recall.Recall) (*recall.Report, error) {
	return loader.From(ctx).ReportByRecall.Load(ctx, obj.ID)
}

func (r *recallReportResolver) Lots(ctx context.Context, obj *recall.Report, first *int32, after *relay.Cursor) (*relay.Connection[*lot.Lot], error) {
	return nested(ctx, loader.From(ctx).LotsByReport, obj.ID, relay.Lot, first, after, lot.Key, func(context.Context) (int64, error) {
		return obj.Lots, nil
	})
}

func (r *recallReportResolver) OnSite(ctx context.Context, obj *recall.Report) ([]*recall.Stock, error) {
	return loader.From(ctx).StockByReport.Load(ctx, obj.ID)
}

func (r *recallReportResolver) Consignees(ctx context.Context, obj *recall.Report) ([]*recall.Consignee, error) {
	return loader.From(ctx).ConsigneesByReport.Load(ctx, obj.ID)
}

func (r *recallStockResolver) Site(ctx context.Context, obj *recall.Stock) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *recallStockResolver) Location(ctx context.Context, obj *recall.Stock) (*location.Location, error) {
	return optional(ctx, loader.From(ctx).Location, obj.LocationID)
}

func (r *Resolver) Consignee() generated.ConsigneeResolver { return &consigneeResolver{r} }

func (r *Resolver) Recall() generated.RecallResolver { return &recallResolver{r} }

func (r *Resolver) RecallReport() generated.RecallReportResolver { return &recallReportResolver{r} }

func (r *Resolver) RecallStock() generated.RecallStockResolver { return &recallStockResolver{r} }

type (
	consigneeResolver    struct{ *Resolver }
	recallResolver       struct{ *Resolver }
	recallReportResolver struct{ *Resolver }
	recallStockResolver  struct{ *Resolver }
)
