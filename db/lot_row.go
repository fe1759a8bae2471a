package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/internal/quantity"
)

// LotRow is the narrow part of a lot that large flat lists are written from. Its texts are valid only while it is looked
// at.
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

// EachLotRow reads LotRowsByIDs straight from the wire, into one row that is used again: of 7,000 lots, sqlc's slice of
// structs with its strings and pointers took four times as long. Lots that don't exist are left out.
func EachLotRow(ctx context.Context, tx DBTX, ids []uuid.UUID, look func(*LotRow)) error {
	rows, err := tx.Query(ctx, lotRowsByIDs, ids)
	if err != nil {
		return err
	}
	defer rows.Close()
	var row LotRow
	for rows.Next() {
		if err := row.decode(rows.RawValues()); err != nil {
			return fmt.Errorf("read a lot: %w", err)
		}
		look(&row)
	}
	return rows.Err()
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
	r.OccurredAt = time.UnixMicro(int64(binary.BigEndian.Uint64(v[7])) + microsecondsTo2000)
	r.Held = v[8][0] == 1
	return nil
}
