package graph_test

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/graph"
	"flowviz/graph/loader"
	"flowviz/internal/alert"
	"flowviz/internal/audit"
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
		Read: func(ctx context.Context) (*loader.Finders, func()) {
			snapshot := db.NewSnapshot(ctx, pool, identity.ActorFrom(ctx).Scope())
			return newFinders(snapshot), snapshot.Close
		},
		Audit:    audit.NewVerifier(pool, nil, nil),
		Partners: partner.NewService(pool, audit.NewRecorder(newID, time.Now), newID),
	}
}

func newFinders(tx db.DBTX) *loader.Finders {
	return &loader.Finders{
		Alert:          alert.NewFinder(tx),
		Audit:          audit.NewFinder(tx),
		Hold:           hold.NewFinder(tx),
		Identity:       identity.NewFinder(tx),
		Lot:            lot.NewFinder(tx),
		Partner:        partner.NewFinder(tx),
		Qc:             qc.NewFinder(tx),
		Run:            run.NewFinder(tx),
		Scenario:       scenario.NewFinder(tx),
		Site:           site.NewFinder(tx),
		Trace:          trace.NewFinder(tx),
		Transformation: transformation.NewFinder(tx),
	}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
