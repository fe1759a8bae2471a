package db

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// LotWalk is what AncestorLevels and DescendantLevels find.
type LotWalk struct {
	IDs  []uuid.UUID // the root and its kin level by level, each level closed by the nil id
	Rows []LotRow    // of the nearest kin, as many as asked for, in no order
}

// AncestorWalk reads AncestorLevels straight from the wire, as LotRows does.
func AncestorWalk(ctx context.Context, tx DBTX, p AncestorLevelsParams) (LotWalk, error) {
	rows, err := tx.Query(ctx, ancestorLevels, p.RootID, p.MaxDepth, p.Most)
	return readWalk(rows, err, p.Most)
}

// DescendantWalk reads DescendantLevels straight from the wire, as LotRows does.
func DescendantWalk(ctx context.Context, tx DBTX, p DescendantLevelsParams) (LotWalk, error) {
	rows, err := tx.Query(ctx, descendantLevels, p.RootID, p.MaxDepth, p.Most)
	return readWalk(rows, err, p.Most)
}

func readWalk(rows pgx.Rows, err error, most int32) (LotWalk, error) {
	if err != nil {
		return LotWalk{}, err
	}
	defer rows.Close()
	var ids []uuid.UUID
	var kept keptLotRows
	for rows.Next() {
		values := rows.RawValues()
		if lot := values[1]; lot == nil {
			if err := (uuidArrayPlan{}).Scan(values[0], &ids); err != nil {
				return LotWalk{}, fmt.Errorf("read a walk: %w", err)
			}
			kept = keepLotRows(max(0, min(len(ids), int(most))))
			continue
		}
		if err := kept.add(values[1:]); err != nil {
			return LotWalk{}, err
		}
	}
	return LotWalk{ids, kept.rows}, rows.Err()
}
