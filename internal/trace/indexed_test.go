package trace_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/trace"
	"flowviz/internal/trace/index"
)

func newKeeper(t *testing.T, pool *pgxpool.Pool) *index.Keeper {
	t.Helper()
	k := index.NewKeeper(pool, slog.New(slog.DiscardHandler))
	refresh(t, k)
	return k
}

func refresh(t *testing.T, k *index.Keeper) {
	t.Helper()
	if err := k.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// exec changes the database as nobody who is held to its rules can.
func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// TestTheIndexIsWalked shows when a trace goes by the index and when by SQL: links are taken away behind the index's back, so that the two
// differ.
func TestTheIndexIsWalked(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	p := chain(rng, 10)
	aside := p.add(rng, p.add(rng))
	pool := dbtest.New(t, nil)
	p.store(t, pool)
	keeper := newKeeper(t, pool)
	exec(t, pool, "ALTER TABLE lot_genealogy DISABLE TRIGGER lot_genealogy_taken")
	exec(t, pool, "DELETE FROM lot_genealogy WHERE child_id = $1", p.lots[5])
	const indexed, read = 9, 4 // ancestors of the last
	ancestors := func(view index.View) int {
		f := trace.NewIndexed(pool, view)
		alone, err := f.Kin(t.Context(), p.lots[9:10], trace.Ancestors, trace.Unbounded)
		if err != nil {
			t.Fatal(err)
		}
		together, err := f.Kin(t.Context(), []uuid.UUID{p.lots[9], p.lots[aside]}, trace.Ancestors, trace.Unbounded)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(alone[p.lots[9]], together[p.lots[9]]); diff != "" {
			t.Errorf("alone and with others differ:\n%s", diff)
		}
		return len(alone[p.lots[9]])
	}
	expect := func(when string, view index.View, want int) {
		t.Helper()
		if got := ancestors(view); got != want {
			t.Errorf("%s: %d ancestors, want %d", when, got, want)
		}
	}
	all := []int32{1}
	expect("no index", index.View{}, read)
	expect("nobody's index", keeper.View(nil), 0)
	expect("an index", keeper.View(all), indexed)
	before := keeper.View(all)
	p.void(t, pool, aside, began.Add(time.Hour)) // touches none of these: found by the lot that it made
	if kin, err := trace.NewIndexed(pool, before).Kin(t.Context(), p.lots[9:10], trace.Ancestors, trace.Unbounded); err != nil || len(kin[p.lots[9]]) != indexed {
		t.Errorf("something else has changed: %d ancestors, %v", len(kin[p.lots[9]]), err)
	}
	exec(t, pool, "ALTER TABLE lot_genealogy ENABLE TRIGGER lot_genealogy_taken")
	p.void(t, pool, 3, began.Add(time.Hour))
	expect("an ancestor's link was voided", before, read)
	refresh(t, keeper)
	expect("an index that knows of it", keeper.View(all), indexed-3) // and still not of what went behind its back
	exec(t, pool, "UPDATE transformation SET changed_in = '9223372036854775807' WHERE id = $1", number(2, 8))
	expect("a restored row is of a transaction to come", keeper.View(all), indexed-3)
	exec(t, pool, "VACUUM FULL lot_genealogy")
	expect("the links lie in another file", keeper.View(all), read)
	refresh(t, keeper)
	expect("which was read", keeper.View(all), read)
}

// TestFactsAreKnown shows when what a lot is called and weighs comes from the index, and when from SQL: lots are altered, first behind the
// index's back.
func TestFactsAreKnown(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	p := chain(rng, 3)
	pool := dbtest.New(t, nil)
	p.store(t, pool)
	keeper := newKeeper(t, pool)
	row := func(view index.View) string {
		t.Helper()
		_, rows, err := trace.NewIndexed(pool, view).KinRows(t.Context(), p.lots[2], trace.Question{Direction: trace.Ancestors, MaxDepth: 1, Most: 1})
		if err != nil || len(rows) != 1 {
			t.Fatalf("%v, %v", rows, err)
		}
		r := rows[0]
		return fmt.Sprint(string(r.Code), string(r.LotType), r.WeightKg, r.HasWeight, r.TemperatureC, r.HasTemp, r.OccurredAt.UTC())
	}
	exec(t, pool, "INSERT INTO lot_type (id, scenario_id, code, name, role, unit, sort_order) SELECT gen_random_uuid(), scenario_id, 'OTHER', name, role, unit, 99 FROM lot_type LIMIT 1")
	for _, change := range []string{
		"code = code || '-B'", "lot_type_id = (SELECT id FROM lot_type WHERE code = 'OTHER')", "weight_kg = 7, remaining_kg = 7", "weight_kg = NULL, remaining_kg = NULL",
		"temperature_c = 3", "temperature_c = NULL", "occurred_at = occurred_at + interval '1 microsecond'",
	} {
		view := keeper.View([]int32{1})
		was := row(view)
		exec(t, pool, "ALTER TABLE lot DISABLE TRIGGER lot_tells_change")
		exec(t, pool, "UPDATE lot SET occurred_at = occurred_at + interval '1 hour' WHERE id = $1", p.lots[1])
		exec(t, pool, "ALTER TABLE lot ENABLE TRIGGER lot_tells_change")
		if got := row(view); got != was {
			t.Errorf("untold: %s, and was %s", got, was)
		}
		exec(t, pool, "UPDATE lot SET "+change+" WHERE id = $1", p.lots[1])
		now := row(index.View{})
		if got := row(view); got != now || got == was {
			t.Errorf("%s: %s, want %s", change, got, now)
		}
		refresh(t, keeper)
		if got := row(keeper.View([]int32{1})); got != now {
			t.Errorf("%s, and refreshed: %s, want %s", change, got, now)
		}
	}
	exec(t, pool, "UPDATE lot SET weight_kg = 'NaN', remaining_kg = 'NaN' WHERE id = $1", p.lots[0]) // no other lot suffers from it
	refresh(t, keeper)
	if view := keeper.View([]int32{1}); !view.HasFacts() || row(view) != row(index.View{}) {
		t.Error("a weight that is no number keeps all from memory")
	}
	if _, err := pool.Exec(t.Context(), "UPDATE lot_type SET code = 'ELSE' WHERE code = 'OTHER'"); err == nil {
		t.Error("a lot type has got another code, and no lot of it tells")
	}
}

// TestManyChanges are read as a whole.
func TestManyChanges(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	p := &plant{}
	for range 300 {
		p.add(rng, p.add(rng))
	}
	pool := dbtest.New(t, nil)
	p.store(t, pool)
	keeper := newKeeper(t, pool)
	view := keeper.View([]int32{1})
	exec(t, pool, "ALTER TABLE lot_genealogy DISABLE TRIGGER lot_genealogy_taken")
	exec(t, pool, "DELETE FROM lot_genealogy WHERE child_id = $1", p.lots[1])
	for i := 3; i < 600; i += 2 { // others than the one that is asked for, more than a trace looks through
		p.void(t, pool, i, began.Add(time.Hour))
	}
	exec(t, pool, "UPDATE transformation SET changed_in = pg_current_xact_id() WHERE voided_at IS NOT NULL")
	for _, step := range []struct {
		when string
		view index.View
	}{{"more has changed than is looked through", view}, {"brought to the present", func() index.View { refresh(t, keeper); return keeper.View([]int32{1}) }()}} {
		for i := 3; i < 600; i += 2 {
			kin, err := trace.NewIndexed(pool, step.view).Kin(t.Context(), p.lots[i:i+1], trace.Ancestors, trace.Unbounded)
			if err != nil || len(kin[p.lots[i]]) != 0 {
				t.Fatalf("%s: lot %d has %d ancestors, %v", step.when, i, len(kin[p.lots[i]]), err)
			}
		}
	}
}

// TestIndexWhileOthersWrite has writers make and void links of two sites, while readers compare, each in one snapshot, what the index says
// with what SQL says, however far behind the index is.
func TestIndexWhileOthersWrite(t *testing.T) {
	t.Parallel()
	const writers, readers = 3, 3
	period := 2 * time.Second
	if dbtest.Full() {
		period = time.Minute
	}
	rng := rand.New(rand.NewPCG(3, 3))
	p := random(rng, 300)
	pool := dbtest.New(t, nil)
	p.store(t, pool)
	app := dbtest.AsApp(t, pool, nil)
	keeper := newKeeper(t, app)
	lots := newLotList(p.lots)
	ctx, cancel := context.WithTimeout(t.Context(), period)
	defer cancel()
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() { write(ctx, t, app, rand.New(rand.NewPCG(4, uint64(i))), lots) })
	}
	all.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			if err := keeper.Refresh(context.WithoutCancel(ctx)); err != nil {
				t.Error(err)
				return
			}
			pause := time.Duration(n%5) * 20 * time.Millisecond
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	})
	var compared, found atomic.Int64
	for i := range readers {
		rng := rand.New(rand.NewPCG(5, uint64(i)))
		all.Go(func() {
			for ctx.Err() == nil {
				roots := []uuid.UUID{lots.any(rng)}
				if rng.IntN(2) == 0 {
					roots = append(roots, lots.any(rng), lots.any(rng))
				}
				n, err := compare(context.WithoutCancel(ctx), app, keeper, slices.Compact(roots), trace.Direction(rng.IntN(2)))
				if err != nil {
					t.Error(err)
					return
				}
				compared.Add(1)
				found.Add(int64(n))
			}
		})
	}
	all.Wait()
	t.Logf("prove: while %d lots and links of others were written and voided, %d traces by index and SQL found the same, %d lots", lots.len()-len(p.lots), compared.Load(), found.Load())
}

// compare traces by the index and in SQL, at one instant.
func compare(ctx context.Context, pool *pgxpool.Pool, keeper *index.Keeper, roots []uuid.UUID, dir trace.Direction) (found int, err error) {
	sites := []int32{1}
	view := keeper.View(sites)
	if rand.IntN(2) == 0 { // another question first: the index falls behind
		if _, err := db.New(pool).GenealogyNow(ctx); err != nil {
			return 0, err
		}
	}
	snapshot := db.NewSnapshot(ctx, pool, db.Scope{Sites: sites})
	defer snapshot.Close()
	want, err := trace.NewFinder(snapshot).Kin(ctx, roots, dir, trace.Unbounded)
	if err != nil {
		return 0, err
	}
	got, err := trace.NewIndexed(snapshot, view).Kin(ctx, roots, dir, trace.Unbounded)
	if err != nil {
		return 0, err
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		return 0, fmt.Errorf("direction %d of %s: SQL and the index differ:\n%s", dir, roots, diff)
	}
	for _, kin := range got {
		found += len(kin)
	}
	return found, comparePlain(ctx, snapshot, view, roots[0], dir)
}

// comparePlain compares rows and links of one lot's kin, as the index and as SQL has them.
func comparePlain(ctx context.Context, snapshot *db.Snapshot, view index.View, root uuid.UUID, dir trace.Direction) error {
	read, indexed := trace.NewFinder(snapshot), trace.NewIndexed(snapshot, view)
	q := trace.Query{Root: root, Ancestors: dir == trace.Ancestors, Descendants: rand.IntN(2) == 0 || dir == trace.Descendants, MaxDepth: trace.Unbounded, Limit: trace.MaxGraph, Plain: true}
	want, err := read.Genealogy(ctx, q)
	if err != nil {
		return err
	}
	q.Making = rand.IntN(4) == 0
	got, err := indexed.Genealogy(ctx, q)
	if err != nil {
		return err
	}
	if !q.Making {
		for i := range want.Links {
			want.Links[i].TransformationID = uuid.Nil
		}
		for i := range got.Links { // where the index is behind, SQL tells
			got.Links[i].TransformationID = uuid.Nil
		}
	}
	if diff := cmp.Diff(want.Links, got.Links, cmpopts.EquateEmpty()); diff != "" {
		return fmt.Errorf("links of %s: SQL and the index differ:\n%s", root, diff)
	}
	question := trace.Question{Direction: dir, MaxDepth: trace.Unbounded, Most: trace.MaxGraph}
	_, wantRows, err := read.KinRows(ctx, root, question)
	if err != nil {
		return err
	}
	_, gotRows, err := indexed.KinRows(ctx, root, question)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(told(wantRows), told(gotRows), cmpopts.EquateEmpty(), cmp.Comparer(quantity.Decimal.Equal)); diff != "" {
		return fmt.Errorf("rows of the kin of %s: SQL and the index differ:\n%s", root, diff)
	}
	return nil
}

// told are rows by the lot, but for what the index doesn't tell.
func told(rows []lot.Row) map[uuid.UUID]lot.Row {
	out := make(map[uuid.UUID]lot.Row, len(rows))
	for _, row := range rows {
		row.Status, row.Held = nil, false
		out[row.ID] = row
	}
	return out
}

// lotList are lots that several write and read.
type lotList struct {
	mu  sync.Mutex
	all []uuid.UUID
}

func newLotList(lots []uuid.UUID) *lotList { return &lotList{all: slices.Clone(lots)} }

func (l *lotList) add(lot uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, lot)
}

func (l *lotList) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all)
}

// any is one of the lots, a late one likelier.
func (l *lotList) any(rng *rand.Rand) uuid.UUID {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.all)
	return l.all[n-1-int(float64(n)*rng.Float64()*rng.Float64())]
}

// write makes lots of others, voids some of what it made and alters lots, until ctx ends.
func write(ctx context.Context, t *testing.T, pool *pgxpool.Pool, rng *rand.Rand, lots *lotList) {
	t.Helper()
	var made []uuid.UUID
	for ctx.Err() == nil {
		ctx := context.WithoutCancel(ctx)
		change := func(fn func(q *db.Queries) error) bool {
			err := db.InTx(ctx, pool, db.Scope{Sites: []int32{1}}, fn)
			if err != nil {
				t.Error(err)
			}
			return err == nil
		}
		if rng.IntN(4) == 0 {
			if !change(func(q *db.Queries) error { return alter(ctx, q, lots.any(rng), rng) }) {
				return
			}
			continue
		}
		if len(made) > 0 && rng.IntN(4) == 0 {
			id := made[rng.IntN(len(made))] // voided twice, it is as it was
			if !change(func(q *db.Queries) error { return void(ctx, q, id) }) {
				return
			}
			continue
		}
		lot, event := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
		parents := []uuid.UUID{lots.any(rng), lots.any(rng)}
		slices.SortFunc(parents, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
		if !change(func(q *db.Queries) error { return insert(ctx, q, event, lot, slices.Compact(parents)) }) {
			return
		}
		lots.add(lot)
		made = append(made, event)
	}
}

// alter moves when a lot was made, as a correction does.
func alter(ctx context.Context, q *db.Queries, lot uuid.UUID, rng *rand.Rand) error {
	return q.SetLotTimes(ctx, db.SetLotTimesParams{SiteID: 1, OccurredAt: began.Add(time.Duration(rng.IntN(1000)) * time.Minute), Ids: []uuid.UUID{lot}})
}

func void(ctx context.Context, q *db.Queries, id uuid.UUID) error {
	at := began.Add(time.Hour)
	p := db.VoidTransformationsParams{SiteID: 1, VoidedAt: &at, Ids: []uuid.UUID{id}, Reasons: []string{"a slip of the pen"}, ReplacedByIds: []uuid.UUID{{}}}
	if err := q.VoidTransformations(ctx, p); err != nil {
		return err
	}
	return q.UnlinkTransformations(ctx, []uuid.UUID{id})
}

func insert(ctx context.Context, q *db.Queries, event, lot uuid.UUID, parents []uuid.UUID) error {
	goods := uuid.MustParse("00000000-0000-7000-8000-000000000001")
	if _, err := q.CopyLots(ctx, []db.CopyLotsParams{{
		ID: lot, SiteID: 1, Code: lot.String(), LotTypeID: goods, Status: db.LotStatusRELEASED, Source: db.LotSourcePERSON,
		Attributes: []byte("{}"), OccurredAt: began, RegisteredAt: began,
	}}); err != nil {
		return err
	}
	if _, err := q.CopyTransformations(ctx, []db.CopyTransformationsParams{{ID: event, SiteID: 1, Kind: db.TransformationKindPROCESS, OccurredAt: began, RecordedAt: began}}); err != nil {
		return err
	}
	var inputs []db.CopyTransformationInputsParams
	var links []db.CopyGenealogyParams
	for _, parent := range parents {
		inputs = append(inputs, db.CopyTransformationInputsParams{TransformationID: event, LotID: parent, SiteID: 1})
		links = append(links, db.CopyGenealogyParams{ChildID: lot, ParentID: parent, TransformationID: event, SiteID: 1, ParentSiteID: 1})
	}
	if _, err := q.CopyTransformationInputs(ctx, inputs); err != nil {
		return err
	}
	if _, err := q.CopyTransformationOutputs(ctx, []db.CopyTransformationOutputsParams{{TransformationID: event, LotID: lot, SiteID: 1}}); err != nil {
		return err
	}
	_, err := q.CopyGenealogy(ctx, links)
	return err
}
