package db

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"flowviz/internal/fault"
)

// Scope is for whom a transaction runs: row level security compares each row with it. The zero Scope sees no site's rows.
type Scope struct {
	User   uuid.UUID // who asks; the zero UUID for a program
	Sites  []int32   // rows of these sites are seen, and written where the transaction writes
	Audits []int32   // audit rows of these sites are seen
	// StatementTimeout bounds each statement of the transaction. Where it is 0, that of the context (WithStatementTimeout), and
	// without one the database's own.
	StatementTimeout time.Duration
}

type statementTimeoutKey struct{}

// WithStatementTimeout bounds each statement of the transactions that are begun under the context: those of a mutation, whose
// commands know nothing of its class.
func WithStatementTimeout(ctx context.Context, timeout time.Duration) context.Context {
	return context.WithValue(ctx, statementTimeoutKey{}, timeout)
}

// under is the scope with the context's bound, where it has none.
func (s Scope) under(ctx context.Context) Scope {
	if timeout, ok := ctx.Value(statementTimeoutKey{}).(time.Duration); ok && s.StatementTimeout == 0 {
		s.StatementTimeout = timeout
	}
	return s
}

// queryCanceled is PostgreSQL's SQLSTATE of a statement that was cancelled, by its timeout or by a person.
const queryCanceled = "57014"

// tooSlow makes a fault of a statement that took longer than StatementTimeout; the caller asks for less, or later.
func (s Scope) tooSlow(err error) error {
	if sqlState(err) != queryCanceled {
		return err
	}
	if s.StatementTimeout == 0 { // the database's own
		return fault.New(fault.Limit, "", "the database took too long for a statement: ask for less at once, or try again")
	}
	seconds := int(s.StatementTimeout.Seconds()) // it was ended there, whatever it would have taken
	return fault.Over(fault.StatementSeconds, seconds, seconds, "", "the database took longer than %s for a statement: ask for less at once, or try again", s.StatementTimeout)
}

// setScope tells PostgreSQL the scope of the transaction that it is sent in, and of it alone: a SET outlives the transaction,
// and behind PgBouncer leaked one tenant to another.
const setScope = `SELECT set_config('flowviz.user', $1, true), set_config('flowviz.sites', $2, true), set_config('flowviz.audits', $3, true),
	set_config('statement_timeout', COALESCE(NULLIF($4, ''), current_setting('statement_timeout')), true)`

func (s Scope) args() []any {
	timeout := ""
	if s.StatementTimeout > 0 {
		timeout = strconv.FormatInt(s.StatementTimeout.Milliseconds(), 10)
	}
	return []any{s.User.String(), arrayLiteral(s.Sites), arrayLiteral(s.Audits), timeout}
}

// arrayLiteral writes an integer[] as PostgreSQL reads it; settings are text.
func arrayLiteral(ids []int32) string {
	b := append(make([]byte, 0, 2+8*len(ids)), '{')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return string(append(b, '}'))
}

// queueBegin adds to a batch what opens a transaction and tells it its scope.
func queueBegin(batch *pgx.Batch, statement string, scope Scope) {
	batch.Queue(statement)
	batch.Queue(setScope, scope.args()...)
}

// endBegin reads what queueBegin's statements answered.
func endBegin(results pgx.BatchResults) error {
	for range 2 {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	return nil
}
