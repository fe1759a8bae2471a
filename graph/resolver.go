package graph

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/graph/loader"
	"flowviz/internal/alert"
	"flowviz/internal/audit"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/partner"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
)

// Resolver is what the resolvers work with: what opens a snapshot to read from, and one service a noun to write with.
type Resolver struct {
	// Read gives an operation its finders, which all read from one snapshot of the database; end closes it. No statement may
	// take longer than statement.
	Read      func(ctx context.Context, statement time.Duration) (finders *loader.Finders, end func())
	Identity  *identity.Service
	Audit     *audit.Verifier
	Alerts    *alert.Service
	Partners  *partner.Service
	Scenarios *scenario.Service
	// LoaderWait is how long loaders gather keys: loader.Wait where 0.
	LoaderWait time.Duration
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
func changed[V any](ctx context.Context, l *loader.Loader[uuid.UUID, *V], id uuid.UUID) (V, error) {
	found, err := l.Load(ctx, id)
	if err != nil || found == nil {
		var none V
		return none, cmp.Or(err, error(fault.New(fault.NotFound, "", "what this changed is not there for you any more")))
	}
	return *found, nil
}

// allChanged is changed for several, in the order of their ids.
func allChanged[V any](ctx context.Context, l *loader.Loader[uuid.UUID, *V], ids []uuid.UUID) ([]*V, error) {
	found, err := l.LoadAll(ctx, ids)
	if err == nil && slices.Contains(found, nil) {
		err = fault.New(fault.NotFound, "", "what this changed is not there for you any more")
	}
	return found, err
}
