// Package graph is the GraphQL edge, and thin: resolvers ask a loader, a finder or a service, and rules live in
// internal/<noun>. It knows nothing of SQL.
package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// NewHandler answers GraphQL by POST of JSON, by websocket and by server-sent events. By GET there are streams alone, since caches and logs
// keep the rest; multipart there is not, which a page of another origin can send without asking. It fails where a field of the schema has no rule who may ask for it.
func NewHandler(r *Resolver, edge Edge, log *slog.Logger) (http.Handler, error) {
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: r})
	gate, err := newGate(edge, schema.Schema())
	if err != nil {
		return nil, err
	}
	srv := handler.New(schema)
	if r.Events != nil {
		live := newLive(r)
		srv.AddTransport(sockets{live: live, documents: edge.Documents, requests: edge.Requests})
		srv.AddTransport(sharing{live: live, documents: edge.Documents})
		srv.AddTransport(streams{live: live, documents: edge.Documents})
	}
	srv.AddTransport(post{documents: edge.Documents})
	documents := lru.New[*ast.QueryDocument](cachedQueries)
	srv.Use(limits{known: documents})
	srv.Use(gate)
	srv.SetParserTokenLimit(maxTokens)
	srv.SetQueryCache(documents)
	srv.SetErrorPresenter((&presenter{log, edge.NoIntrospection, gate.secrets}).present)
	srv.SetRecoverFunc(recovered(log))
	srv.AroundResponses((&precedence{}).aroundResponse)
	srv.AroundResponses(r.readResponse)
	srv.AroundRootFields(r.readMutation)
	srv.AroundFields(countObjects)
	srv.AroundFields(flat{}.field)
	return srv, nil
}

// cachedQueries are kept parsed and validated: a web app has some dozens, and validation costs more than a small query.
const cachedQueries = 1_000

// readResponse gives each response its own snapshot, loaders, deadline and budget.
func (r *Resolver) readResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	d := r.deadlineOf(graphql.GetOperationContext(ctx))
	ctx, cancel := context.WithTimeout(ctx, d.answer)
	defer cancel()
	ctx, budget, done := withBudget(ctx)
	defer done()
	ctx, end := r.reading(ctx)
	defer end()
	answer := next(ctx)
	if answer != nil {
		if err := cutShort(ctx, d, budget, answer); err != nil {
			return &graphql.Response{Data: json.RawMessage("null"), Errors: gqlerror.List{err}}
		}
	}
	return answer
}

// readMutation gives each mutation of an operation its own: what one changed, its payload and the mutation after it see.
func (r *Resolver) readMutation(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if graphql.GetOperationContext(ctx).Operation.Operation != ast.Mutation {
		return next(ctx)
	}
	ctx, end := r.reading(ctx)
	defer end()
	return next(r.Bound(ctx, r.deadlineOf(graphql.GetOperationContext(ctx)).statement))
}

func (r *Resolver) reading(ctx context.Context) (reading context.Context, end func()) {
	finders, end := r.Read(ctx, r.deadlineOf(graphql.GetOperationContext(ctx)).statement)
	return loader.With(ctx, finders, cmp.Or(r.LoaderWait, loader.Wait)), end
}

// recovered logs a panic with where it happened; the client sees INTERNAL.
func recovered(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, cause any) error {
		log.ErrorContext(ctx, "a resolver panicked", "cause", cause, "stack", string(debug.Stack()))
		return errors.New("panic")
	}
}

// SDL is the whole schema as text.
func SDL() string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(generated.NewExecutableSchema(generated.Config{}).Schema())
	return b.String()
}

// ServeSDL answers who is signed in with the whole schema as text: it tells no less than introspection.
func ServeSDL(w http.ResponseWriter, r *http.Request) {
	if identity.ActorFrom(r.Context()) == nil {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refused := &refusal{http.StatusUnauthorized, fault.Unauthenticated, nobody, nil}
		refused.write(w, plainJSON)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, SDL())
}
