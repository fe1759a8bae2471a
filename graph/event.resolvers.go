package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/alert"
	"flowviz/internal/deviation"
	"flowviz/internal/event"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/site"
	"flowviz/internal/transformation"
)

func (r *alertEventResolver) Site(ctx context.Context, obj *event.Alert) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *alertEventResolver) Alert(ctx context.Context, obj *event.Alert) (*alert.Alert, error) {
	return loader.From(ctx).Alert.Load(ctx, obj.SubjectID)
}

func (r *changeEventResolver) Site(ctx context.Context, obj *event.Change) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *changeEventResolver) Subject(ctx context.Context, obj *event.Change) (model.Node, error) {
	return subject(ctx, obj.Told)
}

func (r *deviationEventResolver) Site(ctx context.Context, obj *event.Deviation) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *deviationEventResolver) Deviation(ctx context.Context, obj *event.Deviation) (*deviation.Deviation, error) {
	return loader.From(ctx).Deviation.Load(ctx, obj.SubjectID)
}

func (r *exposureEventResolver) Site(ctx context.Context, obj *event.Exposure) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *exposureEventResolver) Lot(ctx context.Context, obj *event.Exposure) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.SubjectID)
}

func (r *lotEventResolver) Site(ctx context.Context, obj *event.Lot) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *lotEventResolver) Lot(ctx context.Context, obj *event.Lot) (*lot.Lot, error) {
	return loader.From(ctx).Lot.Load(ctx, obj.SubjectID)
}

func (r *lotEventResolver) StatusBefore(ctx context.Context, obj *event.Lot) (*lot.Status, error) {
	before, err := obj.StatusBefore()
	return (*lot.Status)(before), err
}

func (r *measurementEventResolver) Site(ctx context.Context, obj *event.Measurement) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *measurementEventResolver) Subject(ctx context.Context, obj *event.Measurement) (model.Node, error) {
	return subject(ctx, obj.Told)
}

func (r *qcEventResolver) Site(ctx context.Context, obj *event.Decision) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *qcEventResolver) Decision(ctx context.Context, obj *event.Decision) (*qc.Decision, error) {
	return loader.From(ctx).Decision.Load(ctx, obj.SubjectID)
}

func (r *recallEventResolver) Site(ctx context.Context, obj *event.Recall) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *recallEventResolver) Recall(ctx context.Context, obj *event.Recall) (*recall.Recall, error) {
	return loader.From(ctx).Recall.Load(ctx, obj.SubjectID)
}

func (r *runEventResolver) Site(ctx context.Context, obj *event.Run) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *runEventResolver) Run(ctx context.Context, obj *event.Run) (*run.Run, error) {
	return loader.From(ctx).Run.Load(ctx, obj.SubjectID)
}

func (r *subscriptionResolver) QcEvents(ctx context.Context, site *string, run *string, after *relay.Cursor) (<-chan *event.Decision, error) {
	return listen[*event.Decision](ctx, r.Resolver, ask{site: site, run: run, types: []event.Type{event.DecisionRecorded}, after: after})
}

func (r *subscriptionResolver) Events(ctx context.Context, site *string, run *string, types []event.Type, after *relay.Cursor) (<-chan event.Object, error) {
	return listen[event.Object](ctx, r.Resolver, ask{site: site, run: run, types: types, after: after})
}

func (r *transformationEventResolver) Site(ctx context.Context, obj *event.Transformation) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *transformationEventResolver) Transformation(ctx context.Context, obj *event.Transformation) (*transformation.Transformation, error) {
	return loader.From(ctx).Transformation.Load(ctx, obj.SubjectID)
}

func (r *Resolver) AlertEvent() generated.AlertEventResolver { return &alertEventResolver{r} }

func (r *Resolver) ChangeEvent() generated.ChangeEventResolver { return &changeEventResolver{r} }

func (r *Resolver) DeviationEvent() generated.DeviationEventResolver {
	return &deviationEventResolver{r}
}

func (r *Resolver) ExposureEvent() generated.ExposureEventResolver { return &exposureEventResolver{r} }

func (r *Resolver) LotEvent() generated.LotEventResolver { return &lotEventResolver{r} }

func (r *Resolver) MeasurementEvent() generated.MeasurementEventResolver {
	return &measurementEventResolver{r}
}

func (r *Resolver) QcEvent() generated.QcEventResolver { return &qcEventResolver{r} }

func (r *Resolver) RecallEvent() generated.RecallEventResolver { return &recallEventResolver{r} }

func (r *Resolver) RunEvent() generated.RunEventResolver { return &runEventResolver{r} }

func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

func (r *Resolver) TransformationEvent() generated.TransformationEventResolver {
	return &transformationEventResolver{r}
}

type (
	alertEventResolver          struct{ *Resolver }
	changeEventResolver         struct{ *Resolver }
	deviationEventResolver      struct{ *Resolver }
	exposureEventResolver       struct{ *Resolver }
	lotEventResolver            struct{ *Resolver }
	measurementEventResolver    struct{ *Resolver }
	qcEventResolver             struct{ *Resolver }
	recallEventResolver         struct{ *Resolver }
	runEventResolver            struct{ *Resolver }
	subscriptionResolver        struct{ *Resolver }
	transformationEventResolver struct{ *Resolver }
)
