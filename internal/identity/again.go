package identity

import (
	"context"
	"maps"
	"strings"
	"time"
)

// credential is with what somebody entered.
type credential struct {
	by      *Authenticator
	bearer  string
	expires time.Time // of an access token; zero for an API token, whose end the database knows
}

type credentialKey struct{}

// Enter puts the actor of a token into the context, as Authenticate finds it, and how to find it Again.
func (a *Authenticator) Enter(ctx context.Context, bearer string) (context.Context, error) {
	actor, err := a.Authenticate(ctx, bearer)
	if err != nil {
		return ctx, err
	}
	c := &credential{by: a, bearer: bearer}
	if !strings.HasPrefix(bearer, apiTokenPrefix) {
		access, err := a.tokens.verify(bearer)
		if err != nil {
			return ctx, errToken()
		}
		c.expires = access.ExpiresAt
	}
	return context.WithValue(WithActor(ctx, actor), credentialKey{}, c), nil
}

// Again is who asks, as they are now: for what stays open after its request was let in. UNAUTHENTICATED where the token doesn't hold
// any more; it ends on time, without the seconds that a new request is given for clocks that differ.
func Again(ctx context.Context) (*Actor, error) {
	c, ok := ctx.Value(credentialKey{}).(*credential)
	if !ok {
		return ActorFrom(ctx), nil
	}
	if !c.expires.IsZero() && !c.by.now().Before(c.expires) {
		return nil, errToken()
	}
	return c.by.Authenticate(ctx, c.bearer)
}

// Equal tells whether both may do the same, whoever they are.
func (a *Actor) Equal(b *Actor) bool {
	return a == b || a != nil && b != nil && a.ReadOnly == b.ReadOnly && maps.Equal(a.Memberships, b.Memberships)
}
