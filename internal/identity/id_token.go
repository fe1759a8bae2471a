package identity

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"flowviz/internal/fault"
)

const (
	// freshLifetime is how long ago somebody who has no password here may have signed in again at the provider, where others give
	// their password again.
	freshLifetime = 5 * time.Minute
	// providerSkew is how far the provider's clock may be ahead or behind.
	providerSkew = time.Minute
	// maxSubject is the length of the provider's name for a person (OpenID Connect Core 1.0, section 2).
	maxSubject = 255
)

// outsider is who the provider says that somebody is.
type outsider struct {
	subject           string
	email             string // "" where the provider hasn't verified it
	fullName          string
	groups            []string
	reauthenticatedAt *time.Time // when the person showed the provider again who they are, for a signature; else nil
}

// errBegin is for what nobody who does nothing wrong meets twice; why goes to the log.
func errBegin() *fault.Error {
	return fault.BadInput("", "this sign-in is over, or was begun elsewhere: begin it again")
}

// redeem exchanges the code that the browser brought for an ID token and what it says. BAD_USER_INPUT where either doesn't hold,
// FORBIDDEN where the person was to show again who they are, and didn't.
func (p *Provider) redeem(ctx context.Context, found *oidc.Provider, f flow, code string) (outsider, error) {
	token, err := p.oauth2(found).Exchange(p.reaching(ctx), code, oauth2.VerifierOption(f.Verifier))
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.Response.StatusCode < http.StatusInternalServerError && refused.ErrorCode != "invalid_client" {
		return outsider{}, p.refuse(ctx, "the code", err)
	} else if err != nil {
		return outsider{}, p.unreachable(ctx, err)
	}
	raw, _ := token.Extra("id_token").(string) // "" is no token either
	// Issuer, audience, expiry and signature, by the algorithms of the provider's metadata that are asymmetric.
	id, err := found.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: p.users.now}).Verify(p.reaching(ctx), raw)
	if err != nil {
		return outsider{}, p.refuse(ctx, "the ID token", err)
	}
	said := assertions{}
	if err := id.Claims(&said); err != nil {
		return outsider{}, p.refuse(ctx, "the ID token", err)
	}
	if err := p.checkToken(id, f, said); err != nil {
		return outsider{}, p.refuse(ctx, "the ID token", err)
	}
	var again *time.Time
	if f.Reauthenticate {
		// The token's alone: what the provider says later is no part of this sign-in.
		if again = said.time("auth_time"); !f.answeredBy(again, p.users.now()) {
			return outsider{}, fault.New(fault.Forbidden, "", "the identity provider didn't ask you to sign in just now: sign out there, and sign in again")
		}
	}
	if err := p.complete(ctx, found, token, id.Subject, said); err != nil {
		return outsider{}, err
	}
	o := outsider{subject: id.Subject, fullName: said.fullName(), groups: said.texts(p.config.RolesClaim), reauthenticatedAt: again}
	if said.yes("email_verified") {
		o.email = normalEmail(said.text("email"))
	}
	if len(o.email) > maxEmail || !anEmail.MatchString(o.email) {
		o.email = ""
	}
	return o, nil
}

func (p *Provider) refuse(ctx context.Context, what string, err error) error {
	p.log.WarnContext(ctx, "a sign-in at the identity provider is refused", "what", what, "error", strings.Join(strings.Fields(err.Error()), " "))
	return errBegin()
}

// checkToken checks what the library leaves to its caller.
func (p *Provider) checkToken(id *oidc.IDToken, f flow, said assertions) error {
	azp := said.text("azp")
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1:
		return errors.New("another nonce")
	case azp != "" && azp != p.config.ClientID, azp == "" && len(id.Audience) > 1: // OpenID Connect Core 1.0, section 3.1.3.7, 4 and 5
		return fmt.Errorf("made for %q", azp)
	case id.Subject == "" || len(id.Subject) > maxSubject:
		return errors.New("no subject, or too long a one")
	}
	return nil
}

// complete asks the provider for what the token leaves out: in the code flow, providers need not put anything about the person
// into it (OpenID Connect Core 1.0, section 5.4).
func (p *Provider) complete(ctx context.Context, found *oidc.Provider, token *oauth2.Token, subject string, said assertions) error {
	if said.has("email") && said.has(p.config.RolesClaim) || found.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := found.UserInfo(p.reaching(ctx), oauth2.StaticTokenSource(token))
	if err != nil {
		return p.unreachable(ctx, err)
	}
	more := assertions{}
	if err := info.Claims(&more); err != nil || info.Subject != subject {
		return p.refuse(ctx, "the user info", fmt.Errorf("of %q: %w", info.Subject, err))
	}
	if !said.has("email") {
		delete(said, "email_verified") // it belongs to the address beside it
	} else {
		delete(more, "email_verified")
	}
	for name, value := range more {
		if !said.has(name) {
			said[name] = value
		}
	}
	return nil
}

// assertions are what a provider says of somebody, by name.
type assertions map[string]json.RawMessage

func (c assertions) has(name string) bool { return len(c[name]) > 0 && string(c[name]) != "null" }

func (c assertions) text(name string) string {
	var text string
	if json.Unmarshal(c[name], &text) != nil {
		return ""
	}
	return text
}

// texts is a list; some providers write a single text as such.
func (c assertions) texts(name string) []string {
	if text := c.text(name); text != "" {
		return []string{text}
	}
	var list []any
	if json.Unmarshal(c[name], &list) != nil {
		return nil
	}
	var texts []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// yes is true where the claim is; some providers write it as text.
func (c assertions) yes(name string) bool { return string(c[name]) == "true" || c.text(name) == "true" }

func (c assertions) time(name string) *time.Time {
	var seconds float64
	if !c.has(name) || json.Unmarshal(c[name], &seconds) != nil || seconds <= 0 {
		return nil
	}
	return new(time.Unix(int64(seconds), 0).UTC())
}

// fullName is what the provider calls somebody, in the bounds of ours; "" where it doesn't.
func (c assertions) fullName() string {
	name := strings.TrimSpace(c.text("name"))
	if name == "" {
		name = strings.TrimSpace(c.text("given_name") + " " + c.text("family_name"))
	}
	if utf8.RuneCountInString(name) > maxFullName {
		name = string([]rune(name)[:maxFullName])
	}
	return name
}
