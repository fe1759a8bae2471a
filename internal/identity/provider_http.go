package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"flowviz/internal/fault"
)

// SignIn sends the browser to the identity provider (SignInPath). ?next= names the page of this server to go on with;
// ?reauthenticate=1 makes the provider ask for the password again, also of who is signed in there.
func (p *Provider) SignIn(w http.ResponseWriter, r *http.Request) {
	address, err := p.leave(w, r)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther) //nolint:gosec // to the provider that the settings name
}

// leave gives the browser what it needs to come back, and the address to go to.
func (p *Provider) leave(w http.ResponseWriter, r *http.Request) (string, error) {
	found, err := p.discover(r.Context())
	if err != nil {
		return "", err
	}
	f := flow{
		State: string(newSecret()), Nonce: string(newSecret()), Verifier: oauth2.GenerateVerifier(), Next: localPage(r.FormValue("next")),
		Reauthenticate: r.FormValue("reauthenticate") == "1", Expires: p.users.now().Add(flowLifetime),
	}
	sealed, err := p.seal.close(f)
	if err != nil {
		return "", err
	}
	p.setFlow(w, r, sealed, f.Expires)
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if f.Reauthenticate {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return p.oauth2(found).AuthCodeURL(f.State, options...), nil
}

// Callback signs in who comes back from the identity provider (CallbackPath): a session, and its refresh token in the same
// cookie as that of a sign-in with a password.
func (p *Provider) Callback(w http.ResponseWriter, r *http.Request) {
	client := newClient(w, r)
	p.setFlow(w, r, "", time.Unix(1, 0)) // good for one return
	next, in, err := p.arrive(withClient(r.Context(), client), r)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	client.Keep(in.RefreshToken, in.RefreshExpiresAt)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // a page of this server (localPage), sealed since
}

func (p *Provider) arrive(ctx context.Context, r *http.Request) (next string, in *SignedIn, err error) {
	cookie, err := r.Cookie(flowCookie)
	if err != nil {
		return "", nil, errBegin()
	}
	f, ok := p.seal.open(cookie.Value, p.users.now())
	if !ok || subtle.ConstantTimeCompare([]byte(r.FormValue("state")), []byte(f.State)) != 1 {
		return "", nil, p.refuse(ctx, "the state", errors.New("not that of a sign-in of this browser"))
	}
	if refusal := r.FormValue("error"); refusal != "" {
		p.log.InfoContext(ctx, "the identity provider refuses a sign-in", "error", refusal, "description", r.FormValue("error_description"))
		return "", nil, fault.New(fault.Forbidden, "", "the identity provider refuses to sign you in")
	}
	found, err := p.discover(ctx)
	if err != nil {
		return "", nil, err
	}
	o, err := p.redeem(ctx, found, f, r.FormValue("code"))
	if err != nil {
		return "", nil, err
	}
	in, err = p.admit(ctx, o)
	return f.Next, in, err
}

// setFlow keeps a sign-in under way in the browser. Lax: the provider's page sends the browser back, which Strict would take for
// another site's request.
func (p *Provider) setFlow(w http.ResponseWriter, r *http.Request, sealed string, expires time.Time) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the request is: on plain HTTP the browser would drop the cookie
		Name: flowCookie, Value: sealed, Path: flowPath, Expires: expires, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: encrypted(r),
	})
}

var sorryPage = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>flowviz: not signed in</title>
<h1>You are not signed in</h1>
<p>{{.}}.
<p><a href="` + SignInPath + `">Sign in again</a>, or go <a href="` + homePage + `">to the start</a>.
</html>
`))

// sorry shows a person why they aren't signed in.
func (p *Provider) sorry(w http.ResponseWriter, r *http.Request, err error) {
	status, f := http.StatusServiceUnavailable, fault.Of(err)
	switch {
	case f == nil:
		if !errors.Is(err, context.Canceled) {
			p.log.ErrorContext(r.Context(), "somebody can't be signed in", "error", err)
		}
		f = fault.New(fault.Internal, "", "signing in doesn't work at the moment: try again")
	case f.Code == fault.BadUserInput:
		status = http.StatusBadRequest
	case f.Code == fault.Forbidden:
		status = http.StatusForbidden
	case f.Code == fault.Conflict:
		status = http.StatusConflict
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = sorryPage.Execute(w, f.Message) // a client that went away reads no page
}
