package trace_test

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/quantity"
	"flowviz/internal/trace"
	"flowviz/internal/trace/index"
)

// shape makes a genealogy of about n lots.
type shape struct {
	name string
	make func(rng *rand.Rand, n int) *plant
}

// shapes are the random one, and those that have been the end of other traces: a diamond has as many ways as it is wide, a ladder twice as
// many with each step, a star's middle was used in all other lots, a chain is as deep as it is long.
var shapes = []shape{
	{"random", random},
	{"diamonds", func(rng *rand.Rand, n int) *plant {
		p := &plant{}
		top := p.add(rng)
		for len(p.lots) < n {
			var sides []int
			for range 2 + rng.IntN(6) {
				sides = append(sides, p.add(rng, top))
			}
			top = p.add(rng, sides...)
		}
		return p
	}},
	{"ladder", func(rng *rand.Rand, n int) *plant {
		p := &plant{}
		a, b := p.add(rng), p.add(rng)
		for before := p.add(rng); len(p.lots) < n; { // each rung is also made of the one before the last: ways are of many lengths
			a, b, before = p.add(rng, a, b, before), p.add(rng, a, b), a
		}
		return p
	}},
	{"star", func(rng *rand.Rand, n int) *plant {
		p := &plant{}
		middle := p.add(rng, p.add(rng), p.add(rng))
		for len(p.lots) < n {
			p.add(rng, middle)
		}
		return p
	}},
	{"chain", chain},
}

func chain(rng *rand.Rand, n int) *plant {
	p := &plant{}
	last := p.add(rng)
	for len(p.lots) < n {
		last = p.add(rng, last)
	}
	return p
}

// add makes a lot of others, of which it takes something.
func (p *plant) add(rng *rand.Rand, of ...int) int {
	lot, grams := len(p.lots), 100_000+rng.Int64N(900_000)
	var in []portion
	for _, from := range of {
		in = append(in, portion{from, 1 + rng.Int64N(p.grams[from])})
	}
	p.lots, p.grams = append(p.lots, number(1, lot+1)), append(p.grams, grams)
	p.takes, p.makes = append(p.takes, in), append(p.makes, []portion{{lot, grams}})
	p.at, p.voided = append(p.at, began.Add(time.Duration(lot)*time.Minute)), append(p.voided, false)
	return lot
}

// TestProveGenealogy compares what traces say of genealogies of each shape with a plain search and precise fractions: ancestors, descendants,
// depths, links, shares, ways and what lots share, now and as of earlier, before and after voids and holds, and while others write. Large, it does so of
// 300, and of a chain 5,000 deep.
func TestProveGenealogy(t *testing.T) {
	t.Parallel()
	genealogies, most, deep := 10, 300, 500
	if dbtest.Full() {
		genealogies, most, deep = 300, 2_000, 5_000
	}
	var asked, lots atomic.Int64
	work := make(chan int)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for i := range work {
				rng := rand.New(rand.NewPCG(uint64(i), 2))
				s := shapes[i%len(shapes)]
				n := 20 + rng.IntN(most-20)
				if i == 0 {
					s, n = shape{"chain", chain}, deep
				}
				p := s.make(rng, n)
				lots.Add(int64(len(p.lots)))
				name := fmt.Sprintf("genealogy %d, a %s of %d", i, s.name, len(p.lots))
				t.Run(name, func(t *testing.T) { // each with a database that goes when it ends
					asked.Add(proof{t: t, name: name, p: p, pool: dbtest.New(t, nil), rng: rng}.run())
				})
			}
		})
	}
	for i := range genealogies { //nolint:paralleltest // two at a time, since each has a database
		work <- i
	}
	close(work)
	all.Wait()
	t.Logf("prove: %d genealogies of %d lots, one %d deep, %d questions answered as a plain search does", genealogies, lots.Load(), deep, asked.Load())
}

// proof is one genealogy that is asked about.
type proof struct {
	t     *testing.T
	name  string
	p     *plant
	pool  *pgxpool.Pool
	index *index.Keeper
	rng   *rand.Rand
	asked int64
}

func (f proof) run() int64 {
	f.p.store(f.t, f.pool)
	f.index = newKeeper(f.t, f.pool)
	f.compare("stored", nil, f.p.inForce)
	voidedAt := f.p.at[len(f.p.at)-1].Add(time.Hour)
	for range 3 {
		f.p.void(f.t, f.pool, f.rng.IntN(len(f.p.takes)), voidedAt)
	}
	f.hold()
	f.compare("voided and held", nil, f.p.inForce)
	refresh(f.t, f.index)
	f.compare("voided and held, as the index knows", nil, f.p.inForce)
	f.compare("before the voids", new(voidedAt.Add(-time.Second)), func(int) bool { return true })
	half := f.p.at[len(f.p.at)/2]
	f.compare("half of it recorded", &half, func(i int) bool { return !f.p.at[i].After(half) })
	f.whileOthersWrite()
	return f.asked
}

func (f *proof) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Errorf("%s: %v", f.name, err)
	}
}

// same compares an answer with the oracle's.
func (f *proof) same(what string, want, got any) {
	f.t.Helper()
	f.asked++
	if reflect.DeepEqual(want, got) { // cmp sorts large maps, which takes longer than all the rest
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("%s: %s (-want +got):\n%.2000s", f.name, what, diff)
	}
}

// roots are lots to ask about: the first and the last, some, and those next to what was voided.
func (f *proof) roots() []int {
	roots := []int{0, len(f.p.lots) - 1, f.rng.IntN(len(f.p.lots)), f.rng.IntN(len(f.p.lots))}
	if i := slices.Index(f.p.voided, true); i >= 0 {
		roots = append(roots, f.p.makes[i][0].lot)
		if len(f.p.takes[i]) > 0 {
			roots = append(roots, f.p.takes[i][0].lot)
		}
	}
	return roots
}

// compare asks about some lots, in SQL and by the index, however far that is behind; what they share and ways only of now.
func (f *proof) compare(when string, asOf *time.Time, counts func(int) bool) {
	f.compareBy(when+", in SQL", trace.NewFinder(f.pool), asOf, counts)
	f.compareBy(when+", by the index", trace.NewIndexed(f.pool, f.index.View([]int32{1})), asOf, counts)
}

func (f *proof) compareBy(when string, finder *trace.Finder, asOf *time.Time, counts func(int) bool) {
	for _, root := range f.roots() {
		g, err := finder.Genealogy(f.t.Context(), trace.Query{Root: f.p.lots[root], Ancestors: true, Descendants: true, MaxDepth: trace.Unbounded, Limit: trace.MaxGraph, AsOf: asOf})
		if err != nil {
			f.must(err)
			continue
		}
		up, down := f.p.kin(root, trace.Ancestors, trace.Unbounded, counts), f.p.kin(root, trace.Descendants, trace.Unbounded, counts)
		f.same(when+": ancestors", up, depths(g.Ancestors))
		f.same(when+": descendants", down, depths(g.Descendants))
		f.same(when+": links", f.p.links(root, up, down, counts), len(g.Links))
		if asOf == nil {
			f.plain(when, finder, g)
		}
		shares, err := finder.Shares(f.t.Context(), g)
		f.must(err)
		f.same(when+": shares", f.p.roundedShares(root, down, counts, shares), shares)
	}
	if asOf != nil {
		return
	}
	f.common(when, finder)
	f.ways(when, finder)
}

// plain compares a genealogy with the same one asked for to be written straight: its links, and of all its lots what they are called and weigh.
func (f *proof) plain(when string, finder *trace.Finder, want *trace.Genealogy) {
	g, err := finder.Genealogy(f.t.Context(), trace.Query{Root: want.Root, Ancestors: true, Descendants: true, MaxDepth: trace.Unbounded, Limit: trace.MaxGraph, Plain: true})
	if err != nil {
		f.must(err)
		return
	}
	pairs := func(links []trace.Link) (out [][2]uuid.UUID) {
		for _, l := range links {
			out = append(out, [2]uuid.UUID{l.ParentID, l.ChildID})
		}
		return out
	}
	f.same(when+": links without transformations", pairs(want.Links), pairs(g.Links))
	if g.Rows == nil { // not from an index
		return
	}
	weigh, told := map[uuid.UUID]string{}, map[uuid.UUID]string{}
	for i, id := range f.p.lots {
		weigh[id] = quantity.Grams(f.p.grams[i]).String()
	}
	for _, row := range g.Rows {
		told[row.ID] = row.WeightKg.String()
	}
	maps.DeleteFunc(weigh, func(id uuid.UUID, _ string) bool { _, ok := told[id]; return !ok })
	f.same(when+": lots with rows", 1+len(want.Ancestors)+len(want.Descendants), len(told))
	f.same(when+": weights", weigh, told)
}

// roundedShares is the oracle to the gram, of lots below a root; those that hold nothing of it have none. Where two grams are as near, to a
// twentieth of a milligram, it is the one that was answered.
func (p *plant) roundedShares(root int, down map[uuid.UUID]int32, counts func(int) bool, answered map[uuid.UUID]quantity.Decimal) map[uuid.UUID]quantity.Decimal {
	const near = 5e-5 // of a gram
	exact := p.sharesOf(root, counts)
	out := map[uuid.UUID]quantity.Decimal{p.lots[root]: quantity.Grams(p.grams[root])}
	for lot, share := range exact {
		if _, ok := down[p.lots[lot]]; ok {
			grams, _ := share.Float64()
			out[p.lots[lot]] = quantity.Grams(int64(grams + 0.5))
			if _, part := math.Modf(grams); math.Abs(part-0.5) < near {
				for _, either := range []float64{math.Floor(grams), math.Ceil(grams)} {
					if g := quantity.Grams(int64(either)); g.Equal(answered[p.lots[lot]]) {
						out[p.lots[lot]] = g
					}
				}
			}
		}
	}
	return out
}

// common compares what three lots share.
func (f *proof) common(when string, finder *trace.Finder) {
	lots := []int{len(f.p.lots) - 1, f.rng.IntN(len(f.p.lots)), f.rng.IntN(len(f.p.lots))}
	slices.Sort(lots)
	lots = slices.Compact(lots)
	want := map[uuid.UUID]int32{}
	var ids []uuid.UUID
	for i, lot := range lots {
		ids = append(ids, f.p.lots[lot])
		up := f.p.kin(lot, trace.Ancestors, trace.Unbounded, f.p.inForce)
		up[f.p.lots[lot]] = 0
		if i == 0 {
			want = up
			continue
		}
		for id, depth := range want {
			if d, ok := up[id]; ok {
				want[id] = max(depth, d)
			} else {
				delete(want, id)
			}
		}
	}
	got, err := finder.Common(f.t.Context(), ids)
	f.must(err)
	f.same(when+": what lots share", want, depths(got))
}

// ways compares the lengths of the shortest ways between two lots with a count of all ways by their length, and looks at each way.
func (f *proof) ways(when string, finder *trace.Finder) {
	const most = 20
	from, to := f.rng.IntN(len(f.p.lots)-1), len(f.p.lots)-1
	if up := f.p.kin(to, trace.Ancestors, trace.Unbounded, f.p.inForce); len(up) > 0 { // else from a lot that leads nowhere
		for from = f.rng.IntN(len(f.p.lots)); up[f.p.lots[from]] == 0; from = (from + 1) % len(f.p.lots) {
		}
	}
	found, err := finder.Between(f.t.Context(), f.p.lots[from], f.p.lots[to], most)
	if err != nil {
		f.must(err)
		return
	}
	children := map[int]map[int]bool{}
	for i := range f.p.takes {
		for _, in := range f.p.takes[i] {
			for _, out := range f.p.makes[i] {
				if f.p.inForce(i) {
					if children[in.lot] == nil {
						children[in.lot] = map[int]bool{}
					}
					children[in.lot][out.lot] = true
				}
			}
		}
	}
	var want, got []int
	for here, steps := map[int]int{from: 1}, 0; len(here) > 0 && len(want) <= most; steps++ { // in how many ways each lot is reached in so many steps
		next := map[int]int{}
		for lot, ways := range here {
			if lot == to {
				for range min(ways, most+1) {
					want = append(want, steps)
				}
			}
			for child := range children[lot] {
				next[child] = min(next[child]+ways, most+1)
			}
		}
		here = next
	}
	seen := map[string]bool{}
	for _, way := range found.Lots {
		got = append(got, len(way)-1)
		seen[fmt.Sprint(way)] = true
		for i := range way[1:] {
			if !children[slices.Index(f.p.lots, way[i])][slices.Index(f.p.lots, way[i+1])] {
				f.t.Errorf("%s: %s: a way goes where no link is", f.name, when)
			}
		}
	}
	f.same(when+": there are more ways", len(want) > most, found.Truncated)
	f.same(when+": lengths of ways", want[:min(len(want), most)], got)
	f.same(when+": each way once", len(got), len(seen))
}

// hold holds two lots and compares what is exposed.
func (f *proof) hold() {
	users, at := newUser(f.t, f.pool), began.Add(time.Hour*100)
	want := map[uuid.UUID]bool{}
	err := db.InTx(f.t.Context(), f.pool, db.Scope{}, func(q *db.Queries) error {
		p := db.InsertHoldsParams{SiteID: 1, Reason: "the supplier phoned", HeldAt: at, HeldBy: users}
		for i := range 2 {
			lot := f.rng.IntN(len(f.p.lots))
			p.Ids, p.LotIds = append(p.Ids, number(3, i+1)), append(p.LotIds, f.p.lots[lot])
			for id := range f.p.kin(lot, trace.Descendants, trace.Unbounded, f.p.inForce) {
				want[id] = true
			}
		}
		if err := q.InsertHolds(f.t.Context(), p); err != nil {
			return err
		}
		_, err := q.ExposeDescendants(f.t.Context(), db.ExposeDescendantsParams{HoldIds: p.Ids, Reason: db.ExposureReasonHOLD, ExposedAt: at})
		return err
	})
	f.must(err)
	exposed, err := db.New(f.pool).ExposedLots(f.t.Context(), f.p.lots)
	f.must(err)
	got := map[uuid.UUID]bool{}
	for _, id := range exposed {
		got[id] = true
	}
	f.same("what is exposed to a hold", want, got)
}

func newUser(t *testing.T, pool *pgxpool.Pool) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	if err := db.New(pool).InsertUser(t.Context(), db.InsertUserParams{ID: id, Email: id.String() + "@example.com", FullName: "Tester", CreatedAt: began}); err != nil {
		t.Error(err)
	}
	return id
}

// whileOthersWrite voids transformations one after the other while it asks: each answer is what a search finds before one of the voids or after
// it, never a mixture.
func (f *proof) whileOthersWrite() {
	const voids = 10
	root := 0
	var states []map[uuid.UUID]int32
	state := func() { states = append(states, f.p.kin(root, trace.Descendants, trace.Unbounded, f.p.inForce)) }
	state()
	var which []int
	for range voids {
		i := f.rng.IntN(len(f.p.takes))
		if f.p.voided[i] {
			continue
		}
		which = append(which, i)
		f.p.voided[i] = true
		state()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n, i := range which {
			f.p.void(f.t, f.pool, i, began.Add(200*time.Hour))
			if n%2 == 0 {
				f.must(f.index.Refresh(f.t.Context()))
			}
		}
	}()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true // and once more after it
		default:
		}
		sites := []int32{1}
		view := f.index.View(sites)
		snapshot := db.NewSnapshot(f.t.Context(), f.pool, db.Scope{Sites: sites})
		g, err := trace.NewIndexed(snapshot, view).Genealogy(f.t.Context(), trace.Query{Root: f.p.lots[root], Descendants: true, MaxDepth: trace.Unbounded, Limit: trace.MaxGraph})
		snapshot.Close()
		if err != nil {
			f.must(err)
			continue
		}
		got := depths(g.Descendants)
		f.asked++
		if !slices.ContainsFunc(states, func(s map[uuid.UUID]int32) bool { return maps.Equal(s, got) }) {
			f.t.Errorf("%s: while others write, %d descendants were found, as there never were", f.name, len(got))
		}
	}
	f.compare("written by others", nil, f.p.inForce)
}

// precise is a number that is right to 512 bits: exact fractions of a chain 5,000 deep have 100,000.
func precise(n int64) *big.Float { return new(big.Float).SetPrec(512).SetInt64(n) }

// sharesOf is the oracle, in grams, over the transformations that count: they stand in an order in which inputs come first.
func (p *plant) sharesOf(root int, counts func(int) bool) map[int]*big.Float {
	of := map[int]*big.Float{root: precise(p.grams[root])}
	portionOf := func(all *big.Float, some, of int64) *big.Float {
		part := precise(some)
		return part.Quo(part.Mul(part, all), precise(of))
	}
	for i := range p.takes {
		if !counts(i) {
			continue
		}
		held, in, out := precise(0), int64(0), int64(0)
		for _, q := range p.takes[i] {
			in += q.grams
			if share, ok := of[q.lot]; ok {
				held.Add(held, portionOf(share, q.grams, p.grams[q.lot]))
			}
		}
		for _, q := range p.makes[i] {
			out += q.grams
		}
		if held.Sign() == 0 {
			continue
		}
		for _, q := range p.makes[i] {
			of[q.lot] = portionOf(held, q.grams, max(in, out))
		}
	}
	return of
}

// TestAWayIsFoundOnce: two transformations made a lot of the same other one, as documents of others tell.
func TestAWayIsFoundOnce(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	p := &plant{}
	raw := p.add(rng)
	made := p.add(rng, raw)
	p.takes, p.makes = append(p.takes, p.takes[1]), append(p.makes, p.makes[1])
	p.at, p.voided = append(p.at, began), append(p.voided, false)
	pool := dbtest.New(t, nil)
	p.store(t, pool)
	found, err := trace.NewFinder(pool).Between(t.Context(), p.lots[raw], p.lots[made], 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&trace.Paths{Lots: [][]uuid.UUID{{p.lots[raw], p.lots[made]}}}, found); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
