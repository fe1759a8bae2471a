package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/job"
	"flowviz/internal/scenario"
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

// gcPercent lets the heap grow to five times what is live before it is collected: what lives is a few MB, what a trace of
// 7,000 lots makes and drops is 3 MB, and at Go's own 100 a fifth of the time goes into collecting.
const gcPercent = 400

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
	resolver := newResolver(database.pool, users.service, commands, verifier, a.now)
	handler, err := a.newHandler(database, users, provider, resolver, edge)
	if err != nil {
		return err
	}
	stop, err := a.work(ctx, database.pool, commands, checkpointer)
	if err != nil {
		return err
	}
	defer stop()
	debug.SetGCPercent(gcPercent)
	s.announce(listener.Addr().String())
	return a.answer(ctx, newHTTPServer(handler, a.log), listener, srv.ended)
}

// work does in the background what no request waits for, until it is told to stop.
func (a *app) work(ctx context.Context, pool *pgxpool.Pool, commands *command.Executor, checkpointer *audit.Checkpointer) (stop func(), err error) {
	watcher := watch.New(pool, commands, scenario.NewLibrary(), a.now)
	works := []job.Work{job.Watch(watcher), job.Forget(watcher)}
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
