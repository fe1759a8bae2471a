package index

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
)

const (
	// interval is how far an index is behind at most, while it can be kept: until then, walks that meet what changed go by way of SQL.
	interval = 250 * time.Millisecond
	// afterFailure is how long a database that didn't answer is left alone.
	afterFailure = 2 * time.Second
	// mostRelinked lots are read again one by one: where more have changed, such as by an import, reading all links takes less.
	mostRelinked = 20_000
)

// Keeper keeps a replica's index.
type Keeper struct {
	pool    *pgxpool.Pool
	log     *slog.Logger
	current atomic.Pointer[Index] // nil while there is none
	failing bool
}

// NewKeeper reads through pool. Somebody must Run it: until it has read all links, there is no index.
func NewKeeper(pool *pgxpool.Pool, log *slog.Logger) *Keeper { return &Keeper{pool: pool, log: log} }

// View is the newest index as who may see some sites sees it. What reads with it must begin its snapshot afterwards: a snapshot sees
// all that an earlier one saw.
func (k *Keeper) View(sites []int32) View { return k.current.Load().Of(sites) }

// Run keeps the index until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := k.Refresh(ctx)
		k.report(ctx, err)
		wait := interval
		if err != nil {
			wait = afterFailure
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// report logs the first of several failures, and their end.
func (k *Keeper) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil && !k.failing:
		k.failing = true
		k.log.WarnContext(ctx, "the genealogy in memory can't be kept: traces of what changes are slower", "error", err)
	case err == nil && k.failing:
		k.failing = false
		k.log.InfoContext(ctx, "the genealogy in memory is kept again")
	}
}

// Refresh brings the index to the present.
func (k *Keeper) Refresh(ctx context.Context) error {
	return db.InWhole(ctx, k.pool, func(tx db.DBTX) error {
		q := db.New(tx)
		now, err := q.GenealogyNow(ctx)
		if err != nil {
			return err
		}
		at := Instant{At: now.At, In: now.Store}
		x := k.current.Load()
		if x == nil || x.at.In != at.In {
			return k.fill(ctx, tx, at)
		}
		lots, err := q.LotsRelinked(ctx, db.LotsRelinkedParams{KnownAt: x.at.At, Size: mostRelinked})
		switch {
		case err != nil:
			return err
		case len(lots) == mostRelinked:
			return k.fill(ctx, tx, at)
		case len(lots) == 0:
			next := *x
			next.at = at
			k.current.Store(&next)
			return nil
		}
		parents, err := q.LinksByChildren(ctx, lots)
		if err != nil {
			return err
		}
		children, err := q.LinksByParents(ctx, lots)
		if err != nil {
			return err
		}
		next := x.with(at, lots, parents, children)
		if err := k.number(ctx, q, next); err != nil {
			k.current.Store(nil) // it shares a hash table with the one that failed
			return err
		}
		k.current.Store(next)
		return nil
	})
}

// number reads the numbers of lots that the index has met by its last links.
func (k *Keeper) number(ctx context.Context, q *db.Queries, x *Index) error {
	fresh := x.numbers.ids[len(x.numbers.rows):]
	if len(fresh) == 0 {
		return nil
	}
	rows, err := q.LotNumbers(ctx, fresh)
	if err != nil {
		return err
	}
	x.numbers.rows = append(x.numbers.rows, make([]uint32, len(fresh))...) // older ones don't look so far
	for _, row := range rows {
		x.numbers.is(row.ID, row.Number)
	}
	return nil
}

// numberAll reads the numbers of all lots. Meanwhile the index is without them.
func (k *Keeper) numberAll(ctx context.Context, tx db.DBTX) error {
	next := *k.current.Load()
	next.numbers.rows = make([]uint32, len(next.numbers.ids))
	if err := db.EachLotNumber(ctx, tx, next.numbers.is); err != nil {
		k.current.Store(nil) // to be filled again
		return err
	}
	k.current.Store(&next)
	return nil
}

// fill reads all links. What there was is dropped first: two of them would take twice the memory.
func (k *Keeper) fill(ctx context.Context, tx db.DBTX, at Instant) error {
	k.current.Store(nil)
	var child, parent []uint32
	n := newNumbers()
	err := db.EachLink(ctx, tx, func(c, p db.End) {
		child = append(child, n.number(c.Lot, c.Site))
		parent = append(parent, n.number(p.Lot, p.Site))
	})
	if err != nil {
		return err
	}
	lots := len(n.ids)
	k.current.Store(&Index{at: at, numbers: n, parents: newAdjacency(lots, child, parent), children: newAdjacency(lots, parent, child)})
	k.log.InfoContext(ctx, "the genealogy is in memory", "lots", lots, "links", len(child))
	return k.numberAll(ctx, tx)
}
