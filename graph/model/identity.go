package model

import (
	"time"

	"flowviz/internal/identity"
)

// Inputs and payloads with secrets, which gqlgen would make plain strings of.
type (
	// LoginInput is who signs in, and where the refresh token goes.
	LoginInput struct {
		Email    string
		Password identity.Secret
		Cookie   bool
	}

	// RefreshTokenInput is which session goes on; nil for the cookie's.
	RefreshTokenInput struct{ RefreshToken *identity.Secret }

	// LoginPayload is what somebody has who signed in.
	LoginPayload struct {
		AccessToken  identity.Secret
		RefreshToken *identity.Secret // nil where it is in the cookie
		ExpiresAt    time.Time
		User         *identity.User
	}

	// CreateAPITokenPayload is a new token with its secret.
	CreateAPITokenPayload struct {
		APIToken *identity.APIToken
		Secret   identity.Secret
	}
)
