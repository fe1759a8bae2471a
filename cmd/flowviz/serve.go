package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"flowviz/graph"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/job"
	"flowviz/internal/pubsub"
	"flowviz/internal/scenario"
	"flowviz/internal/trace/index"
	"flowviz/internal/watch"
)

func newServe(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the GraphQL API and GraphiQL",
		Long: `Serve the GraphQL API at /graphql, GraphiQL at /graphiql and, for who is signed in, the schema at /schema.graphql.

The database's schema is brought up to date first. /healthz says that the process lives, /readyz that it can answer.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serve(cmd.Context(), service{
				announce: func(address string) { a.log.InfoContext(cmd.Context(), "serving", "address", "http://"+address) },
			})
		},
	}
	a.config.addAddr(cmd.Flags())
	return cmd
}

// service is what differs between the sub-commands that serve.
type service struct {
	prepare  func(context.Context, *database, *identity.Service) error // done before the first request is answered; nil for nothing
	announce func(address string)                                      // told when requests are answered
}

// serve answers requests until ctx ends. A wrong list of documents or a taken address is found before anything is written; who connects before the
// database is ready waits.
func (a *app) serve(ctx context.Context, s service) (err error) {
	edge, err := a.edge()
	if err != nil {
		return err
	}
	listener, err := listen(ctx, a.config.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	srv, err := a.own(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.leave()) }()
	database, err := a.open(ctx, srv)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.close()) }()
	log := audit.NewRecorder(newID, a.now)
	users, err := a.people(database.pool, log)
	if err != nil {
		return err
	}
	if s.prepare != nil {
		if err := s.prepare(ctx, database, users.service); err != nil {
			return err
		}
	}
	checkpointer, verifier, err := a.checkpointer(database.pool)
	if err != nil {
		return err
	}
	provider, err := a.provider(ctx, users)
	if err != nil {
		return err
	}
	commands := command.NewExecutor(database.pool, log, newID, a.now)
	genealogy, stopKeeping := a.keepGenealogy(ctx, database.pool)
	defer stopKeeping()
	resolver := newResolver(database.pool, genealogy, users.service, commands, verifier, a.now)
	ending, stopTelling, err := a.tell(ctx, database.pool, commands, users, resolver)
	if err != nil {
		return err
	}
	defer stopTelling()
	handler, err := a.newHandler(database, users, provider, resolver, edge)
	if err != nil {
		return err
	}
	stop, err := a.work(ctx, database.pool, commands, users.service, checkpointer)
	if err != nil {
		return err
	}
	defer stop()
	paceCollections(ctx)
	s.announce(listener.Addr().String())
	server := newHTTPServer(handler, a.log)
	server.RegisterOnShutdown(ending)
	return a.answer(ctx, server, listener, srv.ended)
}

// keepGenealogy keeps the genealogy in memory until it is told to stop. Nothing waits for it to be there.
func (a *app) keepGenealogy(ctx context.Context, pool *pgxpool.Pool) (keeper *index.Keeper, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	keeper = index.NewKeeper(pool, a.log)
	var keeping sync.WaitGroup
	keeping.Go(func() { keeper.Run(ctx) })
	return keeper, func() {
		cancel()
		keeping.Wait()
	}
}

// tell lets subscriptions hear what commands do, here and at other replicas. ending tells those who listen to go and come back; stop ends
// the telling.
func (a *app) tell(ctx context.Context, pool *pgxpool.Pool, commands *command.Executor, users people, resolver *graph.Resolver) (ending, stop func(), err error) {
	var carrier pubsub.Carrier = pubsub.Postgres{Pool: pool}
	closeCarrier := func() {}
	if a.config.ValkeyURL != "" {
		server, err := pubsub.NewValkey(a.config.ValkeyURL)
		if err != nil {
			return nil, nil, err
		}
		carrier, closeCarrier = server, server.Close
	}
	ctx, cancel := context.WithCancel(ctx)
	hub := pubsub.NewHub(pool, a.log)
	hints := pubsub.NewHints(hub, carrier, a.log)
	commands.AfterTelling(hints.Told)
	ended := make(chan struct{})
	resolver.Events, resolver.Identify, resolver.Ending = hub, users.identify, ended
	var telling sync.WaitGroup
	telling.Go(func() { hub.Run(ctx) })
	telling.Go(func() { hints.Run(ctx) })
	return sync.OnceFunc(func() { close(ended) }), func() {
		cancel()
		telling.Wait()
		closeCarrier()
	}, nil
}

// work does in the background what no request waits for, until it is told to stop.
func (a *app) work(ctx context.Context, pool *pgxpool.Pool, commands *command.Executor, users *identity.Service, checkpointer *audit.Checkpointer) (stop func(), err error) {
	watcher := watch.New(pool, commands, scenario.NewLibrary(), a.now)
	works := []job.Work{job.Watch(watcher), job.Forget(watcher), job.Refused(users), job.MergeCodes(pool)}
	if checkpointer == nil {
		a.log.WarnContext(ctx, "audit logs are not signed: say with FLOWVIZ_CHECKPOINTS where their checkpoints are to be kept")
	} else {
		works = append(works, job.Checkpoints(checkpointer))
	}
	runner, err := job.New(pool, a.log, works...)
	if err != nil {
		return nil, err
	}
	if err := runner.Start(ctx); err != nil {
		return nil, err
	}
	return func() { runner.Stop(ctx) }, nil
}

// answer serves until ctx or the database ends, and then lets the requests under way finish. That the database ended is told
// by who stops it.
func (a *app) answer(ctx context.Context, srv *http.Server, listener net.Listener, databaseEnded <-chan struct{}) error {
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-databaseEnded:
	case <-ctx.Done():
	}
	a.log.InfoContext(ctx, "stopping")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		a.log.WarnContext(ctx, "requests are cut off", "waited", drainTime)
		return srv.Close()
	}
	return nil
}

// listen takes an address.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	const another = "choose another address with --addr or FLOWVIZ_ADDR"
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return nil, fault.BadInput("", "%q is no address: write host and port, such as %s, into --addr or FLOWVIZ_ADDR", addr, defaultAddr)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Conflict, "", "address %s is taken by another program: stop it, or %s", addr, another)
	case err != nil:
		return nil, fault.New(fault.FailedPrecondition, "", "address %s can't be served (%v): %s", addr, err, another)
	}
	return listener, nil
}
