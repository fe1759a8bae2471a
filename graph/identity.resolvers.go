package graph

import (
	"context"
	"slices"

	"flowviz/db"
	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
	"flowviz/internal/site"
)

func (r *apiTokenResolver) Sites(ctx context.Context, obj *identity.APIToken) ([]*site.Site, error) {
	visible := slices.DeleteFunc(slices.Clone(obj.Sites), func(id int32) bool { return !slices.Contains(identity.ActorFrom(ctx).Sites(identity.View), id) })
	return loader.From(ctx).Site.LoadAll(ctx, visible)
}

func (r *apiTokenResolver) CreatedBy(ctx context.Context, obj *identity.APIToken) (*identity.User, error) {
	return loader.From(ctx).User.Load(ctx, obj.CreatedBy)
}

func (r *membershipResolver) Site(ctx context.Context, obj *identity.Membership) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *mutationResolver) Login(ctx context.Context, input model.LoginInput) (*model.LoginPayload, error) {
	return r.login(ctx, input)
}

func (r *mutationResolver) RefreshToken(ctx context.Context, input model.RefreshTokenInput) (*model.LoginPayload, error) {
	return r.refresh(ctx, input)
}

func (r *mutationResolver) Logout(ctx context.Context) (*model.LogoutPayload, error) {
	return r.logout(ctx)
}

func (r *mutationResolver) ChangePassword(ctx context.Context, input identity.PasswordChange) (*model.ChangePasswordPayload, error) {
	if err := r.Identity.ChangePassword(ctx, input); err != nil {
		return nil, err
	}
	changed, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	return &model.ChangePasswordPayload{User: *changed}, nil
}

func (r *mutationResolver) CreateUser(ctx context.Context, input identity.NewUser) (*model.CreateUserPayload, error) {
	made, err := r.Identity.Create(ctx, input)
	if err != nil {
		return nil, err
	}
	return &model.CreateUserPayload{User: *made}, nil
}

func (r *mutationResolver) UpdateUser(ctx context.Context, input identity.Changes) (*model.UpdateUserPayload, error) {
	changed, err := r.Identity.Update(ctx, input)
	if err != nil {
		return nil, err
	}
	return &model.UpdateUserPayload{User: *changed}, nil
}

func (r *mutationResolver) DeactivateUser(ctx context.Context, input identity.Deactivation) (*model.DeactivateUserPayload, error) {
	changed, err := r.Identity.Deactivate(ctx, input)
	if err != nil {
		return nil, err
	}
	return &model.DeactivateUserPayload{User: *changed}, nil
}

func (r *mutationResolver) CreateAPIToken(ctx context.Context, input identity.NewAPIToken) (*model.CreateAPITokenPayload, error) {
	made, secret, err := r.Identity.CreateAPIToken(ctx, input)
	if err != nil {
		return nil, err
	}
	return &model.CreateAPITokenPayload{APIToken: made, Secret: secret}, nil
}

func (r *mutationResolver) RevokeAPIToken(ctx context.Context, input identity.Revocation) (*model.RevokeAPITokenPayload, error) {
	revoked, err := r.Identity.RevokeAPIToken(ctx, input)
	if err != nil {
		return nil, err
	}
	return &model.RevokeAPITokenPayload{APIToken: *revoked}, nil
}

func (r *queryResolver) Viewer(ctx context.Context) (*identity.User, error) {
	return viewer(ctx)
}

func (r *queryResolver) Users(ctx context.Context, filter *identity.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*identity.User], error) {
	return loader.FindersFrom(ctx).Identity.Page(ctx, filter, relay.PageArgs{First: first, After: after})
}

func (r *queryResolver) APITokens(ctx context.Context, first *int32, after *relay.Cursor) (*relay.Connection[*identity.APIToken], error) {
	return loader.FindersFrom(ctx).Identity.APITokens(ctx, relay.PageArgs{First: first, After: after})
}

func (r *userResolver) Role(ctx context.Context, obj *identity.User) (db.Role, error) {
	seen, err := memberships(ctx, obj)
	return identity.Highest(seen), err
}

func (r *userResolver) Memberships(ctx context.Context, obj *identity.User) ([]*identity.Membership, error) {
	return memberships(ctx, obj)
}

func (r *Resolver) ApiToken() generated.ApiTokenResolver { return &apiTokenResolver{r} }

func (r *Resolver) Membership() generated.MembershipResolver { return &membershipResolver{r} }

func (r *Resolver) User() generated.UserResolver { return &userResolver{r} }

type (
	apiTokenResolver   struct{ *Resolver }
	membershipResolver struct{ *Resolver }
	userResolver       struct{ *Resolver }
)
