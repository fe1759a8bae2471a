package db

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

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

// EachLink reads AllLinks.
func EachLink(ctx context.Context, tx DBTX, each func(child, parent End)) error {
	return eachRow(ctx, tx, allLinks, []int{16, 16, 4, 4}, func(v [][]byte) {
		each(End{uuid.UUID(v[0]), int32(binary.BigEndian.Uint32(v[2]))}, End{uuid.UUID(v[1]), int32(binary.BigEndian.Uint32(v[3]))})
	})
}

// EachLotNumber reads AllLotNumbers.
func EachLotNumber(ctx context.Context, tx DBTX, each func(lot uuid.UUID, number int64)) error {
	return eachRow(ctx, tx, allLotNumbers, []int{16, 8}, func(v [][]byte) {
		each(uuid.UUID(v[0]), int64(binary.BigEndian.Uint64(v[1])))
	})
}

// eachRow reads rows straight from the wire, whose binary columns have so many bytes.
func eachRow(ctx context.Context, tx DBTX, sql string, widths []int, each func(columns [][]byte)) error {
	rows, err := tx.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v := rows.RawValues()
		if !slices.EqualFunc(v, widths, func(column []byte, width int) bool { return len(column) == width }) {
			return fmt.Errorf("the columns are not those expected in binary: %s", sql)
		}
		each(v)
	}
	return rows.Err()
}
