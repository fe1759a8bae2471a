package graph

import (
	"context"

	"github.com/google/uuid"

	"flowviz/graph/loader"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/run"
)

// runLots is one page of a run's lots.
func runLots(ctx context.Context, of *run.Run, filter *lot.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*lot.Lot], error) {
	page, err := relay.PageArgs{First: first, After: after}.Page(relay.Lot)
	if err != nil {
		return nil, err
	}
	load := loader.From(ctx)
	if filter, err = load.FilterOf(filter); err != nil {
		return nil, err
	}
	rows, err := load.LotsByRun.Load(ctx, loader.Key[uuid.UUID, loader.LotPageArgs]{
		Parent: of.ID, Args: loader.LotPageArgs{Filter: filter, Page: page},
	})
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, rows, lot.Key, func(ctx context.Context) (int64, error) {
		return load.LotCountsByRun.Load(ctx, loader.Key[uuid.UUID, *lot.Filter]{Parent: of.ID, Args: filter})
	}), nil
}
