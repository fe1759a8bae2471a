package main

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
	"flowviz/internal/command"
	"flowviz/internal/deviation"
	"flowviz/internal/equipment"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/product"
	"flowviz/internal/qc"
	"flowviz/internal/recall"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
	"flowviz/internal/trace"
	"flowviz/internal/trace/index"
	"flowviz/internal/transformation"
)

// people are how users sign in, and how they are known again.
type people struct {
	keys     identity.Keys
	service  *identity.Service
	identify *identity.Authenticator
}

func (a *app) people(pool *pgxpool.Pool, log *audit.Recorder) (people, error) {
	keys, err := a.keys()
	if err != nil {
		return people{}, err
	}
	tokens := identity.NewTokens(keys, newID, a.now)
	return people{
		keys:     keys,
		service:  identity.NewService(pool, newID, a.now, identity.NewPasswords(a.passwordCost), tokens, log.RecordIdentity),
		identify: identity.NewAuthenticator(pool, tokens, a.now, a.log),
	}, nil
}

// newResolver puts the domain together, but for what subscriptions listen to; now says what is overdue.
func newResolver(
	pool *pgxpool.Pool, genealogy *index.Keeper, users *identity.Service, commands *command.Executor, verifier *audit.Verifier, now func() time.Time,
) *graph.Resolver {
	library, guesses := scenario.NewLibrary(), trace.NewGuesses(pool)
	return &graph.Resolver{
		Identity: users,
		Read: func(ctx context.Context, statement time.Duration) (*loader.Finders, func()) {
			scope := identity.ActorFrom(ctx).Scope()
			scope.StatementTimeout = statement
			view := genealogy.View(scope.Sites) // before the snapshot begins
			snapshot := db.NewSnapshot(ctx, pool, scope)
			finders := newFinders(snapshot, view, now)
			finders.Guess = guesses.Of(scope, view)
			return finders, snapshot.Close
		},
		Audit:           verifier,
		Partners:        partner.NewService(commands),
		Lots:            lot.NewService(commands, library),
		Runs:            run.NewService(commands, library),
		Holds:           hold.NewService(commands, users),
		Checks:          qc.NewService(commands, library),
		Deviations:      deviation.NewService(commands, users),
		Recalls:         recall.NewService(commands, users, library, genealogy),
		Transformations: transformation.NewService(commands, library),
		Sites:           site.NewService(commands, pool),
		Locations:       location.NewService(commands),
		Equipments:      equipment.NewService(commands),
		Products:        product.NewService(commands),
		Bound:           db.WithStatementTimeout,
		Alerts:          alert.NewService(commands),
		Scenarios:       scenario.NewService(pool, commands, users),
	}
}

func newFinders(tx db.DBTX, view index.View, now func() time.Time) *loader.Finders {
	return &loader.Finders{
		Alert:          alert.NewFinder(tx),
		Audit:          audit.NewFinder(tx),
		Deviation:      deviation.NewFinder(tx, now),
		Equipment:      equipment.NewFinder(tx),
		Hold:           hold.NewFinder(tx),
		Identity:       identity.NewFinder(tx),
		Location:       location.NewFinder(tx),
		Lot:            lot.NewFinder(tx),
		Partner:        partner.NewFinder(tx),
		Product:        product.NewFinder(tx),
		Qc:             qc.NewFinder(tx),
		Recall:         recall.NewFinder(tx),
		Run:            run.NewFinder(tx),
		Scenario:       scenario.NewFinder(tx),
		Site:           site.NewFinder(tx),
		Trace:          trace.NewIndexed(tx, view),
		Transformation: transformation.NewFinder(tx),
	}
}

// newID makes ids that sort by the time when they were made, so that new rows stand together in indexes.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
