package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/alert"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/run"
)

func (r *alertResolver) Lot(ctx context.Context, obj *alert.Alert) (*lot.Lot, error) {
	return optional(ctx, loader.From(ctx).Lot, obj.LotID)
}

func (r *alertResolver) Run(ctx context.Context, obj *alert.Alert) (*run.Run, error) {
	return optional(ctx, loader.From(ctx).Run, obj.RunID)
}

func (r *alertResolver) AcknowledgedBy(ctx context.Context, obj *alert.Alert) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.AcknowledgedBy)
}

func (r *mutationResolver) AcknowledgeAlert(ctx context.Context, input alert.Acknowledgement) (*model.AcknowledgeAlertPayload, error) {
	id, err := r.Alerts.Acknowledge(ctx, input)
	if err != nil {
		return nil, err
	}
	seen, err := changed(ctx, loader.From(ctx).Alert, id)
	return &model.AcknowledgeAlertPayload{Alert: seen}, err
}

func (r *mutationResolver) AcknowledgeAlerts(ctx context.Context, input alert.Acknowledgements) (*model.AcknowledgeAlertsPayload, error) {
	ids, err := r.Alerts.AcknowledgeAll(ctx, input)
	if err != nil {
		return nil, err
	}
	seen, err := changedAll(ctx, loader.From(ctx).Alert, ids)
	return &model.AcknowledgeAlertsPayload{Alerts: seen}, err
}

func (r *queryResolver) Alerts(ctx context.Context, filter *alert.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*alert.Alert], error) {
	return loader.FindersFrom(ctx).Alert.Page(ctx, filter, relay.PageArgs{First: first, After: after})
}

func (r *Resolver) Alert() generated.AlertResolver { return &alertResolver{r} }

type alertResolver struct{ *Resolver }
