package graph_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"testing"
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

// newHandler is the API on a resolver.
func newHandler(t *testing.T, r *graph.Resolver) http.Handler {
	t.Helper()
	h, err := graph.NewHandler(r, graph.Edge{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// newResolver puts the domain together.
func newResolver(pool *pgxpool.Pool) *graph.Resolver { return newResolverAt(pool, time.Now) }

// newResolverAt is newResolver on another clock.
func newResolverAt(pool *pgxpool.Pool, now func() time.Time) *graph.Resolver {
	return newResolverOf(pool, command.NewExecutor(pool, audit.NewRecorder(newID, now), newID, now), now)
}

// reading is what operations read with.
func reading(pool *pgxpool.Pool, genealogy *index.Keeper, now func() time.Time) func(context.Context, time.Duration) (*loader.Finders, func()) {
	return func(ctx context.Context, statement time.Duration) (*loader.Finders, func()) {
		scope := identity.ActorFrom(ctx).Scope()
		scope.StatementTimeout = statement
		view := genealogy.View(scope.Sites)
		snapshot := db.NewSnapshot(ctx, pool, scope)
		finders := newFinders(snapshot)
		finders.Trace = trace.NewIndexed(snapshot, view)
		finders.Deviation = deviation.NewFinder(snapshot, now)
		return finders, snapshot.Close
	}
}

func newResolverOf(pool *pgxpool.Pool, commands *command.Executor, now func() time.Time) *graph.Resolver {
	users, library := newIdentityAt(pool, now), scenario.NewLibrary()
	genealogy := index.NewKeeper(pool, slog.New(slog.DiscardHandler))
	if err := genealogy.Refresh(context.Background()); err != nil { // what is written later it is behind of
		panic(err)
	}
	return &graph.Resolver{
		Read:            reading(pool, genealogy, now),
		Patience:        time.Minute, // what is tested is no deadline, but in deadline_test.go
		Identity:        users,
		Audit:           audit.NewVerifier(pool, nil, nil),
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

func newIdentity(pool *pgxpool.Pool) *identity.Service { return newIdentityAt(pool, time.Now) }

// newIdentityAt hashes passwords as fast as bcrypt can.
func newIdentityAt(pool *pgxpool.Pool, now func() time.Time) *identity.Service {
	return newIdentityOf(pool, now, newTokens())
}

func newIdentityOf(pool *pgxpool.Pool, now func() time.Time, tokens *identity.Tokens) *identity.Service {
	return identity.NewService(pool, newID, now, identity.NewPasswords(4), tokens, audit.NewRecorder(newID, now).RecordIdentity)
}

func newTokens() *identity.Tokens { return newTokensAt(time.Now) }

func newTokensAt(now func() time.Time) *identity.Tokens {
	keys, err := identity.ParseKeys("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", os.ReadFile)
	if err != nil {
		panic(err) // a constant
	}
	return identity.NewTokens(keys, newID, now)
}

func newFinders(tx db.DBTX) *loader.Finders {
	return &loader.Finders{
		Alert:          alert.NewFinder(tx),
		Audit:          audit.NewFinder(tx),
		Deviation:      deviation.NewFinder(tx, time.Now),
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
		Trace:          trace.NewFinder(tx),
		Transformation: transformation.NewFinder(tx),
	}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
