package graph

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/graph/loader"
	"flowviz/internal/alert"
	"flowviz/internal/audit"
	"flowviz/internal/deviation"
	"flowviz/internal/equipment"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/product"
	"flowviz/internal/pubsub"
	"flowviz/internal/qc"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
	"flowviz/internal/transformation"
)

// Resolver is what the resolvers work with: what opens a snapshot to read from, and one service a noun to write with.
type Resolver struct {
	// Read gives an operation its finders, which all read from one snapshot of the database; end closes it. No statement may
	// take longer than statement.
	Read func(ctx context.Context, statement time.Duration) (finders *loader.Finders, end func())
	// Bound lets no statement that is begun under the context take longer: those of the mutations' transactions.
	Bound      func(ctx context.Context, statement time.Duration) context.Context
	Identity   *identity.Service
	Audit      *audit.Verifier
	Partners   *partner.Service
	Lots       *lot.Service
	Runs       *run.Service
	Holds      *hold.Service
	Checks     *qc.Service
	Deviations *deviation.Service
	Recalls    *recall.Service
	// Transformations make lots, use them, and let them leave.
	Transformations *transformation.Service
	Sites           *site.Service
	Locations       *location.Service
	Equipments      *equipment.Service
	Products        *product.Service
	Alerts          *alert.Service
	Scenarios       *scenario.Service
	// Events are what subscriptions listen to, and Identify who listens; nil where nobody may.
	Events   *pubsub.Hub
	Identify *identity.Authenticator
	// Ending is closed when the server is about to stop: who listens is told to come back. nil for never.
	Ending <-chan struct{}
	// LoaderWait is how long loaders gather keys: loader.Wait where 0.
	LoaderWait time.Duration
	// Patience is how much longer than they may operations and statements take: for tests, whose machine has other things to do.
	Patience time.Duration
}

// optional loads what a nullable reference points to.
func optional[V any](ctx context.Context, l *loader.Loader[uuid.UUID, *V], id *uuid.UUID) (*V, error) {
	if id == nil {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return l.Load(ctx, *id)
}

// nested is a connection below another object: one page of its list, read together with those of its siblings.
func nested[V any](
	ctx context.Context, pages *loader.Loader[loader.Key[uuid.UUID, relay.Page], []*V], parent uuid.UUID,
	kind relay.Kind, first *int32, after *relay.Cursor, key func(*V) uuid.UUID, count func(context.Context) (int64, error),
) (*relay.Connection[*V], error) {
	page, err := relay.PageArgs{First: first, After: after}.Page(kind)
	if err != nil {
		return nil, err
	}
	rows, err := pages.Load(ctx, loader.Key[uuid.UUID, relay.Page]{Parent: parent, Args: page})
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, rows, key, count), nil
}

// filtered is a nested connection of what matches a filter.
func filtered[V, F any](
	ctx context.Context, pages *loader.Loader[loader.Key[uuid.UUID, loader.FilteredPage[F]], []*V], counts *loader.Loader[loader.Key[uuid.UUID, *F], int64],
	parent uuid.UUID, kind relay.Kind, filter *F, args relay.PageArgs, key func(*V) uuid.UUID,
) (*relay.Connection[*V], error) {
	page, err := args.Page(kind)
	if err != nil {
		return nil, err
	}
	if filter, err = loader.FilterOf(loader.From(ctx), filter); err != nil {
		return nil, err
	}
	rows, err := pages.Load(ctx, loader.Key[uuid.UUID, loader.FilteredPage[F]]{Parent: parent, Args: loader.FilteredPage[F]{Filter: filter, Page: page}})
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, rows, key, func(ctx context.Context) (int64, error) {
		return counts.Load(ctx, loader.Key[uuid.UUID, *F]{Parent: parent, Args: filter})
	}), nil
}

// siteCodes names sites.
func siteCodes(ctx context.Context, ids []int32) ([]string, error) {
	sites, err := loader.From(ctx).Site.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	codes := make([]string, len(sites))
	for i, s := range sites {
		if s == nil {
			return nil, errors.New("a lot's site is missing")
		}
		codes[i] = s.Code
	}
	return codes, nil
}

// changed loads what a mutation changed, for its payload. NOT_FOUND where it is sent again by somebody who may see it no more.
func changed[K comparable, V any](ctx context.Context, l *loader.Loader[K, *V], id K) (V, error) {
	all, err := changedAll(ctx, l, []K{id})
	if err != nil {
		var none V
		return none, err
	}
	return *all[0], nil
}

func changedAll[K comparable, V any](ctx context.Context, l *loader.Loader[K, *V], ids []K) ([]*V, error) {
	found, err := l.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	if slices.Contains(found, nil) {
		return nil, fault.New(fault.NotFound, "", "what this changed is not there for you any more")
	}
	return found, nil
}
