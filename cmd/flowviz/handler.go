package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"flowviz/graph"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/web"
)

// drainTime is how long requests under way may take to finish when the server stops: what takes longer is a mistake, and a
// supervisor kills after 10 s (docker stop) or 30 s (Kubernetes).
const drainTime = 8 * time.Second

// writeTimeout is for computing and sending: the largest answer, some 10 MB within 15 s, at 1.8 Mbit/s.
const writeTimeout = graph.LongestAnswer + 10*time.Second

// newHTTPServer bounds what a client can hold without giving anything.
func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:     handler,
		ConnContext: graph.KeepConn,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),

		ReadHeaderTimeout: 5 * time.Second,  // some hundred bytes; a slower client is one that holds connections open on purpose
		ReadTimeout:       15 * time.Second, // with at most 1.25 MiB of body: 90 KB/s; documents alone are 64 KiB at most, 4.4 KB/s, a bad mobile connection
		WriteTimeout:      writeTimeout,
		IdleTimeout:       2 * time.Minute, // between requests; longer than the 60 s for which proxies keep theirs, so that they close first
		MaxHeaderBytes:    16 << 10,        // net/http allows 1 MiB; browsers and proxies keep to 8 KiB
	}
}

// newHandler is everything that the server answers.
func (a *app) newHandler(database *database, users people, provider *identity.Provider, resolver *graph.Resolver, edge graph.Edge) (http.Handler, error) {
	// An answer of more than about a packet goes as gzip to clients that ask for it. Measured on lots as JSON: the fastest
	// level makes them 6 times smaller for 3.3 ms of a core a megabyte, the default one 7 times for 5.2 ms.
	// Events go as they are: each is small, and waits for no other.
	compressed, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.ContentTypeFilter(func(media string) bool {
		return gzhttp.DefaultContentTypeFilter(media) && !strings.HasPrefix(media, "text/event-stream")
	}))
	if err != nil {
		return nil, fmt.Errorf("compress answers: %w", err)
	}
	trusted, err := parseProxies(a.config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	api, err := graph.NewHandler(resolver, edge, a.log)
	if err != nil {
		return nil, fmt.Errorf("serve the API: %w", err)
	}
	api, err = guard(a.config.Origins, compressed(edge.CountRequests(users.identify.Middleware(api))))
	if err != nil {
		return nil, err
	}
	pages := web.Handler() // compresses by itself

	mux := http.NewServeMux()
	mux.Handle("/graphql", api)
	if !edge.NoIntrospection {
		mux.Handle("GET /schema.graphql", edge.CountRequests(compressed(users.identify.Middleware(http.HandlerFunc(graph.ServeSDL)))))
	}
	mux.HandleFunc("GET /.well-known/jwks.json", jwks(users.keys.JWKS()))
	mux.HandleFunc("GET /auth/methods", signInMethods(provider != nil))
	if provider != nil {
		mux.Handle("GET "+identity.SignInPath, limitSignIns(edge, provider.SignIn))
		mux.Handle("GET "+identity.CallbackPath, limitSignIns(edge, provider.Callback))
	}
	mux.Handle("/graphiql", pages)
	mux.Handle("/assets/", pages)
	mux.Handle("GET /{$}", http.RedirectHandler("/graphiql", http.StatusFound))
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", readyz(database.check))
	return secure(trusted.forwarded(withOrigin(mux))), nil
}

// withOrigin tells the audit log where a request comes from. Its number goes back too, for who reports what went wrong.
func withOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			address = r.RemoteAddr
		}
		origin := identity.Origin{Address: address, RequestID: newID().String()}
		w.Header().Set("X-Request-Id", origin.RequestID)
		next.ServeHTTP(w, r.WithContext(identity.WithOrigin(r.Context(), origin)))
	})
}

// jwks publishes the keys by which others verify our access tokens. An hour in caches: a new key is to be published that long
// before it signs.
func jwks(set []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(set) // a reader that went away is no fault of ours
	}
}

// healthz says that the process lives; whether it can answer is readyz's to say, and no reason to kill it.
func healthz(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, "ok")
}

// readyTimeout is shorter than the second or more that probes wait, so that they learn the reason.
const readyTimeout = 900 * time.Millisecond

// readyz says whether requests can be answered, and if not, why.
func readyz(check func(context.Context) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := check(ctx); err != nil {
			reason := "the database doesn't answer"
			if f := fault.Of(err); f != nil {
				reason = f.Error()
			}
			say(w, http.StatusServiceUnavailable, reason)
			return
		}
		say(w, http.StatusOK, "ready")
	}
}

func say(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(line + "\n")) // a reader that went away is no fault of ours
}
