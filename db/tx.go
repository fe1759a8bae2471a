package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// InTx runs fn in one transaction, which sees and writes what its scope allows: all of it is committed when fn returns nil,
// nothing of it otherwise. Faults of constraints come back as *fault.Error (see Fault), as does a statement that took too long.
func InTx(ctx context.Context, pool *pgxpool.Pool, scope Scope, fn func(q *Queries) error) error {
	scope = scope.under(ctx)
	return scope.tooSlow(inTx(ctx, pool, "BEGIN; "+scope.literal(), func(tx pgx.Tx) error { return fn(New(scopedTx{tx})) }))
}

// LoadTx runs fn in one transaction of a database's owner that is above row level security, for what fills a new database:
// rows go by COPY straight into their tables, links without looking for circles, and codes are numbered on from those loaded.
func LoadTx(ctx context.Context, owner *pgxpool.Pool, fn func(q *Queries) error) error {
	return inTx(ctx, owner, "BEGIN; ALTER TABLE lot_genealogy DISABLE TRIGGER lot_genealogy_acyclic", func(tx pgx.Tx) error {
		if err := fn(New(tx)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "SELECT count_codes(), count_ssccs(); ALTER TABLE lot_genealogy ENABLE TRIGGER lot_genealogy_acyclic")
		return err
	})
}

func inTx(ctx context.Context, pool *pgxpool.Pool, begin string, fn func(tx pgx.Tx) error) (err error) {
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer func() {
		// A caller that went away must not leave the transaction open: roll back under a context of its own.
		if rollback := tx.Rollback(context.WithoutCancel(ctx)); rollback != nil && !errors.Is(rollback, pgx.ErrTxClosed) {
			err = errors.Join(err, fmt.Errorf("roll back: %w", rollback))
		}
	}()
	if err := fn(tx); err != nil {
		return Fault(err)
	}
	if err := tx.Commit(ctx); err != nil {
		return Fault(fmt.Errorf("commit: %w", err))
	}
	return nil
}
