package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/identity"
)

// TestProvePool sends mixed requests of many sites' people over 5 connections, of which many are cancelled, time out or panic in
// the middle of a statement: no answer has a row of a site that the caller is no member of, and no connection keeps
// anything of a request. `make prove-pool` runs it at full size.
func TestProvePool(t *testing.T) {
	t.Parallel()
	requests := 300
	if dbtest.Full() {
		requests = 100_000
	}
	owner := dbtest.New(t, nil)
	plantSites(t, owner)
	t.Run("directly", func(t *testing.T) {
		t.Parallel()
		app := dbtest.AsApp(t, owner, nil)
		defer app.Close()
		provePool(t, app.Config().ConnString(), requests)
	})
	t.Run("through PgBouncer", func(t *testing.T) {
		t.Parallel()
		app := dbtest.AsApp(t, owner, nil)
		defer app.Close()
		provePool(t, startPgBouncer(t, app.Config().ConnConfig), requests)
	})
}

const (
	plants      = 8
	lotsOfPlant = 20
)

// plantSites gives each site a chain of lots, whose codes tell the site.
func plantSites(t *testing.T, owner *pgxpool.Pool) {
	t.Helper()
	_, err := owner.Exec(t.Context(), `
		INSERT INTO site (code, name, time_zone) SELECT 'SIT' || chr(64 + n), 'Site ' || chr(64 + n), 'UTC' FROM generate_series(1, 8) AS n;
		INSERT INTO site_head (site_id) SELECT id FROM site;
		INSERT INTO lot (id, site_id, code, lot_type_id, status, source, occurred_at, registered_at)
		SELECT ('00000000-0000-7000-8' || lpad(s.id::text, 3, '0') || '-' || lpad(n::text, 12, '0'))::uuid, s.id, 'LOT-' || s.code || '-' || n,
			'00000000-0000-7000-8000-000000000001', 'RELEASED', 'PERSON', now(), now()
		FROM site s, generate_series(1, 20) AS n;
		INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at) SELECT id, site_id, 'PROCESS', now(), now() FROM lot;
		INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
		SELECT c.id, p.id, c.id, c.site_id, p.site_id FROM lot c
		JOIN lot p ON p.site_id = c.site_id AND split_part(p.code, '-', 3)::integer = split_part(c.code, '-', 3)::integer - 1`)
	if err != nil {
		t.Fatal(err)
	}
}

// mixed are what the callers ask; $code is a lot of a site that they may be a member of.
var mixed = []string{
	`query ($code: String!) { lots(first: 5, filter: {codePrefix: "LOT-"}) { totalCount nodes { code site { code } ancestors(first: 5) { nodes { code site { code } } } } } lot(code: $code) { id } }`,
	`query ($code: String!) { lot(code: $code) { code site { code } ancestors(first: 10000) { nodes { id code weightKg temperatureC lotType { code } } } descendants { totalCount } } }`,
	`query ($code: String!) { sites { code } lots(first: 3, filter: {search: "LOT-"}) { nodes { code parents { lot { code } } children { lot { code } } } } eventCursor lot(code: $code) { code } }`,
}

func provePool(t *testing.T, url string, requests int) {
	t.Helper()
	pool, err := db.Open(t.Context(), url+"&pool_max_conns=5", saboteur{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	h := newHandler(t, newResolver(pool))

	mix := rand.New(rand.NewPCG(1, 2))
	var (
		group    errgroup.Group
		outcomes [fates]atomic.Int64
	)
	group.SetLimit(25)
	for range requests {
		r := request{sites: mix.Perm(plants)[:1+mix.IntN(3)], site: mix.IntN(plants), query: mixed[mix.IntN(len(mixed))], fate: fate(mix.IntN(fates))}
		if mix.IntN(2) == 0 {
			r.fate = undisturbed
		}
		group.Go(func() error {
			outcomes[r.fate].Add(1)
			return r.send(t.Context(), h)
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	nothingKept(t, pool)
	t.Logf("prove: %d requests over 5 connections, %d of them cancelled, %d timed out, %d panicked: 0 rows of other sites, 0 settings kept",
		requests, outcomes[cancelled].Load(), outcomes[timedOut].Load(), outcomes[panicking].Load())
}

// fate is what happens to a request.
type fate int

const (
	undisturbed fate = iota
	cancelled        // its client goes away
	timedOut         // its time is over
	panicking        // a defect shows in one of its statements
	fates       = iota
)

type fateKey struct{}

// saboteur is a tracer that panics in the statements of requests with that fate.
type saboteur struct{}

func (saboteur) strike(ctx context.Context) {
	if n, ok := ctx.Value(fateKey{}).(*atomic.Int64); ok && n.Add(-1) == 0 {
		panic("sabotage")
	}
}

// TraceQueryStart implements pgx.QueryTracer.
func (s saboteur) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if db.StatementName(data.SQL) != "" { // not where the pool connects, for whoever comes next
		s.strike(ctx)
	}
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (saboteur) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (s saboteur) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	s.strike(ctx)
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (s saboteur) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchQueryData) {
	s.strike(ctx)
}

// TraceBatchEnd implements pgx.BatchTracer.
func (saboteur) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// request is one of somebody's who is a member of sites, and asks for a lot of site.
type request struct {
	sites []int
	site  int
	query string
	fate  fate
}

// send asks, and fails where the answer tells of a site that the caller is no member of, or an undisturbed one is wrong.
func (r request) send(ctx context.Context, h http.Handler) error {
	ids := make([]int32, len(r.sites))
	for i, site := range r.sites {
		ids[i] = int32(site) + 1
	}
	ctx = identity.WithActor(ctx, identity.Program(ids))
	switch r.fate {
	case undisturbed:
	case cancelled:
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		time.AfterFunc(time.Duration(r.site)*300*time.Microsecond, cancel)
	case timedOut:
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(r.site)*300*time.Microsecond)
		defer cancel()
	case panicking:
		statement := new(atomic.Int64)
		statement.Store(int64(r.site) + 1)
		ctx = context.WithValue(ctx, fateKey{}, statement)
	}
	code := fmt.Sprintf("LOT-SIT%c-7", 'A'+r.site)
	body, err := json.Marshal(map[string]any{"query": r.query, "variables": map[string]string{"code": code}})
	if err != nil {
		return err
	}
	q := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	return r.check(w.Body.Bytes())
}

var siteCode = regexp.MustCompile(`SIT[A-H]`)

func (r request) check(answer []byte) error {
	for _, code := range siteCode.FindAll(answer, -1) {
		if !slices.Contains(r.sites, int(code[3]-'A')) {
			return fmt.Errorf("a member of sites %v reads of %s:\n%s", r.sites, code, answer)
		}
	}
	if r.fate != undisturbed {
		return nil
	}
	var got struct {
		Data struct {
			Lots struct{ TotalCount *int }
			Lot  *struct{ ID string }
		}
		Errors json.RawMessage
	}
	if err := json.Unmarshal(answer, &got); err != nil || got.Errors != nil {
		return fmt.Errorf("an undisturbed request is answered with %s", answer)
	}
	if n := got.Data.Lots.TotalCount; n != nil && *n != len(r.sites)*lotsOfPlant {
		return fmt.Errorf("a member of sites %v counts %d lots", r.sites, *n)
	}
	if member := slices.Contains(r.sites, r.site); member != (got.Data.Lot != nil) {
		return fmt.Errorf("a member of sites %v asks for a lot of site %d: %s", r.sites, r.site, answer)
	}
	return nil
}

// nothingKept takes all connections of a pool at once: none is in a transaction or has a setting.
func nothingKept(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for range 5 {
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		var sites string
		err = conn.QueryRow(t.Context(), "SELECT coalesce(current_setting('flowviz.sites', true), '')").Scan(&sites)
		if err != nil || sites != "" {
			t.Errorf("a connection still sees sites %q (%v)", sites, err)
		}
		if status := conn.Conn().PgConn().TxStatus(); status != 'I' {
			t.Errorf("a connection is in state %q, not idle", status)
		}
	}
}

// startPgBouncer pools 5 connections to a database by transaction, and returns its address.
func startPgBouncer(t *testing.T, server *pgx.ConnConfig) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		const missing = "pgbouncer is missing: apt-get install pgbouncer"
		if os.Getenv("CI") != "" || dbtest.Full() {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	port := freePort(t)
	config := filepath.Join(t.TempDir(), "pgbouncer.ini")
	err = os.WriteFile(config, fmt.Appendf(nil, `[databases]
%[1]s = host=127.0.0.1 port=%[2]d dbname=%[1]s user=%[3]s password=%[4]s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %[5]d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
`, server.Database, server.Port, server.User, server.Password, port), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{config}
	if os.Geteuid() == 0 {
		args = []string{"-u", "nobody", config} // it refuses to run as root
	}
	bouncer := exec.CommandContext(t.Context(), program, args...)
	if err := bouncer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bouncer.Wait() }) // it ends with the test's context
	// Before version 1.21 it knows no prepared statements.
	url := fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable&default_query_exec_mode=cache_describe", server.User, port, server.Database)
	for {
		conn, err := pgx.Connect(t.Context(), url)
		if err == nil {
			_ = conn.Close(t.Context())
			return url
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
