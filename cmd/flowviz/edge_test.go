package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOrigins: a browser's page uses the API from the server's own origin or a named one, and from no other.
func TestOrigins(t *testing.T) {
	t.Parallel()
	h, err := guard("https://plant.example, https://other.example", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	}))
	check(t, err)
	for name, tc := range map[string]struct {
		origin, site string
		status       int
		shared       bool
	}{
		"a program":          {"", "", http.StatusOK, false},
		"the server's own":   {"http://127.0.0.1:8080", "same-origin", http.StatusOK, false},
		"a named one":        {"https://plant.example", "cross-site", http.StatusOK, true},
		"another":            {"https://evil.example", "cross-site", http.StatusForbidden, false},
		"another, old":       {"https://evil.example", "", http.StatusForbidden, false},
		"no origin":          {"null", "cross-site", http.StatusForbidden, false},
		"a named one's http": {"http://plant.example", "cross-site", http.StatusForbidden, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:8080/graphql", nil)
			for header, value := range map[string]string{"Origin": tc.origin, "Sec-Fetch-Site": tc.site} {
				if value != "" {
					r.Header.Set(header, value)
				}
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if shared := w.Header().Get("Access-Control-Allow-Origin") == tc.origin && tc.origin != ""; w.Code != tc.status || shared != tc.shared {
				t.Errorf("%d %v; want %d, shared %t", w.Code, w.Header(), tc.status, tc.shared)
			}
		})
	}
	for _, bad := range []string{"*", "plant.example", "https://plant.example/path"} {
		if _, err := guard(bad, h); err == nil {
			t.Errorf("%q is taken for an origin", bad)
		}
	}
}

// TestHeaders: each answer says what a browser may make of it; that only https will do is said under https alone.
func TestHeaders(t *testing.T) {
	t.Parallel()
	h := secure(http.NotFoundHandler())
	for proto, want := range map[string]string{"": "", "http": "", "https": "max-age=63072000"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("X-Forwarded-Proto", proto)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); got != want {
			t.Errorf("%q: Strict-Transport-Security %q, want %q", proto, got, want)
		}
		for name, value := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s: %q, want %q", name, got, value)
			}
		}
	}
}

// TestBadDocumentEndsStart: a server whose schema doesn't answer a trusted document says which, and doesn't start.
func TestBadDocumentEndsStart(t *testing.T) {
	t.Parallel()
	const bad = `query Gone { sites { nickname } }`
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(bad)))
	list, data := filepath.Join(t.TempDir(), "documents.json"), filepath.Join(t.TempDir(), "data")
	check(t, os.WriteFile(list, []byte(`{"`+sum+`": "`+bad+`"}`), 0o600))
	r := flowviz(t.Context(), []string{"FLOWVIZ_TRUSTED_DOCUMENTS=" + list, "FLOWVIZ_DATA=" + data}, "serve", "--addr", "127.0.0.1:0")
	want := "FLOWVIZ_TRUSTED_DOCUMENTS: document " + sum + `: query Gone, line 1, column 22: Cannot query field "nickname" on type "Site". Did you mean "name"?` + "\n"
	if r.code != 1 || r.stderr != want {
		t.Errorf("%+v\nwant %s", r, want)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the data folder was made all the same")
	}
}

// TestEdgeSettings: what the settings say is what guards the API, and what they can't say is refused.
func TestEdgeSettings(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "documents.json")
	check(t, os.WriteFile(list, []byte(`{"00": "{sites{code}}"}`), 0o600))
	for name, tc := range map[string]struct{ environ, says string }{
		"a switch":             {"FLOWVIZ_INTROSPECTION=maybe", "FLOWVIZ_INTROSPECTION"},
		"another":              {"FLOWVIZ_RATE_LIMITS=5", "FLOWVIZ_RATE_LIMITS"},
		"no such list":         {"FLOWVIZ_TRUSTED_DOCUMENTS=" + list + "s", "FLOWVIZ_TRUSTED_DOCUMENTS"},
		"a list of wrong sums": {"FLOWVIZ_TRUSTED_DOCUMENTS=" + list, "SHA-256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := readConfig([]string{tc.environ})
			if err == nil {
				_, err = (&app{config: cfg, now: time.Now}).edge()
			}
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v; want %q", err, tc.says)
			}
		})
	}
	cfg, err := readConfig([]string{"FLOWVIZ_INTROSPECTION=off", "FLOWVIZ_RATE_LIMITS=off"})
	check(t, err)
	edge, err := (&app{config: cfg, now: time.Now}).edge()
	check(t, err)
	if !edge.NoIntrospection || edge.Requests != nil || edge.Costs != nil || edge.Documents != nil {
		t.Errorf("%+v", edge)
	}
}
