package epcis_test

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/epcis"
	"flowviz/internal/identity"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// day is when all tests import.
var day = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// world is a database with two sites, ALFA and BETA.
type world struct {
	*testing.T
	pool       *pgxpool.Pool // as the owner, who sees all
	app        *pgxpool.Pool // as the app
	service    *epcis.Service
	newID      func() uuid.UUID
	statements *atomic.Int64 // how many ran
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, newID: ascending(), statements: new(atomic.Int64)}
	w.pool = dbtest.New(t, nil)
	w.app = dbtest.AsApp(t, w.pool, counter{w.statements})
	t.Cleanup(w.app.Close)
	w.service = epcis.NewService(w.app, audit.NewRecorder(w.newID, func() time.Time { return day }), w.newID, func() time.Time { return day })
	for _, code := range []string{"ALFA", "BETA"} {
		if _, err := db.New(w.pool).InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "UTC"}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// everywhere is the context of a program at both sites.
func (w *world) everywhere() context.Context {
	ctx := identity.WithOrigin(w.Context(), identity.Origin{Program: "flowviz import epcis"})
	return identity.WithActor(ctx, identity.Program([]int32{1, 2}))
}

// in runs a subtest in the world as it was at first. Emptying it takes a tenth of the time of making another, so these
// run one after another.
func (w *world) in(name string, do func(w *world)) {
	w.Helper()
	w.Run(name, func(t *testing.T) {
		next := *w
		next.T = t
		next.empty()
		do(&next)
	})
}

func (w *world) empty() {
	w.Helper()
	if _, err := w.pool.Exec(w.Context(), "TRUNCATE lot, transformation, partner, alert, epcis_event CASCADE"); err != nil {
		w.Fatal(err)
	}
}

// ascending gives ids that count upwards, as UUIDv7 do.
func ascending() func() uuid.UUID {
	var n atomic.Uint64
	return func() (id uuid.UUID) {
		binary.BigEndian.PutUint64(id[8:], n.Add(1))
		return id
	}
}

// load imports a document and fails the test where that fails.
func (w *world) load(file string, data []byte) epcis.Report {
	w.Helper()
	report, err := w.service.Import(w.everywhere(), "ALFA", file, data)
	if err != nil {
		w.Fatalf("import %s: %v", file, err)
	}
	return report
}

// own imports a document of this package's testdata.
func (w *world) own(file string) epcis.Report {
	w.Helper()
	return w.load(file, read(w.T, filepath.Join("testdata", file)))
}

// shared imports a public document.
func (w *world) shared(file string) epcis.Report {
	w.Helper()
	return w.load(file, shared(w.T, file))
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// public is where documents of others lie, beside the checkout.
const public = "../../../shared/testdata/epcis"

func shared(t testing.TB, file string) []byte {
	t.Helper()
	needPublic(t)
	return read(t, filepath.Join(public, file))
}

func needPublic(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(public); err != nil {
		t.Skipf("the public EPCIS documents are not there: put them into %s", public)
	}
}

// ask is the rows of a query, each as one text.
func (w *world) ask(sql string, args ...any) []string {
	w.Helper()
	rows, err := w.pool.Query(w.Context(), sql, args...)
	if err != nil {
		w.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.Fatalf("%s: %v", sql, err)
	}
	return all
}

type counter struct{ n *atomic.Int64 }

func (c counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}

func (counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
