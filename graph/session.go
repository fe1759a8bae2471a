package graph

import (
	"context"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// login signs somebody in; the refresh token goes where it was asked for.
func (r *Resolver) login(ctx context.Context, input model.LoginInput) (*model.LoginPayload, error) {
	if input.Cookie && !identity.ClientFrom(ctx).CanKeep() {
		return nil, fault.BadInput("cookie", "no cookie can be set on this connection: take the refresh token from the answer")
	}
	in, err := r.Identity.SignIn(ctx, identity.Credentials{Email: input.Email, Password: input.Password})
	if err != nil {
		return nil, err
	}
	return signedIn(ctx, in, input.Cookie), nil
}

// refresh goes on with the session of a given refresh token, or of the cookie's, whose successor then goes there too. A
// cookie that doesn't hold any more is taken away.
func (r *Resolver) refresh(ctx context.Context, input model.RefreshTokenInput) (*model.LoginPayload, error) {
	client, cookie := identity.ClientFrom(ctx), input.RefreshToken == nil
	var token identity.Secret
	switch {
	case !cookie:
		token = *input.RefreshToken
	case client != nil:
		token = client.Refresh
	}
	in, err := r.Identity.Refresh(ctx, token)
	if err != nil {
		if cookie && fault.Is(err, fault.Unauthenticated) {
			client.Forget()
		}
		return nil, err
	}
	return signedIn(ctx, in, cookie), nil
}

func signedIn(ctx context.Context, in *identity.SignedIn, cookie bool) *model.LoginPayload {
	payload := &model.LoginPayload{AccessToken: in.AccessToken, ExpiresAt: in.AccessExpiresAt, User: in.User}
	if cookie {
		identity.ClientFrom(ctx).Keep(in.RefreshToken, in.RefreshExpiresAt)
	} else {
		payload.RefreshToken = &in.RefreshToken
	}
	return payload
}

// logout ends the caller's session, or the cookie's.
func (r *Resolver) logout(ctx context.Context) (*model.LogoutPayload, error) {
	client := identity.ClientFrom(ctx)
	var cookie identity.Secret
	if client != nil {
		cookie = client.Refresh
	}
	client.Forget()
	if err := r.Identity.SignOut(ctx, cookie); err != nil {
		return nil, err
	}
	return &model.LogoutPayload{LoggedOut: true}, nil
}

// viewer is who asks; nil for nobody.
func viewer(ctx context.Context) (*identity.User, error) {
	actor := identity.ActorFrom(ctx)
	if actor == nil {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return loader.From(ctx).User.Load(ctx, actor.UserID)
}

// memberships are what a user is at the caller's sites, and everywhere where it is the user who has just signed in.
func memberships(ctx context.Context, u *identity.User) ([]*identity.Membership, error) {
	if own := u.Own(); own != nil {
		return own, nil
	}
	return loader.From(ctx).Memberships.Load(ctx, u.ID)
}
