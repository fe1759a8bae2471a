package rate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"flowviz/internal/rate"
)

func TestNetwork(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "fe80::1%eth0": "fe80::", "::1": "::",
	} {
		if got := rate.Network(netip.MustParseAddr(address)).String(); got != want {
			t.Errorf("%s is counted as %s, want %s", address, got, want)
		}
	}
	if got := rate.Network(netip.Addr{}); got.IsValid() {
		t.Errorf("no address is counted as %s", got)
	}
}

// TestRequests: a network's requests are counted together whatever their ports and last 64 bits are, and those of others apart.
func TestRequests(t *testing.T) {
	t.Parallel()
	l := rate.New(rate.Limit{Burst: 4, PerSecond: 1}, func() time.Time { return time.Unix(0, 0) })
	h := l.Requests(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "in") }), 2,
		func(w http.ResponseWriter, wait time.Duration) {
			http.Error(w, wait.String(), http.StatusTooManyRequests)
		})
	for i, step := range []struct {
		from string
		want int
	}{
		{"192.0.2.7:1000", http.StatusOK},
		{"192.0.2.7:1001", http.StatusOK},
		{"[::ffff:192.0.2.7]:1002", http.StatusTooManyRequests},
		{"192.0.2.8:1000", http.StatusOK},
		{"[2001:db8::1]:1", http.StatusOK},
		{"[2001:db8::2]:1", http.StatusOK},
		{"[2001:db8::3]:1", http.StatusTooManyRequests},
		{"[2001:db8:0:1::1]:1", http.StatusOK},
		{"@", http.StatusOK}, // a socket without addresses: all who come by it together
		{"@", http.StatusOK},
		{"@", http.StatusTooManyRequests},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = step.from
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if refused := w.Code != http.StatusOK; w.Code != step.want || refused != (w.Header().Get("Retry-After") == "2") {
			t.Errorf("step %d, from %s: %d, retry after %q, want %d", i, step.from, w.Code, w.Header().Get("Retry-After"), step.want)
		}
	}
	var none *rate.Limiter
	if next := http.NotFoundHandler(); none.Requests(next, 1, nil) == nil {
		t.Error("without a limit nobody is let in")
	}
}
