package db

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// LotGuess asks for a lot by its code, and for what may be its kin: those of the lot that had the code the last time.
type LotGuess struct {
	Code             string
	KnownAt, KnownIn string // see AncestorLevels
	Kin              []KinGuess
}

// KinGuess are the kin in one direction.
type KinGuess struct {
	Descendants bool
	Known       []uuid.UUID // the lot and its kin, nearest first
	Most        int32       // of the nearest come the rows
	Linked      []uuid.UUID // of these come all links in the direction
}

// GuessedKin is what KnownAncestorRows or KnownDescendantRows gives, and the links.
type GuessedKin struct {
	Rows  []LotRow // none where what was known doesn't hold
	Links []LotGenealogy
}

// TryLotGuess reads LotsByCode and the kin in a transaction of its own that is one round trip.
func TryLotGuess(ctx context.Context, pool *pgxpool.Pool, scope Scope, g LotGuess) (lots []Lot, kin []GuessedKin, err error) {
	scope = scope.under(ctx)
	results := pool.SendBatch(ctx, g.batch(scope))
	defer func() { err = scope.tooSlow(errors.Join(err, results.Close())) }()
	if err := endBegin(results); err != nil {
		return nil, nil, err
	}
	q := New(answers{of: results})
	if lots, err = q.LotsByCode(ctx, g.Code); err != nil {
		return nil, nil, err
	}
	kin = make([]GuessedKin, len(g.Kin))
	for i, k := range g.Kin {
		rows, err := results.Query()
		if kin[i].Rows, err = readLotRows(rows, err, min(len(k.Known), 1+int(k.Most))); err != nil {
			return nil, nil, err
		}
		if k.Linked != nil {
			if kin[i].Links, err = q.LinksByChildren(ctx, k.Linked); err != nil { // LinksByParents has the same columns
				return nil, nil, err
			}
		}
	}
	return lots, kin, nil
}

func (g LotGuess) batch(scope Scope) *pgx.Batch {
	batch := &pgx.Batch{}
	queueBegin(batch, beginReading, scope)
	batch.Queue(lotsByCode, g.Code)
	for _, k := range g.Kin {
		rows, links := knownAncestorRows, linksByChildren
		if k.Descendants {
			rows, links = knownDescendantRows, linksByParents
		}
		batch.Queue(rows, k.Known, k.Most, g.KnownAt, g.KnownIn)
		if k.Linked != nil {
			batch.Queue(links, k.Linked)
		}
	}
	batch.Queue("COMMIT")
	return batch
}

// answers gives the next answer of a batch to who asks for it.
type answers struct {
	DBTX // nothing else is asked

	of pgx.BatchResults
}

// Query implements DBTX.
func (a answers) Query(context.Context, string, ...any) (pgx.Rows, error) {
	return a.of.Query()
}
