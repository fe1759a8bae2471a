package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// provider is the outside identity provider that the settings name; nil where they name none. One that can't be reached is
// asked again at each sign-in, and keeps nobody from signing in with a password.
func (a *app) provider(ctx context.Context, users people) (*identity.Provider, error) {
	c := &a.config
	if c.OIDCIssuer == "" {
		if c.OIDCClientID+c.OIDCClientSecret+c.OIDCRedirectURL+c.OIDCScopes+c.OIDCRoles != "" {
			return nil, fault.BadInput("FLOWVIZ_OIDC_ISSUER", "is missing, while other settings of the identity provider are there: set it, or unset them")
		}
		return nil, nil //nolint:nilnil // nobody signs in elsewhere
	}
	roles, err := identity.ParseRoleMap(c.OIDCRoles)
	if err != nil {
		return nil, err
	}
	provider, err := identity.NewProvider(identity.ProviderConfig{
		Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, ClientSecret: identity.Secret(c.OIDCClientSecret), RedirectURL: c.OIDCRedirectURL,
		Scopes: strings.Fields(c.OIDCScopes), RolesClaim: c.OIDCRolesClaim, Roles: roles,
	}, users.service, users.keys, a.log)
	if err != nil {
		return nil, err
	}
	go func() { _ = provider.Discover(ctx) }() // logs why it fails
	return provider, nil
}

// signInMethods tells pages which ways there are to sign in.
func signInMethods(oidc bool) http.HandlerFunc {
	text, err := json.Marshal(map[string]bool{"password": true, "oidc": oidc})
	if err != nil {
		panic(err) // two booleans
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // a reader that went away is no fault of ours
	}
}
