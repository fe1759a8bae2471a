package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// beginReading begins a transaction that sees one instant.
const beginReading = "BEGIN READ ONLY, ISOLATION LEVEL REPEATABLE READ"

// Snapshot is what one operation reads through: all its statements see the database as it was at the first of them, and
// nothing outside its Scope. It is a DBTX for reading, safe for the goroutines of the operation.
//
// The transaction is opened by the first statement, in the same round trip: BEGIN, settings, query and COMMIT took 72 µs as
// four, 38 µs as one batch. A connection runs one statement after the other; what is asked for while it is busy
// travels together in the next batch. The COMMIT travels with the last statement where that is known (see Last), and else
// when the operation has ended.
type Snapshot struct {
	ctx   context.Context //nolint:containedctx // the operation's: a batch serves several callers, each with its own
	pool  *pgxpool.Pool
	scope Scope

	mu    sync.Mutex
	conn  *pgxpool.Conn // nil before the first statement
	plan  planning      // of the transaction; only who has the connection looks
	busy  bool          // somebody sends or reads
	queue []*waiting    // for the next batch
	sent  []*waiting    // the batch whose turn it is
	last  bool          // the next batch is the last
	err   error         // why nothing more can be read
}

// NewSnapshot prepares the reading of one operation, whose context is ctx. Close it when the operation has ended.
func NewSnapshot(ctx context.Context, pool *pgxpool.Pool, scope Scope) *Snapshot {
	return &Snapshot{ctx: ctx, pool: pool, scope: scope.under(ctx)}
}

// Query implements DBTX. Close the rows, or no other statement of the operation gets its turn.
func (s *Snapshot) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	w := &waiting{sql: sql, args: args, turn: make(chan struct{})}
	s.mu.Lock()
	s.queue = append(s.queue, w)
	first := !s.busy
	s.busy = true
	s.mu.Unlock()
	if first {
		s.drive(s.next)
	}
	<-w.turn
	return w.rows, w.err
}

// QueryRow implements DBTX.
func (s *Snapshot) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := s.Query(ctx, sql, args...)
	return &firstRow{rows, err}
}

// Exec implements DBTX: a snapshot changes nothing.
func (*Snapshot) Exec(context.Context, string, ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, errReadOnly
}

// CopyFrom implements DBTX: a snapshot changes nothing.
func (*Snapshot) CopyFrom(context.Context, pgx.Identifier, []string, pgx.CopyFromSource) (int64, error) {
	return 0, errReadOnly
}

var (
	errReadOnly = errors.New("a snapshot reads only: change things in db.InTx")
	errClosed   = errors.New("the operation has ended: its snapshot is closed")
	errLast     = errors.New("a statement comes after the one that was said to be the last")
)

// Last says that the next statement is the operation's last. The COMMIT travels with it: a round trip of its own takes some 40 µs of processor
// time. What is asked for afterwards is an error, since a second transaction would see another instant.
func (s *Snapshot) Last() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = true
}

// Close ends the transaction and gives the connection back, without making the caller wait for it. Nothing may be reading.
func (s *Snapshot) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn := s.conn
	s.conn, s.err = nil, errClosed
	switch {
	case conn == nil:
	case conn.Conn().PgConn().TxStatus() == idle: // the last statement brought the COMMIT
		conn.Release()
	default:
		go commit(conn)
	}
}

// idle is what PostgreSQL calls a connection without a transaction.
const idle = 'I'

// commitTimeout bounds the end of a transaction that has only read.
const commitTimeout = 5 * time.Second

// commit gives a connection back. It is not of the operation, whose time may be over.
func commit(conn *pgxpool.Conn) {
	defer conn.Release() // the pool closes a connection whose transaction did not end
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	_, _ = conn.Exec(ctx, "COMMIT")
}

// drive takes the next step with the connection. Should it panic, nobody is left waiting for a turn that never comes.
func (s *Snapshot) drive(step func()) {
	defer func() {
		if cause := recover(); cause != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.err = fmt.Errorf("reading a snapshot panicked: %v", cause)
			for _, w := range slices.Concat(s.sent, s.queue) {
				w.answer(nil, s.err)
			}
			s.sent, s.queue, s.busy = nil, nil, false
			panic(cause)
		}
	}()
	step()
}

// next sends what is queued, or leaves the connection to whoever asks next. Only who has the connection calls it.
func (s *Snapshot) next() {
	s.mu.Lock()
	queue := s.queue
	s.sent, s.queue = queue, nil
	s.busy = len(queue) > 0
	err, last := s.err, s.last
	if last && s.busy && err == nil {
		s.err = errLast
	}
	s.mu.Unlock()
	switch {
	case len(queue) == 0:
	case err != nil:
		s.refuse(queue, err)
	default:
		s.send(queue, last)
	}
}

// send runs statements in one round trip, and gives the first its turn: each hands on to the one behind it.
// The last batch takes the COMMIT along, unless statements follow it.
func (s *Snapshot) send(queue []*waiting, last bool) {
	opening := s.conn == nil
	if opening {
		conn, err := s.pool.Acquire(s.ctx)
		if err != nil {
			s.refuse(queue, fmt.Errorf("connect to the database: %w", err))
			return
		}
		s.mu.Lock()
		s.conn = conn
		s.mu.Unlock()
	}
	alone, together := split(queue)
	if !opening && !last && len(queue) == 1 && s.plan == planningOf(together) { // a batch of one costs more than a statement
		replies{snapshot: s, alone: queue}.next()
		return
	}
	batch := &pgx.Batch{}
	ahead := s.queuePlanning(batch, planningOf(together), opening)
	for _, w := range together {
		batch.Queue(w.sql, w.args...)
	}
	if len(alone) > 0 {
		s.queuePlanning(batch, planningAnew, false)
	} else if last {
		batch.Queue("COMMIT")
	}
	results := replies{snapshot: s, together: together, alone: alone}
	if batch.Len() > 0 {
		results.of = s.conn.SendBatch(s.ctx, batch)
		if err := skip(results.of, ahead); err != nil {
			s.refuse(queue, s.scope.tooSlow(errors.Join(fmt.Errorf("begin to read: %w", err), results.of.Close())))
			return
		}
	}
	results.next()
}

// planningOf is how a batch is planned that begins with these statements; without any, with those that are alone.
func planningOf(together []*waiting) planning {
	if len(together) == 0 {
		return planningAnew
	}
	return planningOnce
}

// queuePlanning adds to a batch what has its next statements planned so, and says how many statements that takes.
func (s *Snapshot) queuePlanning(batch *pgx.Batch, plan planning, opening bool) int {
	before := batch.Len()
	if opening {
		queueBegin(batch, s.scope, plan)
	} else if s.plan != plan {
		batch.Queue(setPlanning, string(plan))
	}
	s.plan = plan
	return batch.Len() - before
}

// split tells the statements that are planned at each call (see Adhoc) from the others: a batch has prepared ones alone.
func split(queue []*waiting) (alone, together []*waiting) {
	for _, w := range queue {
		if len(w.args) > 0 && w.args[0] == any(pgx.QueryExecModeCacheDescribe) {
			alone = append(alone, w)
		} else {
			together = append(together, w)
		}
	}
	return alone, together
}

// refuse answers all of a queue, and all that comes after it, with an error: the transaction is lost.
func (s *Snapshot) refuse(queue []*waiting, err error) {
	s.lost(err)
	for _, w := range queue {
		w.answer(nil, err)
	}
	s.next()
}

// lost remembers the first error. Later statements of the transaction get it too: PostgreSQL would only tell them that the
// transaction is aborted.
func (s *Snapshot) lost(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// waiting is a statement whose turn has not come.
type waiting struct {
	sql      string
	args     []any
	turn     chan struct{} // closed when rows and err are there
	answered bool          // known to who drives
	rows     pgx.Rows
	err      error
}

// answer gives a statement its turn; only the first time counts.
func (w *waiting) answer(rows pgx.Rows, err error) {
	if w.answered {
		return
	}
	w.answered = true
	w.rows, w.err = rows, err
	close(w.turn)
}

// replies hands what the connection answers to those who asked, one after the other.
type replies struct {
	snapshot *Snapshot
	of       pgx.BatchResults // of together; nil when they are read
	together []*waiting
	alone    []*waiting
}

// next gives whoever is first its rows; when they are closed, the one behind it.
func (r replies) next() {
	switch {
	case len(r.together) > 0:
		w := r.together[0]
		r.together = r.together[1:]
		r.give(w, r.of.Query)
	case r.of != nil:
		if err := r.of.Close(); err != nil {
			r.snapshot.lost(err)
		}
		r.of = nil
		r.next()
	case len(r.alone) > 0:
		w := r.alone[0]
		r.alone = r.alone[1:]
		r.give(w, func() (pgx.Rows, error) { return r.snapshot.conn.Query(r.snapshot.ctx, w.sql, w.args...) })
	default:
		r.snapshot.next()
	}
}

func (r replies) give(w *waiting, query func() (pgx.Rows, error)) {
	rows, err := query()
	if err != nil {
		err = r.snapshot.scope.tooSlow(err)
		r.snapshot.lost(err)
		w.answer(nil, err)
		r.next()
		return
	}
	w.answer(&turnRows{Rows: rows, replies: r}, nil)
}

// turnRows are rows whose end is the next statement's turn.
type turnRows struct {
	pgx.Rows
	replies replies
	closed  bool
}

// Close implements pgx.Rows.
func (t *turnRows) Close() {
	if t.closed {
		return
	}
	t.closed = true
	t.replies.snapshot.drive(func() {
		t.Rows.Close() // which tells tracers, whose panic must not take the turn of those behind
		if err := t.Err(); err != nil {
			t.replies.snapshot.lost(err)
		}
		t.replies.next()
	})
}

// Err implements pgx.Rows.
func (t *turnRows) Err() error { return t.replies.snapshot.scope.tooSlow(t.Rows.Err()) }

// firstRow is the first of a query's rows.
type firstRow struct {
	rows pgx.Rows
	err  error
}

// Scan implements pgx.Row.
func (r *firstRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}
