package db

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// seeAll has a transaction see the rows of all sites that there are in its snapshot, for as long as it takes.
const seeAll = `SELECT set_config('flowviz.sites', (SELECT coalesce(array_agg(s.id), '{}')::text FROM all_site_ids() AS s(id)), true),
	set_config('statement_timeout', '0', true)`

// InWhole runs fn in a snapshot of all sites, for what a replica itself keeps in memory. fn only reads.
func InWhole(ctx context.Context, pool *pgxpool.Pool, fn func(tx DBTX) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, pool, options, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, seeAll); err != nil {
			return err
		}
		return fn(tx)
	})
}

// End is a lot at one end of a link, and its site.
type End struct {
	Lot  uuid.UUID
	Site int32
}

// EachLink reads AllLinks straight from the wire.
func EachLink(ctx context.Context, tx DBTX, each func(child, parent End)) error {
	rows, err := tx.Query(ctx, allLinks)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v := rows.RawValues()
		if len(v) != 4 || len(v[0]) != 16 || len(v[1]) != 16 || len(v[2]) != 4 || len(v[3]) != 4 {
			return errors.New("the columns are not those of AllLinks in binary")
		}
		each(End{uuid.UUID(v[0]), int32(binary.BigEndian.Uint32(v[2]))}, End{uuid.UUID(v[1]), int32(binary.BigEndian.Uint32(v[3]))})
	}
	return rows.Err()
}

// EachLotNumber reads AllLotNumbers straight from the wire.
func EachLotNumber(ctx context.Context, tx DBTX, each func(lot uuid.UUID, number int64)) error {
	rows, err := tx.Query(ctx, allLotNumbers)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v := rows.RawValues()
		if len(v) != 2 || len(v[0]) != 16 || len(v[1]) != 8 {
			return errors.New("the columns are not those of AllLotNumbers in binary")
		}
		each(uuid.UUID(v[0]), int64(binary.BigEndian.Uint64(v[1])))
	}
	return rows.Err()
}
