package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// TestClientBehindProxies: the address is that of who asked the first proxy of ours, whatever they claim beside it.
func TestClientBehindProxies(t *testing.T) {
	t.Parallel()
	trusted, err := parseProxies("10.0.0.0/8, 192.0.2.7,2001:db8:a::/48 ::ffff:192.0.2.9")
	check(t, err)
	for name, tc := range map[string]struct {
		peer   string
		header []string
		want   string
	}{
		"nobody between":           {"203.0.113.5:1234", nil, "203.0.113.5"},
		"a stranger's word":        {"203.0.113.5:1234", []string{"198.51.100.1"}, "203.0.113.5"},
		"one proxy":                {"10.1.2.3:1234", []string{"203.0.113.5"}, "203.0.113.5"},
		"a claim before it":        {"10.1.2.3:1234", []string{"198.51.100.1, 203.0.113.5"}, "203.0.113.5"},
		"a claim to be a proxy":    {"10.1.2.3:1234", []string{"198.51.100.1, 10.9.9.9, 203.0.113.5"}, "203.0.113.5"},
		"two proxies":              {"10.1.2.3:1234", []string{"198.51.100.1,203.0.113.5,192.0.2.7"}, "203.0.113.5"},
		"two lines":                {"10.1.2.3:1234", []string{"198.51.100.1, 203.0.113.5", "192.0.2.7"}, "203.0.113.5"},
		"a proxy asks for itself":  {"10.1.2.3:1234", []string{"10.0.0.9"}, "10.0.0.9"},
		"it says nothing":          {"10.1.2.3:1234", nil, "10.1.2.3"},
		"it says nothing readable": {"10.1.2.3:1234", []string{"203.0.113.5, unknown"}, "10.1.2.3"},
		"unreadable further left":  {"10.1.2.3:1234", []string{"unknown, 192.0.2.7"}, "192.0.2.7"},
		"with a port":              {"192.0.2.7:1234", []string{"203.0.113.5:4321"}, "203.0.113.5"},
		"IPv6":                     {"[2001:db8:a::1]:1234", []string{"2001:db8:b::5"}, "2001:db8:b::5"},
		"IPv6 with a port":         {"[2001:db8:a::1]:1234", []string{"[2001:db8:b::5]:1"}, "2001:db8:b::5"},
		"IPv6 in brackets":         {"[2001:db8:a::1]:1234", []string{"[2001:db8:b::5]"}, "2001:db8:b::5"},
		"IPv4 in IPv6":             {"[::ffff:10.1.2.3]:1234", []string{"::ffff:203.0.113.5"}, "203.0.113.5"},
		"a neighbour of a proxy":   {"192.0.2.8:1234", []string{"203.0.113.5"}, "192.0.2.8"},
		"a proxy named as IPv6":    {"192.0.2.9:1234", []string{"203.0.113.5"}, "203.0.113.5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
			r.RemoteAddr = tc.peer
			r.Header["X-Forwarded-For"] = tc.header
			var got string // as the audit log keeps it
			h := trusted.forwarded(withOrigin(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = identity.OriginFrom(r.Context()).Address })))
			h.ServeHTTP(httptest.NewRecorder(), r)
			if got != tc.want {
				t.Errorf("it comes from %s, want %s", got, tc.want)
			}
			if r.RemoteAddr != tc.peer {
				t.Errorf("the server's own request was changed to %s", r.RemoteAddr)
			}
		})
	}
	for _, bad := range []string{"proxy.example", "10.0.0.0/33", "10.0.0", "0.0.0.0/0", "::/0", "10.0.0.0/8,x"} {
		if _, err := parseProxies(bad); fault.Of(err) == nil || fault.Of(err).Field != "FLOWVIZ_TRUSTED_PROXIES" || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	none, err := parseProxies(" ")
	check(t, err)
	if none.trust(trusted[0].Addr()) {
		t.Error("where none is named, one is trusted")
	}
}
