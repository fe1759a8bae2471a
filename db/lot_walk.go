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
	Rows []LotRow    // of the kin, in no order; none where they are more than asked for
}

// AncestorWalk reads AncestorLevels straight from the wire, as EachLotRow does.
func AncestorWalk(ctx context.Context, tx DBTX, p AncestorLevelsParams) (LotWalk, error) {
	return readWalk(tx.Query(ctx, ancestorLevels, p.RootID, p.MaxDepth, p.Most))
}

// DescendantWalk reads DescendantLevels straight from the wire, as EachLotRow does.
func DescendantWalk(ctx context.Context, tx DBTX, p DescendantLevelsParams) (LotWalk, error) {
	return readWalk(tx.Query(ctx, descendantLevels, p.RootID, p.MaxDepth, p.Most))
}

func readWalk(rows pgx.Rows, err error) (LotWalk, error) {
	if err != nil {
		return LotWalk{}, err
	}
	defer rows.Close()
	var walk LotWalk
	var texts []byte
	for rows.Next() {
		values := rows.RawValues()
		if ids := values[0]; ids != nil {
			err = uuidArrayPlan{}.Scan(ids, &walk.IDs)
		} else {
			texts, err = walk.add(values[1:], texts)
		}
		if err != nil {
			return LotWalk{}, fmt.Errorf("read a walk: %w", err)
		}
	}
	return walk, rows.Err()
}

// add keeps a lot's row, with what it says appended to texts.
func (w *LotWalk) add(values [][]byte, texts []byte) ([]byte, error) {
	const guess = 40 // bytes of a lot's texts
	if w.Rows == nil {
		w.Rows = make([]LotRow, 0, len(w.IDs))
		texts = make([]byte, 0, guess*len(w.IDs))
	}
	var row LotRow
	if err := row.decode(values); err != nil {
		return nil, err
	}
	for _, text := range []*[]byte{&row.Code, &row.LotType, &row.Status} {
		from := len(texts)
		texts = append(texts, *text...)
		*text = texts[from:len(texts):len(texts)]
	}
	w.Rows = append(w.Rows, row)
	return texts, nil
}
