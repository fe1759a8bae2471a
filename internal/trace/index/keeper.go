package index

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
)

const (
	// interval is how far an index is behind at most, while it can be kept: until then, walks that meet what changed go by way of SQL.
	interval = 250 * time.Millisecond
	// afterFailure is how long a database that didn't answer is left alone.
	afterFailure = 2 * time.Second
	// mostChanged lots are read again one by one: where more have changed, such as by an import, reading all links takes less.
	mostChanged = 20_000
)

// Keeper keeps a replica's index.
type Keeper struct {
	pool    *pgxpool.Pool
	log     *slog.Logger
	current atomic.Pointer[Index] // nil while there is none
	types   types
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
		remade, err := q.LotsRemade(ctx, db.LotsRemadeParams{KnownAt: x.at.At, Size: mostChanged})
		if err != nil {
			return err
		}
		altered, err := q.LotsAltered(ctx, db.LotsAlteredParams{KnownAt: x.at.At, Size: mostChanged})
		switch {
		case err != nil:
			return err
		case len(remade) == mostChanged || len(altered) == mostChanged:
			return k.fill(ctx, tx, at)
		case len(remade)+len(altered) == 0:
			next := *x
			next.at = at
			k.current.Store(&next)
			return nil
		}
		next, err := k.next(ctx, tx, at, remade, altered)
		if err != nil {
			k.current.Store(nil) // it shares a hash table with the one that failed
			return err
		}
		k.current.Store(next)
		return nil
	})
}

// next is the index of a later instant, in which some lots may be made of others, and the facts of others have changed.
func (k *Keeper) next(ctx context.Context, tx db.DBTX, at Instant, remade, altered []uuid.UUID) (*Index, error) {
	q, x := db.New(tx), k.current.Load()
	links, err := q.LinksByChildren(ctx, remade)
	if err != nil {
		return nil, err
	}
	next := x.with(at, remade, links)
	if err := k.learnTypes(ctx, q, next); err != nil {
		return nil, err
	}
	changing := newChanging(next, k.types)
	// Of those that it met by its last links it knows nothing yet, and one whose links went and came may be another lot.
	if err := db.EachLotFacts(ctx, tx, slices.Concat(altered, remade, parentsOf(links)), changing.add); err != nil {
		return nil, err
	}
	next.facts.pages = changing.pages()
	return next, nil
}

// parentsOf is each parent once.
func parentsOf(links []db.LotGenealogy) []uuid.UUID {
	ids := make([]uuid.UUID, len(links))
	for i, l := range links {
		ids[i] = l.ParentID
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// learnTypes reads the codes of the types that have come since.
func (k *Keeper) learnTypes(ctx context.Context, q *db.Queries, x *Index) error {
	rows, err := q.AllLotTypeCodes(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, ok := k.types[row.ID]; !ok {
			k.types[row.ID] = uint32(len(x.facts.types))
			x.facts.types = append(x.facts.types, []byte(row.Code)) // older ones don't look so far
		}
	}
	return nil
}

// learnAll reads the facts of all lots. Meanwhile the index is without them.
func (k *Keeper) learnAll(ctx context.Context, tx db.DBTX) error {
	next := *k.current.Load()
	k.types = types{}
	if err := k.learnTypes(ctx, db.New(tx), &next); err != nil {
		return err
	}
	filling := newFilling(&next, k.types)
	if err := db.EachLotFacts(ctx, tx, nil, filling.add); err != nil {
		return err
	}
	next.facts.pages = filling.done()
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
	if err := k.learnAll(ctx, tx); err != nil {
		k.current.Store(nil) // to be filled again
		return err
	}
	return nil
}
