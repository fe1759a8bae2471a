package db

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// LotGuess asks for a lot by its code, and for what is read of its kin: of those of the lot that had the code the last time.
type LotGuess struct {
	Code              string
	Changes           GenealogyChangesParams
	Rows              []uuid.UUID // of these the rows; nil for none
	Parents, Children []uuid.UUID // of these all links to parents, and to children; nil for none
}

// LotGuessed is what there is of it.
type LotGuessed struct {
	Lots              []Lot
	Changes           GenealogyChangesRow
	Rows              []LotRow
	Parents, Children []LotGenealogy
}

// TryLotGuess reads LotsByCode, GenealogyChanges and what is asked of kin in a transaction of its own that is one round trip.
func TryLotGuess(ctx context.Context, pool *pgxpool.Pool, scope Scope, g LotGuess) (found LotGuessed, err error) {
	scope = scope.under(ctx)
	results := pool.SendBatch(ctx, g.batch(scope))
	defer func() { err = scope.tooSlow(errors.Join(err, results.Close())) }()
	if err := skip(results, beginStatements); err != nil {
		return found, err
	}
	q := New(answers{of: results})
	if found.Lots, err = q.LotsByCode(ctx, g.Code); err != nil {
		return found, err
	}
	if found.Changes, err = q.GenealogyChanges(ctx, g.Changes); err != nil {
		return found, err
	}
	if g.Rows != nil {
		rows, err := results.Query()
		if found.Rows, err = readLotRows(rows, err, len(g.Rows)); err != nil {
			return found, err
		}
	}
	if g.Parents != nil {
		if found.Parents, err = q.LinksByChildren(ctx, g.Parents); err != nil {
			return found, err
		}
	}
	if g.Children != nil {
		if found.Children, err = q.LinksByParents(ctx, g.Children); err != nil {
			return found, err
		}
	}
	return found, nil
}

func (g LotGuess) batch(scope Scope) *pgx.Batch {
	batch := &pgx.Batch{}
	queueBegin(batch, scope, planningOnce)
	batch.Queue(lotsByCode, g.Code)
	batch.Queue(genealogyChanges, g.Changes.KnownAt, g.Changes.KnownIn)
	if g.Rows != nil {
		batch.Queue(lotRowsByIDs, g.Rows)
	}
	if g.Parents != nil {
		batch.Queue(linksByChildren, g.Parents)
	}
	if g.Children != nil {
		batch.Queue(linksByParents, g.Children)
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

// QueryRow implements DBTX.
func (a answers) QueryRow(context.Context, string, ...any) pgx.Row {
	return a.of.QueryRow()
}
