package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/jub0bs/cors"

	"flowviz/graph"
	"flowviz/internal/fault"
	"flowviz/internal/rate"
)

// What one may ask for when rates are limited: far more than pages do, far less than what would starve others.
var (
	// requestRate is of one address, behind which a whole plant may sit.
	requestRate = rate.Limit{Burst: 2_000, PerSecond: 500}
	// costRate is of one user or program: in the long run five operations a second of the highest cost.
	costRate = rate.Limit{Burst: 1_000_000, PerSecond: 250_000}
)

// edge is how the settings guard the API.
func (a *app) edge() (graph.Edge, error) {
	edge := graph.Edge{NoIntrospection: a.config.Introspection == off}
	if a.config.Rates != off {
		edge.Requests, edge.Costs = rate.New(requestRate, a.now), rate.New(costRate, a.now)
	}
	if a.config.Documents == "" {
		return edge, nil
	}
	text, err := os.ReadFile(a.config.Documents)
	if err == nil {
		edge.Documents, err = graph.ReadDocuments(text)
	}
	if list, ok := errors.AsType[fault.List](err); ok {
		for i, f := range list {
			list[i] = fault.BadInput("FLOWVIZ_TRUSTED_DOCUMENTS", "%v", f)
		}
		return edge, list
	} else if err != nil {
		return edge, fault.BadInput("FLOWVIZ_TRUSTED_DOCUMENTS", "%v", err)
	}
	return edge, nil
}

// signInAmount is what one step of a sign-in at the identity provider counts as: it may ask the provider, who is there for others
// too. So an address has 100 sign-ins at once, a shift of people, and 25 a second.
const signInAmount = 10

// limitSignIns counts the steps of a sign-in at the identity provider against the same rate of an address. A person reads the refusal.
func limitSignIns(edge graph.Edge, next http.HandlerFunc) http.Handler {
	return edge.Requests.Requests(next, signInAmount, func(w http.ResponseWriter, wait time.Duration) {
		say(w, http.StatusTooManyRequests, fmt.Sprintf("too much in too short a time: wait %d s (limit requests, value %d, cost %d)",
			rate.Seconds(wait), edge.Requests.Limit().Burst, signInAmount))
	})
}

// guard lets pages of the server's own origin and of the named ones use next, and no other page: a browser sends those
// requests too, with all that it knows of the user. Programs aren't browsers, and don't say where they come from.
func guard(origins string, next http.Handler) (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	names := strings.FieldsFunc(origins, func(r rune) bool { return r == ',' || r == ' ' })
	for _, name := range names {
		if err := protection.AddTrustedOrigin(name); err != nil {
			return nil, fault.BadInput("FLOWVIZ_ORIGINS", "%v", err)
		}
	}
	guarded := protectAll(protection, next)
	if len(names) == 0 {
		return guarded, nil
	}
	shared, err := cors.NewMiddleware(cors.Config{
		Origins:         names,
		Methods:         []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}, // the latter two for shared streams
		RequestHeaders:  []string{"Authorization", "Content-Type", "Last-Event-ID", "X-GraphQL-Event-Stream-Token"},
		ResponseHeaders: []string{"Retry-After"},
		MaxAgeInSeconds: 600,
	})
	if err != nil {
		return nil, fault.BadInput("FLOWVIZ_ORIGINS", "%s", oneLine(err))
	}
	return shared.Wrap(guarded), nil
}

// protectAll checks each request as the library checks those that change something: a GET opens a websocket or a stream here.
func protectAll(protection *http.CrossOriginProtection, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		checked := r
		if r.Method == http.MethodGet {
			checked = r.WithContext(r.Context())
			checked.Method = http.MethodPost
		}
		if protection.Check(checked) != nil {
			say(w, http.StatusForbidden, "pages of another origin are refused: name it in FLOWVIZ_ORIGINS")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// secure adds what keeps a browser from taking an answer for something else. Pages have a policy of their own, which
// replaces this one.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" { // browsers heed it under https alone
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		next.ServeHTTP(w, r)
	})
}
