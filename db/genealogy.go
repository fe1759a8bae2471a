package db

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/internal/quantity"
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
	return eachRow(ctx, tx, []int{16, 16, 4, 4}, func(v [][]byte) error {
		each(End{uuid.UUID(v[0]), int32(binary.BigEndian.Uint32(v[2]))}, End{uuid.UUID(v[1]), int32(binary.BigEndian.Uint32(v[3]))})
		return nil
	}, allLinks)
}

// LotFacts is what of a lot as a rule never changes: see migrations' lots_changed_since.
type LotFacts struct {
	ID         uuid.UUID
	Number     int64
	LotTypeID  uuid.UUID
	OccurredAt time.Time
	Grams      int64 // where HasWeight
	HasWeight  bool
	CentiC     int16 // hundredths of a degree Celsius, where HasTemp
	HasTemp    bool
	Odd        bool   // a weight or temperature is no number: NaN
	Code       []byte // until the next row is read
}

// EachLotFacts reads LotFacts of lots, or AllLotFacts where ids is nil.
func EachLotFacts(ctx context.Context, tx DBTX, ids []uuid.UUID, each func(LotFacts) error) error {
	widths := []int{16, 8, 16, 8, anyWidth, anyWidth, anyWidth}
	read := func(v [][]byte) error { return each(decodeFacts(v)) }
	if ids == nil {
		return eachRow(ctx, tx, widths, read, allLotFacts)
	}
	return eachRow(ctx, tx, widths, read, lotFacts, ids)
}

func decodeFacts(v [][]byte) (f LotFacts) {
	f.ID, f.LotTypeID = uuid.UUID(v[0]), uuid.UUID(v[2])
	f.Number = int64(binary.BigEndian.Uint64(v[1]))
	f.OccurredAt = decodeTime(v[3])
	f.Code = v[6]
	var oddWeight, oddTemp bool
	var hundredths int64
	f.Grams, f.HasWeight, oddWeight = coefficient(v[4], 3)
	hundredths, f.HasTemp, oddTemp = coefficient(v[5], 2)
	f.CentiC = int16(hundredths) // within -50 and 100 °C, as lot_temperature_check has it
	f.Odd = oddWeight || oddTemp
	return f
}

// coefficient reads a numeric of a scale as so many of its smallest unit; known is false of NULL.
func coefficient(src []byte, scale int) (n int64, known, odd bool) {
	if src == nil {
		return 0, false, false
	}
	d, err := quantity.DecodeBinary(src)
	if err != nil {
		return 0, false, true
	}
	n, ok := d.Coefficient()
	return n, true, !ok || d.Scale() != scale
}

const anyWidth = -1

// eachRow reads rows straight from the wire, whose binary columns have so many bytes, or anyWidth.
func eachRow(ctx context.Context, tx DBTX, widths []int, each func(columns [][]byte) error, sql string, args ...any) error {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v := rows.RawValues()
		if !slices.EqualFunc(v, widths, func(column []byte, width int) bool { return width == anyWidth || len(column) == width }) {
			return fmt.Errorf("the columns are not those expected in binary: %s", sql)
		}
		if err := each(v); err != nil {
			return err
		}
	}
	return rows.Err()
}
