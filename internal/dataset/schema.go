package dataset

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"flowviz/internal/fault"
)

// tables are those that are filled by the million.
func tables() []string {
	return []string{"lot", "transformation", "transformation_input", "transformation_output", "lot_genealogy"}
}

func tableList() string { return strings.Join(tables(), ", ") }

// lockEmpty keeps everybody else out of the tables until the end of the transaction, and refuses tables with rows in them.
func lockEmpty(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "LOCK TABLE "+tableList()+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		return err
	}
	for _, table := range tables() {
		var filled bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+table+")").Scan(&filled); err != nil {
			return err
		}
		if filled {
			return fault.New(fault.FailedPrecondition, "", "this database has lots already (table %s): a bench data set goes into an empty one, so name another database, or another data folder", table)
		}
	}
	return nil
}

// schema holds what is dropped before the load and made again after it, as statements of the catalog's own wording.
type schema struct {
	drops       []string
	indexes     []string // primary and unique keys first
	foreignKeys []string
}

// readSchema takes from the catalog the tables' keys and indexes, and all foreign keys from and to them.
func readSchema(ctx context.Context, tx pgx.Tx) (schema, error) {
	// format('%s', oid::regclass) quotes a name where that is needed.
	const query = `
WITH big AS (SELECT unnest($1::text[])::regclass AS relid)
SELECT 1 AS step,
       format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop_it,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make_it,
       conname AS name
FROM pg_constraint
WHERE contype = 'f' AND (conrelid IN (SELECT relid FROM big) OR confrelid IN (SELECT relid FROM big))
UNION ALL
SELECT 2, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), conname
FROM pg_constraint
WHERE contype IN ('p', 'u') AND conrelid IN (SELECT relid FROM big)
UNION ALL
SELECT 3, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), indexrelid::regclass::text
FROM pg_index i
WHERE indrelid IN (SELECT relid FROM big) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
ORDER BY step, name`
	rows, err := tx.Query(ctx, query, tables())
	if err != nil {
		return schema{}, err
	}
	defer rows.Close()
	var s schema
	for rows.Next() {
		var step int
		var dropIt, makeIt, name string
		if err := rows.Scan(&step, &dropIt, &makeIt, &name); err != nil {
			return schema{}, err
		}
		s.drops = append(s.drops, dropIt)
		if step == 1 {
			s.foreignKeys = append(s.foreignKeys, makeIt)
		} else {
			s.indexes = append(s.indexes, makeIt)
		}
	}
	return s, rows.Err()
}

// drop drops the foreign keys before the keys that they refer to. The (empty) tables are truncated because COPY doesn't
// write the log for a table that began in its own transaction, where wal_level is minimal as it is in an embedded server.
func (s schema) drop(ctx context.Context, tx pgx.Tx) error {
	if err := execAll(ctx, tx, s.drops); err != nil {
		return err
	}
	// The load makes no circle: looking for one took more than minutes at 10,000 lots with a chain 5,000 deep, whose links all come in one statement.
	return execAll(ctx, tx, []string{"TRUNCATE " + tableList(), "ALTER TABLE lot_genealogy DISABLE TRIGGER USER"})
}

func (s schema) createIndexes(ctx context.Context, tx pgx.Tx) error {
	// For this transaction alone: sorting 1.9 million links in memory instead of on disk.
	if err := execAll(ctx, tx, []string{"SET LOCAL maintenance_work_mem = '256MB'"}); err != nil {
		return err
	}
	return execAll(ctx, tx, s.indexes)
}

func (s schema) createForeignKeys(ctx context.Context, tx pgx.Tx) error {
	return execAll(ctx, tx, append(s.foreignKeys, "ALTER TABLE lot_genealogy ENABLE TRIGGER USER"))
}

func execAll(ctx context.Context, tx pgx.Tx, statements []string) error {
	for _, sql := range statements {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
