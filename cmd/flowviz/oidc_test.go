package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"flowviz/db/dbtest"
)

// TestProviderAway: a server starts without its identity provider, and says so to who wants to sign in there.
func TestProviderAway(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	issuer := strings.Replace(gone.URL, "127.0.0.1", "localhost", 1) // the log may name it before the address that is served, which serve looks for
	s := serve(t, append(atURL(dbtest.URL(t)), "FLOWVIZ_OIDC_ISSUER="+issuer, "FLOWVIZ_OIDC_CLIENT_ID=flowviz", "FLOWVIZ_OIDC_CLIENT_SECRET=swordfish",
		"FLOWVIZ_OIDC_REDIRECT_URL=https://flowviz.example.com/auth/oidc/callback"), "serve")
	if status, _, body := get(t, s.url+"/readyz"); status != http.StatusOK {
		t.Errorf("not ready: %d %s", status, body)
	}
	if _, _, body := get(t, s.url+"/auth/methods"); body != `{"oidc":true,"password":true}` {
		t.Errorf("/auth/methods: %s", body)
	}
	if status, header, body := get(t, s.url+"/auth/oidc"); status != http.StatusServiceUnavailable || header.Get("Cache-Control") != "no-store" || !strings.Contains(body, "be reached at the moment") {
		t.Errorf("/auth/oidc: %d %v %s", status, header, body)
	}
	if status, _, body := get(t, s.url+"/auth/oidc/callback?code=1&state=2"); status != http.StatusBadRequest || strings.Contains(body, "swordfish") {
		t.Errorf("/auth/oidc/callback: %d %s", status, body)
	}
	if _, said := s.stop(); !strings.Contains(said, "identity provider doesn't answer") || strings.Contains(said, "swordfish") {
		t.Errorf("the log: %s", said)
	}
}

func TestPasswordsAlone(t *testing.T) {
	t.Parallel()
	s := serve(t, atURL(dbtest.URL(t)), "serve")
	if _, _, body := get(t, s.url+"/auth/methods"); body != `{"oidc":false,"password":true}` {
		t.Errorf("/auth/methods: %s", body)
	}
	if status, _, _ := get(t, s.url+"/auth/oidc"); status != http.StatusNotFound {
		t.Errorf("/auth/oidc: %d", status)
	}
}
