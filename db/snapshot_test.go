package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"flowviz/db"
	"flowviz/db/dbtest"
)

// TestSnapshotServesGoroutines asks through one snapshot from many goroutines, in both ways of planning: each gets its own
// answer, and all of them came over one connection.
func TestSnapshotServesGoroutines(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	s := db.NewSnapshot(t.Context(), pool, db.Scope{})
	defer s.Close()
	var group errgroup.Group
	backends := make([]int32, 60)
	for i := range backends {
		group.Go(func() error {
			args := []any{i}
			if i%3 == 0 {
				args = []any{pgx.QueryExecModeCacheDescribe, i}
			}
			rows, err := s.Query(t.Context(), "SELECT g::integer, pg_backend_pid() FROM generate_series($1::integer, $1::integer + 200) AS g", args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for want := int32(i); rows.Next(); want++ {
				var got int32
				if err := rows.Scan(&got, &backends[i]); err != nil {
					return err
				}
				if got != want {
					return fmt.Errorf("goroutine %d read %d, not %d", i, got, want)
				}
			}
			return rows.Err()
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, pid := range backends {
		if pid == 0 || pid != backends[0] {
			t.Errorf("goroutine %d read over backend %d, the first over %d", i, pid, backends[0])
		}
	}
}

// TestSnapshotPlansOnce asks how each kind of statement is planned, after the other and beside it: those for keys once, ad hoc ones anew.
func TestSnapshotPlansOnce(t *testing.T) {
	t.Parallel()
	const asked = "SELECT current_setting('plan_cache_mode') FROM (SELECT $1::integer) v"
	s := db.NewSnapshot(t.Context(), dbtest.New(t, nil), db.Scope{})
	defer s.Close()
	ask := func(want string, args ...any) error {
		var got string
		if err := s.QueryRow(t.Context(), asked, args...).Scan(&got); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("planned by %s, not %s", got, want)
		}
		return nil
	}
	keyed := func() error { return ask("force_generic_plan", 1) }
	adhoc := func() error { return ask("force_custom_plan", pgx.QueryExecModeCacheDescribe, 1) }
	for i, next := range []func() error{adhoc, keyed, keyed, adhoc, adhoc, keyed} {
		if err := next(); err != nil {
			t.Fatalf("statement %d: %v", i+1, err)
		}
	}
	var group errgroup.Group
	for range 20 {
		group.Go(keyed)
		group.Go(adhoc)
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestSnapshotIsOneInstant commits a row between two statements of a snapshot.
func TestSnapshotIsOneInstant(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	s := db.NewSnapshot(t.Context(), pool, db.Scope{})
	defer s.Close()
	count := func() (n int) {
		t.Helper()
		if err := s.QueryRow(t.Context(), "SELECT count(*) FROM app_user").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	err := db.InTx(t.Context(), pool, db.Scope{}, func(q *db.Queries) error {
		return q.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Email: "new@example.org", FullName: "New"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if after := count(); after != before {
		t.Errorf("a statement saw %d users, one before it in the same operation %d", after, before)
	}
}

// TestLastStatementEndsTheSnapshot says of a statement, the first or a later one, that it is the last: its connection is then
// free at once, and what is asked for afterwards is refused. Where it fails, its connection is given back all the same.
func TestLastStatementEndsTheSnapshot(t *testing.T) {
	t.Parallel()
	pool, err := db.Open(t.Context(), dbtest.URL(t)+"&pool_max_conns=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for name, tc := range map[string]struct {
		before int
		last   string
		fails  bool
	}{
		"the first":        {0, "SELECT n FROM generate_series(1, 3) AS n", false},
		"the third":        {2, "SELECT n FROM generate_series(1, 3) AS n", false},
		"that fails":       {1, "SELECT 1 / (2 - n) FROM generate_series(1, 3) AS n", true},
		"that fails first": {0, "SELECT 1 / (2 - n) FROM generate_series(1, 3) AS n", true},
	} {
		s := db.NewSnapshot(t.Context(), pool, db.Scope{User: uuid.New(), Sites: []int32{7}})
		var n int
		for range tc.before {
			if err := s.QueryRow(t.Context(), "SELECT 1").Scan(&n); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		s.Last()
		rows, err := s.Query(t.Context(), tc.last)
		if err == nil {
			for rows.Next() {
				n++
			}
			rows.Close()
			err = rows.Err()
		}
		if tc.fails != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.QueryRow(t.Context(), "SELECT 1").Scan(&n); err == nil {
			t.Errorf("%s: a statement after the last was answered", name)
		}
		s.Close()
		if !tc.fails && pool.Stat().AcquiredConns() != 0 {
			t.Errorf("%s: its connection is not free", name)
		}
		var user string
		if err := pool.QueryRow(t.Context(), "SELECT current_setting('flowviz.user', true)").Scan(&user); err != nil || user != "" {
			t.Errorf("%s: afterwards the connection is of user %q: %v", name, user, err)
		}
	}
	if made := pool.Stat().NewConnsCount(); made != 1 {
		t.Errorf("%d connections were made: one of them was lost", made)
	}
}

// TestScopeEndsWithItsTransaction uses one connection for several: none sees the scope of another.
func TestScopeEndsWithItsTransaction(t *testing.T) {
	t.Parallel()
	pool, err := db.Open(t.Context(), dbtest.URL(t)+"&pool_max_conns=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	scope := db.Scope{User: uuid.New(), Sites: []int32{7, 12}, Audits: []int32{12}}
	want := scope.User.String() + "|{7,12}|{12}"
	const settings = `SELECT concat_ws('|', current_setting('flowviz.user', true), current_setting('flowviz.sites', true), current_setting('flowviz.audits', true))`
	read := func(tx interface {
		QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	},
	) (got string) {
		t.Helper()
		if err := tx.QueryRow(t.Context(), settings).Scan(&got); err != nil {
			t.Fatal(err)
		}
		return got
	}

	s := db.NewSnapshot(t.Context(), pool, scope)
	if got := read(s); got != want {
		t.Errorf("a snapshot's scope is %q, not %q", got, want)
	}
	s.Close()
	if got := read(pool); strings.Trim(got, "|") != "" {
		t.Errorf("after a snapshot its connection is still of scope %q", got)
	}
	err = db.InTx(t.Context(), pool, scope, func(*db.Queries) error { return errors.New("roll back") })
	if err == nil || err.Error() != "roll back" {
		t.Fatal(err)
	}
	if got := read(pool); strings.Trim(got, "|") != "" {
		t.Errorf("after a transaction its connection is still of scope %q", got)
	}
}

// TestSnapshotFails shows that what asks after a failure is told its cause, and that the connection serves others again.
func TestSnapshotFails(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	s := db.NewSnapshot(t.Context(), pool, db.Scope{})
	var n int
	first := s.QueryRow(t.Context(), "SELECT 1 / (count(*) - count(*)) FROM app_user").Scan(&n)
	if first == nil || !strings.Contains(first.Error(), "division by zero") {
		t.Fatalf("division by zero gave %v", first)
	}
	if err := s.QueryRow(t.Context(), "SELECT 1").Scan(&n); err == nil || !strings.Contains(err.Error(), "division by zero") {
		t.Errorf("a statement after the failure gave %v", err)
	}
	s.Close()
	if err := s.QueryRow(t.Context(), "SELECT 1").Scan(&n); err == nil {
		t.Error("a closed snapshot answers")
	}
	if _, err := s.Exec(t.Context(), "DELETE FROM app_user"); err == nil {
		t.Error("a snapshot executes commands")
	}
	if err := pool.QueryRow(t.Context(), "SELECT 1").Scan(&n); err != nil {
		t.Errorf("the pool after a failed snapshot: %v", err)
	}
}

// TestSnapshotIsReadOnly sends a change as if it were a query.
func TestSnapshotIsReadOnly(t *testing.T) {
	t.Parallel()
	s := db.NewSnapshot(t.Context(), dbtest.New(t, nil), db.Scope{})
	defer s.Close()
	var id uuid.UUID
	err := s.QueryRow(t.Context(), "INSERT INTO app_user (id, email, full_name) VALUES (gen_random_uuid(), 'a', 'b') RETURNING id").Scan(&id)
	if err == nil || !strings.Contains(err.Error(), "read-only transaction") {
		t.Errorf("an INSERT gave %v", err)
	}
}

// TestSnapshotGivenUp cancels an operation in the middle of a statement: all that waits is told, at once.
func TestSnapshotGivenUp(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	s := db.NewSnapshot(ctx, pool, db.Scope{})
	var group errgroup.Group
	for range 5 {
		group.Go(func() error {
			var n int
			if err := s.QueryRow(ctx, "SELECT 1 FROM pg_sleep(60)").Scan(&n); err == nil {
				return errors.New("slept for a minute")
			}
			return nil
		})
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	s.Close()
	if waited := time.Since(began); waited > 30*time.Second {
		t.Errorf("gave up after %v", waited)
	}
	var n int
	if err := pool.QueryRow(t.Context(), "SELECT 1").Scan(&n); err != nil {
		t.Errorf("the pool after a cancelled snapshot: %v", err)
	}
}

// struck is a tracer that panics when the answer to a marked statement of a batch has been read.
type struck struct{}

func (struck) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (struck) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (struck) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (struck) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	if strings.Contains(data.SQL, "struck") {
		panic("struck")
	}
}

func (struck) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestSnapshotPanics: where the end of one statement panics, those behind it are told, and wait for nothing.
func TestSnapshotPanics(t *testing.T) {
	t.Parallel()
	s := db.NewSnapshot(t.Context(), dbtest.New(t, struck{}), db.Scope{})
	defer s.Close()
	first, err := s.Query(t.Context(), "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	queue := func(n int, ask func() error) <-chan error {
		done := make(chan error, 1)
		go func() { done <- ask() }()
		for s.Queued() < n {
			runtime.Gosched()
		}
		return done
	}
	one := queue(1, func() (err error) {
		defer func() { err = fmt.Errorf("panicked: %v", recover()) }()
		var n int
		return s.QueryRow(t.Context(), "SELECT 2 AS struck").Scan(&n)
	})
	behind := queue(2, func() error {
		rows, err := s.Query(t.Context(), "SELECT 3")
		if err == nil {
			rows.Close()
		}
		return err
	})
	first.Close()
	if err := <-one; err == nil || err.Error() != "panicked: struck" {
		t.Errorf("who read it: %v", err)
	}
	if err := <-behind; err == nil || !strings.Contains(err.Error(), "reading a snapshot panicked: struck") {
		t.Errorf("who was behind: %v", err)
	}
}
