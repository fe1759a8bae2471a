package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"flowviz/internal/quantity"
)

// LotRow is the narrow part of a lot that large flat lists are written from.
type LotRow struct {
	ID           uuid.UUID
	SiteID       int32
	Code         []byte
	LotType      []byte // a code
	Status       []byte // as stored
	WeightKg     quantity.Decimal
	HasWeight    bool
	TemperatureC quantity.Decimal
	HasTemp      bool
	OccurredAt   time.Time
	Held         bool
}

// LotRows reads LotRowsByIDs straight from the wire: of 7,000 lots, sqlc's slice of structs with its strings and pointers
// took four times as long. Lots that don't exist are left out.
func LotRows(ctx context.Context, tx DBTX, ids []uuid.UUID) ([]LotRow, error) {
	rows, err := tx.Query(ctx, lotRowsByIDs, ids)
	return readLotRows(rows, err, len(ids))
}

// readLotRows reads so many rows of LotRowsByIDs at most.
func readLotRows(rows pgx.Rows, err error, most int) ([]LotRow, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	kept := keepLotRows(most)
	for rows.Next() {
		if err := kept.add(rows.RawValues()); err != nil {
			return nil, err
		}
	}
	return kept.rows, rows.Err()
}

// keptLotRows are rows whose texts lie in one piece of memory: a string each would cost three allocations a lot.
type keptLotRows struct {
	rows  []LotRow
	texts []byte
}

// keepLotRows has room for so many.
func keepLotRows(n int) keptLotRows {
	const texts = 40 // bytes of a lot's code, type and status, as the benchmark has them
	return keptLotRows{make([]LotRow, 0, n), make([]byte, 0, n*texts)}
}

// add keeps a row of LotRowsByIDs, which is on the wire only until the next is read.
func (k *keptLotRows) add(values [][]byte) error {
	var row LotRow
	if err := row.decode(values); err != nil {
		return fmt.Errorf("read a lot: %w", err)
	}
	row.Code, row.LotType, row.Status = k.keep(row.Code), k.keep(row.LotType), k.keep(row.Status)
	k.rows = append(k.rows, row)
	return nil
}

func (k *keptLotRows) keep(text []byte) []byte {
	from := len(k.texts)
	k.texts = append(k.texts, text...)
	return k.texts[from:len(k.texts):len(k.texts)]
}

// microsecondsTo2000 is from the Unix epoch to PostgreSQL's, 2000-01-01, in which timestamps count.
const microsecondsTo2000 = 946_684_800_000_000

// decode reads the columns of LotRowsByIDs in PostgreSQL's binary format, which pgx asks for of all these types.
func (r *LotRow) decode(v [][]byte) (err error) {
	const columns = 9
	if len(v) != columns || len(v[0]) != 16 || len(v[1]) != 4 || len(v[7]) != 8 || len(v[8]) != 1 {
		return errors.New("the columns are not those of LotRowsByIDs in binary")
	}
	copy(r.ID[:], v[0])
	r.SiteID = int32(binary.BigEndian.Uint32(v[1]))
	r.Code, r.LotType, r.Status = v[2], v[3], v[4]
	if r.HasWeight = v[5] != nil; r.HasWeight {
		if r.WeightKg, err = quantity.DecodeBinary(v[5]); err != nil {
			return err
		}
	}
	if r.HasTemp = v[6] != nil; r.HasTemp {
		if r.TemperatureC, err = quantity.DecodeBinary(v[6]); err != nil {
			return err
		}
	}
	r.OccurredAt = decodeTime(v[7])
	r.Held = v[8][0] == 1
	return nil
}

// decodeTime reads a timestamptz in PostgreSQL's binary format.
func decodeTime(src []byte) time.Time {
	return time.UnixMicro(int64(binary.BigEndian.Uint64(src)) + microsecondsTo2000)
}
