package graph_test

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/graph"
	"flowviz/graph/loader"
	"flowviz/internal/alert"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/qc"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
	"flowviz/internal/trace"
	"flowviz/internal/transformation"
)

// newResolver puts the domain together.
func newResolver(pool *pgxpool.Pool) *graph.Resolver {
	return &graph.Resolver{
		Finders: loader.Finders{
			Alert:          alert.NewFinder(pool),
			Hold:           hold.NewFinder(pool),
			Identity:       identity.NewFinder(pool),
			Lot:            lot.NewFinder(pool),
			Partner:        partner.NewFinder(pool),
			Qc:             qc.NewFinder(pool),
			Run:            run.NewFinder(pool),
			Scenario:       scenario.NewFinder(pool),
			Site:           site.NewFinder(pool),
			Trace:          trace.NewFinder(pool),
			Transformation: transformation.NewFinder(pool),
		},
		Partners: partner.NewService(pool, newID),
	}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
