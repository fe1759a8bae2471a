package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// LotGuess is what may be a lot's kin: those of the lot that had its code the last time.
type LotGuess struct {
	Code string
	KnownAncestorRowsParams
	Descendants bool // the kin are descendants
}

// TryLotGuess reads LotsByCode, and KnownAncestorRows or KnownDescendantRows, in a transaction of its own that is one round trip.
func TryLotGuess(ctx context.Context, pool *pgxpool.Pool, scope Scope, g LotGuess) (lots []Lot, kin []LotRow, err error) {
	scope = scope.under(ctx)
	sql := knownAncestorRows
	if g.Descendants {
		sql = knownDescendantRows
	}
	batch := &pgx.Batch{}
	queueBegin(batch, beginReading, scope)
	batch.Queue(lotsByCode, g.Code)
	batch.Queue(sql, g.Known, g.Most, g.KnownAt, g.KnownIn)
	batch.Queue("COMMIT")
	results := pool.SendBatch(ctx, batch)
	defer func() { err = scope.tooSlow(errors.Join(err, results.Close())) }()
	if err := endBegin(results); err != nil {
		return nil, nil, err
	}
	if lots, err = New(answers{of: results}).LotsByCode(ctx, g.Code); err != nil {
		return nil, nil, err
	}
	rows, err := results.Query()
	kin, err = readLotRows(rows, err, min(len(g.Known), 1+int(g.Most)))
	return lots, kin, err
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
