package main

import (
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/internal/identity"
	"flowviz/internal/site"
)

// asManager lets whoever reaches this machine's own address act as a MANAGER of every site, as long as nobody can sign in.
func asManager(pool *pgxpool.Pool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sites, err := site.NewFinder(pool).All(r.Context())
		if err != nil {
			http.Error(w, "the database doesn't answer", http.StatusServiceUnavailable)
			return
		}
		actor := &identity.Actor{Memberships: map[int32]identity.Role{0: "MANAGER"}} // also where there is no site yet
		for _, s := range sites {
			actor.Memberships[s.ID] = "MANAGER"
		}
		next.ServeHTTP(w, r.WithContext(identity.WithActor(r.Context(), actor)))
	})
}
