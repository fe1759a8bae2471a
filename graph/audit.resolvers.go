package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/audit"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *auditEventResolver) Site(ctx context.Context, obj *audit.Event) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *auditEventResolver) Actor(ctx context.Context, obj *audit.Event) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.UserID)
}

func (r *auditEventResolver) Subject(ctx context.Context, obj *audit.Event) (model.Node, error) {
	id, ok := obj.Subject()
	if !ok {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return load(ctx, id)
}

func (r *auditEventResolver) Signature(ctx context.Context, obj *audit.Event) (*identity.Signature, error) {
	return optional(ctx, loader.From(ctx).Signature, obj.SignatureID)
}

func (r *auditVerificationResolver) Site(ctx context.Context, obj *audit.Report) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *queryResolver) AuditEvents(ctx context.Context, filter *audit.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*audit.Event], error) {
	return loader.FindersFrom(ctx).Audit.Page(ctx, filter, relay.PageArgs{First: first, After: after})
}

func (r *queryResolver) VerifyAudit(ctx context.Context, site string) (*audit.Report, error) {
	return r.Audit.Site(ctx, site)
}

func (r *signatureResolver) Signer(ctx context.Context, obj *identity.Signature) (*identity.User, error) {
	return loader.From(ctx).User.Load(ctx, obj.UserID)
}

func (r *Resolver) AuditEvent() generated.AuditEventResolver { return &auditEventResolver{r} }

func (r *Resolver) AuditVerification() generated.AuditVerificationResolver {
	return &auditVerificationResolver{r}
}

func (r *Resolver) Signature() generated.SignatureResolver { return &signatureResolver{r} }

type (
	auditEventResolver        struct{ *Resolver }
	auditVerificationResolver struct{ *Resolver }
	signatureResolver         struct{ *Resolver }
)
