package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// scopedTx is a transaction held to row level security. PostgreSQL refuses COPY into a table that has it; COPY into a
// temporary table beside it, and one INSERT from there, costs half as much again and passes each row's policy.
type scopedTx struct{ pgx.Tx }

// CopyFrom implements DBTX.
func (t scopedTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	into, names := table.Sanitize(), ""
	for i, column := range columns {
		if i > 0 {
			names += ", "
		}
		names += pgx.Identifier{column}.Sanitize()
	}
	incoming := pgx.Identifier{"incoming_" + table[len(table)-1]}
	if _, err := t.Exec(ctx, fmt.Sprintf("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA", incoming.Sanitize(), names, into)); err != nil {
		return 0, err
	}
	copied, err := t.Tx.CopyFrom(ctx, incoming, columns, rows)
	if err != nil {
		return copied, err
	}
	if _, err := t.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", into, names, names, incoming.Sanitize())); err != nil {
		return 0, err
	}
	_, err = t.Exec(ctx, "DROP TABLE "+incoming.Sanitize())
	return copied, err
}
