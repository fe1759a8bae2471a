package graph

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/rate"
)

// Edge is what may be decided about how the API is guarded. The zero Edge lets whoever is signed in ask about the schema, takes
// any document, and doesn't count how often somebody asks.
type Edge struct {
	NoIntrospection bool
	Documents       Documents     // nil: any
	Requests        *rate.Limiter // requests of an address; nil: not counted
	Costs           *rate.Limiter // what the operations of a user or a program cost; nil: not counted
}

// gate is what an operation passes before it runs: who may ask for it, what it costs, how much was asked before. It is the
// library's extension, and so stands before every transport.
type gate struct {
	edge    Edge
	schema  *ast.Schema
	secrets *secrets
	plans   *lru.Cache[*ast.OperationDefinition, *plan]
}

var _ graphql.OperationContextMutator = (*gate)(nil)

func newGate(edge Edge, schema *ast.Schema) (*gate, error) {
	plans, err := lru.New[*ast.OperationDefinition, *plan](cachedQueries)
	if err != nil {
		return nil, err
	}
	return &gate{edge: edge, schema: schema, secrets: newSecrets(schema), plans: plans}, errors.Join(checkRules(schema), checkWeights(schema))
}

// gateName is the extension's, and the name under which an operation keeps its plan.
const gateName = "Gate"

// ExtensionName implements graphql.HandlerExtension.
func (*gate) ExtensionName() string { return gateName }

// Validate implements graphql.HandlerExtension; newGate has done it.
func (*gate) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (g *gate) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	p, ok := g.plans.Get(operation.Operation)
	if !ok {
		p = newPlan(g.schema, g.secrets, operation.Operation)
		g.plans.Add(operation.Operation, p)
	}
	operation.Stats.SetExtension(gateName, p)
	if err := allow(ctx, p.needs); err != nil {
		return err
	}
	if operation.DisableIntrospection = g.edge.NoIntrospection; operation.DisableIntrospection && p.introspect != nil {
		return refuse(fault.New(fault.Forbidden, "", "this server doesn't answer questions about its schema"), p.introspect, nil)
	}
	costs := p.cost
	if costs < 0 {
		costs = cost(g.schema, operation.Operation, operation.Variables)
	}
	if err := affordable(costs); err != nil {
		return err
	}
	return g.count(ctx, costs)
}

// count refuses who asked for too much in too short a time. Those who aren't signed in are counted by their address alone.
func (g *gate) count(ctx context.Context, costs int) *gqlerror.Error {
	actor := identity.ActorFrom(ctx)
	if g.edge.Costs == nil || actor == nil {
		return nil
	}
	key := actor.UserID
	if actor.Token != (uuid.UUID{}) {
		key = actor.Token
	}
	wait, ok := g.edge.Costs.Allow(key.String(), max(costs, 1))
	if ok {
		return nil
	}
	return refuse(tooOften(wait), nil, rateExtensions("cost", g.edge.Costs, costs, wait))
}

func tooOften(wait time.Duration) *fault.Error {
	return fault.New(fault.RateLimited, "", "too much in too short a time: wait %d s", rate.Seconds(wait))
}

// rateExtensions say what a program needs to slow down: the limit, how much of it a second gives back, and how long to wait.
func rateExtensions(name string, l *rate.Limiter, cost int, wait time.Duration) map[string]any {
	return map[string]any{"limit": name, "value": l.Limit().Burst, "perSecond": l.Limit().PerSecond, "cost": cost, retryAfter: rate.Seconds(wait)}
}

// retryAfter is the extension that becomes the header Retry-After.
const retryAfter = "retryAfter"

// CountRequests refuses addresses that send too many, in the form of a GraphQL error. It stands before all that reads them, who asks
// included: each made-up API token is looked for in the database.
func (e Edge) CountRequests(next http.Handler) http.Handler {
	return e.Requests.Requests(next, 1, func(w http.ResponseWriter, wait time.Duration) {
		f := tooOften(wait)
		refused := &refusal{http.StatusTooManyRequests, f.Code, f.Message, rateExtensions("requests", e.Requests, 1, wait)}
		refused.write(w, plainJSON)
	})
}

// planOf is an operation's plan; nil for one that was refused before it had any.
func planOf(operation *graphql.OperationContext) *plan {
	p, _ := operation.Stats.GetExtension(gateName).(*plan)
	return p
}
