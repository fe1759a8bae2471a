package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"flowviz/db/dbtest"
	"flowviz/graph"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/rate"
	"flowviz/internal/trace/index"
)

// TestAddressRate: what an address may ask for counts the API, whoever asks, and sign-ins at the identity provider together; who comes
// through a trusted proxy is counted by their own address.
func TestAddressRate(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	a := &app{log: slog.New(slog.DiscardHandler), now: time.Now, passwordCost: bcrypt.MinCost, config: config{
		Data: t.TempDir(), OIDCIssuer: gone.URL, OIDCClientID: "flowviz", OIDCClientSecret: "swordfish", OIDCRolesClaim: defaultRolesClaim,
		OIDCRedirectURL: "https://flowviz.example.com/auth/oidc/callback", TrustedProxies: "10.0.0.0/8",
	}}
	pool, log := dbtest.New(t, nil), audit.NewRecorder(newID, time.Now)
	users, err := a.people(pool, log)
	check(t, err)
	provider, err := a.provider(t.Context(), users)
	check(t, err)
	standing := func() time.Time { return time.Unix(0, 0) }
	resolver := newResolver(pool, index.NewKeeper(pool, a.log), users.service, command.NewExecutor(pool, log, newID, time.Now), audit.NewVerifier(pool, nil, nil), time.Now)
	h, err := a.newHandler(nil, users, provider, resolver,
		graph.Edge{Requests: rate.New(rate.Limit{Burst: 3 * signInAmount, PerSecond: 1}, standing)})
	check(t, err)
	ask := func(from, method, path, token string) (status int, wait, body string) {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(`{"query": "{ viewer { id } }"}`))
		r.RemoteAddr = "10.1.2.3:1234"
		r.Header.Set("X-Forwarded-For", from)
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Header().Get("Retry-After"), w.Body.String()
	}
	const one, other = "203.0.113.5", "203.0.113.6"
	const saysSignIn, saysRequest = "(limit requests, value 30, cost 10)", `"code":"RATE_LIMITED","cost":1,"limit":"requests","perSecond":1,"retryAfter":1,"value":30`
	for i, step := range []struct {
		from, method, path, token string
		status                    int
		wait, says                string
	}{
		{one, http.MethodGet, "/auth/oidc", "", http.StatusServiceUnavailable, "", ""}, // the provider is away
		{one, http.MethodGet, "/auth/oidc/callback?code=1&state=2", "", http.StatusBadRequest, "", ""},
		{one, http.MethodPost, "/graphql", "fvt_made-up", http.StatusUnauthorized, "", ""},
		{one, http.MethodPost, "/graphql", "", http.StatusOK, "", ""},
		{one, http.MethodGet, "/auth/oidc", "", http.StatusTooManyRequests, "2", saysSignIn},
		{one, http.MethodGet, "/auth/oidc/callback?code=1&state=2", "", http.StatusTooManyRequests, "2", saysSignIn},
		{one, http.MethodGet, "/schema.graphql", "", http.StatusUnauthorized, "", ""},
		{other, http.MethodGet, "/auth/oidc", "", http.StatusServiceUnavailable, "", ""},
		{one + ", " + other, http.MethodGet, "/auth/oidc", "", http.StatusServiceUnavailable, "", ""},
		{one + ", " + other, http.MethodGet, "/auth/oidc", "", http.StatusServiceUnavailable, "", ""},
		{one + ", " + other, http.MethodGet, "/auth/oidc", "", http.StatusTooManyRequests, "10", saysSignIn},
		{other, http.MethodPost, "/graphql", "fvt_made-up", http.StatusTooManyRequests, "1", saysRequest},
		{other, http.MethodGet, "/schema.graphql", "", http.StatusTooManyRequests, "1", saysRequest},
		{other, http.MethodGet, "/healthz", "", http.StatusOK, "", ""}, // who supervises the server isn't counted
	} {
		status, wait, body := ask(step.from, step.method, step.path, step.token)
		if status != step.status || wait != step.wait || !strings.Contains(body, step.says) || strings.Contains(body, "swordfish") {
			t.Errorf("step %d, %s from %s: %d, wait %q: %.200s; want %d, %q, %s", i, step.path, step.from, status, wait, body, step.status, step.wait, step.says)
		}
	}
}
