package dataset

import (
	"context"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"flowviz/db"
)

// load writes all sites. While one site's rows go in, the next one's are drawn.
func load(ctx context.Context, tx pgx.Tx, opt Options) (Report, error) {
	q := db.New(tx)
	types, err := storeLotTypes(ctx, q, opt.Seed)
	if err != nil {
		return Report{}, err
	}
	plants, err := storePlants(ctx, q, opt)
	if err != nil {
		return Report{}, err
	}
	numeric := numericPlan(tx.Conn().TypeMap()) // here: the connection belongs to the one that copies
	var report Report
	histories := make(chan *history)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(histories)
		for _, p := range plants {
			r := p.random(opt.Seed)
			lots := p.draw(r)
			h := record(r, p, types, numeric, lots)
			report.Samples = append(report.Samples, h.samples(lots)...)
			select {
			case histories <- h:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	group.Go(func() error {
		for h := range histories {
			if err := h.copy(ctx, tx); err != nil {
				return err
			}
			report.add(h)
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return Report{}, err
	}
	return report, nil
}

func (r *Report) add(h *history) {
	r.Sites++
	r.Lots += h.lots.count
	r.Links += h.links.count
	r.Transformations += h.transformations.count
}

func (h *history) copy(ctx context.Context, tx pgx.Tx) error {
	for _, table := range []*rows{h.lots, h.transformations, h.inputs, h.outputs, h.links} {
		if err := table.copy(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
