package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// InTx runs fn in one transaction, which sees and writes what its scope allows: all of it is committed when fn returns nil,
// nothing of it otherwise. Faults of constraints come back as *fault.Error (see Fault), as does a statement that took too long.
//
// The BEGIN travels with fn's first statement, and the COMMIT with what was left for Later. Each statement takes keys, which one index
// finds, and has one plan for all calls: planning took 3 of the 8 ms of PostgreSQL's processor that a lot cost.
func InTx(ctx context.Context, pool *pgxpool.Pool, scope Scope, fn func(q *Queries) error) error {
	scope = scope.under(ctx)
	t := &transaction{pool: pool, scoped: true, begin: []statement{{sql: "BEGIN"}, {setScope, scope.args(planningOnce)}}}
	return scope.tooSlow(t.run(ctx, func() error { return fn(New(t)) }))
}

// LoadTx runs fn in one transaction of a database's owner that is above row level security, for what fills a new database:
// rows go by COPY straight into their tables, links without looking for circles, and codes are numbered on from those loaded. Where
// lots stand is for fn to tell (TellStandings).
func LoadTx(ctx context.Context, owner *pgxpool.Pool, fn func(q *Queries) error) error {
	t := &transaction{pool: owner, begin: []statement{{sql: "BEGIN"}, {sql: "ALTER TABLE lot_genealogy DISABLE TRIGGER lot_genealogy_acyclic, DISABLE TRIGGER lot_genealogy_added"}}}
	return t.run(ctx, func() error {
		if err := fn(New(t)); err != nil {
			return err
		}
		_, err := t.Exec(ctx, "SELECT count_codes(), count_ssccs(); ALTER TABLE lot_genealogy ENABLE TRIGGER lot_genealogy_acyclic, ENABLE TRIGGER lot_genealogy_added")
		return err
	})
}

// Later are queries of the same transaction whose answers nobody needs: each waits until something is asked, or the transaction
// ends, and travels with that. Order is kept. What goes wrong with one is the error of whatever it travelled with. Its arguments
// must stay as they are.
//
// Registering a lot takes 8 round trips so, where each statement by itself would take 17.
func Later(q *Queries) *Queries {
	if t, ok := q.db.(*transaction); ok {
		return New(later{t})
	}
	return q
}

type later struct{ *transaction }

// Exec implements DBTX: what it returns says nothing yet.
func (l later) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	l.waiting = append(l.waiting, statement{sql, args})
	return pgconn.CommandTag{}, nil
}

type statement struct {
	sql  string
	args []any
}

// transaction is a DBTX whose connection is taken when the first statement is sent.
type transaction struct {
	pool    *pgxpool.Pool
	scoped  bool          // held to row level security
	begin   []statement   // sent before the first
	conn    *pgxpool.Conn // nil before the first is sent
	waiting []statement   // to be sent with the next that is asked
}

func (t *transaction) run(ctx context.Context, fn func() error) (err error) {
	defer func() { err = errors.Join(err, t.end(ctx)) }()
	if err := fn(); err != nil {
		return Fault(err)
	}
	if t.conn == nil && len(t.waiting) == 0 {
		return nil // nothing was asked, and nothing is to be done
	}
	if err := t.commit(ctx); err != nil {
		return Fault(fmt.Errorf("commit: %w", err))
	}
	return nil
}

func (t *transaction) commit(ctx context.Context) error {
	results, err := t.send(ctx, statement{sql: "COMMIT"})
	if err != nil {
		return err
	}
	tag, err := results.Exec()
	if err := errors.Join(err, results.Close()); err != nil {
		return err
	}
	if tag.String() != "COMMIT" { // an error of a statement before was taken for none
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// end gives the connection back, and undoes what wasn't committed.
func (t *transaction) end(ctx context.Context) error {
	if t.conn == nil {
		return nil
	}
	defer t.conn.Release() // the pool closes a connection whose transaction did not end
	if conn := t.conn.Conn(); conn.IsClosed() || conn.PgConn().TxStatus() == idle {
		return nil
	}
	// A caller that went away must not leave the transaction open: roll back under a context of its own.
	if _, err := t.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK"); err != nil {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}

// send sends what waits, and statements behind it, in one round trip. What waited has been answered when it returns.
func (t *transaction) send(ctx context.Context, behind ...statement) (pgx.BatchResults, error) {
	before := t.waiting
	if t.conn == nil {
		conn, err := t.pool.Acquire(ctx)
		if err != nil {
			return nil, fmt.Errorf("begin a transaction: %w", err)
		}
		t.conn = conn
		if t.known(slices.Concat(before, behind)) {
			before = slices.Concat(t.begin, before)
		} else if err := t.answered(t.batch(ctx, t.begin), t.begin); err != nil {
			return nil, err
		}
	}
	t.waiting = nil
	results := t.batch(ctx, slices.Concat(before, behind))
	if len(behind) == 0 {
		return nil, t.answered(results, before)
	}
	return results, t.read(results, before)
}

// known reports whether the connection has seen all these statements before, and remembers them. A statement that is new to it is
// prepared before the batch runs: that may wait for a lock, which is to end after the transaction's timeout, and so belongs into the
// transaction.
func (t *transaction) known(statements []statement) bool {
	seen, all := t.conn.Conn().PgConn().CustomData(), true
	for _, s := range statements {
		all = all && seen[s.sql] != nil
		seen[s.sql] = true
	}
	return all
}

func (t *transaction) batch(ctx context.Context, statements []statement) pgx.BatchResults {
	batch := &pgx.Batch{}
	for _, s := range statements {
		batch.Queue(s.sql, s.args...)
	}
	return t.conn.SendBatch(ctx, batch)
}

// read reads the answers of statements, which say nothing.
func (t *transaction) read(results pgx.BatchResults, statements []statement) error {
	for _, s := range statements {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // tells of the same error
			return fmt.Errorf("%s: %w", cmp.Or(StatementName(s.sql), "begin a transaction"), err)
		}
	}
	return nil
}

// answered is read for all of a batch.
func (t *transaction) answered(results pgx.BatchResults, statements []statement) error {
	if err := t.read(results, statements); err != nil {
		return err
	}
	return results.Close()
}

// settle sends what waits by itself.
func (t *transaction) settle(ctx context.Context) error {
	if t.conn != nil && len(t.waiting) == 0 {
		return nil
	}
	_, err := t.send(ctx)
	return err
}

// together reports whether a statement can travel with what waits: one is needed, and a batch has prepared statements alone (see
// Adhoc), which those without arguments needn't be.
func (t *transaction) together(args []any) bool {
	return (t.conn == nil || len(t.waiting) > 0) && len(args) > 0 && args[0] != any(pgx.QueryExecModeCacheDescribe)
}

// Exec implements DBTX.
func (t *transaction) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if !t.together(args) {
		if err := t.settle(ctx); err != nil {
			return pgconn.CommandTag{}, err
		}
		return t.conn.Exec(ctx, sql, args...)
	}
	results, err := t.send(ctx, statement{sql, args})
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if closing := results.Close(); err == nil {
		err = closing
	}
	return tag, err
}

// Query implements DBTX. Close the rows before the next statement.
func (t *transaction) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if !t.together(args) {
		if err := t.settle(ctx); err != nil {
			return nil, err
		}
		return t.conn.Query(ctx, sql, args...)
	}
	results, err := t.send(ctx, statement{sql, args})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close() // tells of the same error
		return nil, err
	}
	return &lastRows{rows, results}, nil
}

// QueryRow implements DBTX.
func (t *transaction) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := t.Query(ctx, sql, args...)
	return &firstRow{rows, err}
}

// lastRows are those of the last statement of a batch.
type lastRows struct {
	pgx.Rows
	results pgx.BatchResults
}

// Close implements pgx.Rows.
func (r *lastRows) Close() {
	r.Rows.Close()
	_ = r.results.Close() // where it fails, so does the transaction's next statement
}

// CopyFrom implements DBTX. PostgreSQL refuses COPY into a table that has row level security; COPY into a temporary table beside it, and
// one INSERT from there, costs half as much again and passes each row's policy.
func (t *transaction) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := t.settle(ctx); err != nil {
		return 0, err
	}
	if !t.scoped {
		return t.conn.CopyFrom(ctx, table, columns, rows)
	}
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
	copied, err := t.conn.CopyFrom(ctx, incoming, columns, rows)
	if err != nil {
		return copied, err
	}
	if _, err := t.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", into, names, names, incoming.Sanitize())); err != nil {
		return 0, err
	}
	_, err = t.Exec(ctx, "DROP TABLE "+incoming.Sanitize())
	return copied, err
}
