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
	set_config('statement_timeout', COALESCE(NULLIF($4, ''), current_setting('statement_timeout')), true), set_config('plan_cache_mode', $5, true)`

// planning is how PostgreSQL plans a transaction's prepared statements.
type planning string

const (
	// planningOnce has one plan for all calls. For a list of one key PostgreSQL would plan at each call, since it takes a list that it doesn't
	// know for ten keys: 0.35 ms, where the lot is found in 0.05.
	planningOnce planning = "force_generic_plan"
	// planningAnew is for statements with many optional filters, see Adhoc.
	planningAnew planning = "force_custom_plan"
)

// setPlanning is for the rest of the transaction.
const setPlanning = `SELECT set_config('plan_cache_mode', $1, true)`

func (s Scope) args(plan planning) []any {
	timeout := ""
	if s.StatementTimeout > 0 {
		timeout = strconv.FormatInt(s.StatementTimeout.Milliseconds(), 10)
	}
	return []any{s.User.String(), arrayLiteral(s.Sites), arrayLiteral(s.Audits), timeout, string(plan)}
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

// beginStatements are as many as queueBegin adds.
const beginStatements = 2

// queueBegin adds to a batch what opens a transaction that reads, and tells it its scope.
func queueBegin(batch *pgx.Batch, scope Scope, plan planning) {
	batch.Queue(beginReading)
	batch.Queue(setScope, scope.args(plan)...)
}

// skip reads answers that say nothing.
func skip(results pgx.BatchResults, statements int) error {
	for range statements {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	return nil
}
