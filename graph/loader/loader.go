// Package loader batches what the fields of a query read: each relation of the schema has a Loader, and however many
// lots a query has, a relation costs it one statement a level. Loaders live for one response and cache for it: each event
// of a subscription gets fresh ones.
package loader

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"flowviz/internal/alert"
	"flowviz/internal/audit"
	"flowviz/internal/deviation"
	"flowviz/internal/equipment"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/product"
	"flowviz/internal/qc"
	"flowviz/internal/quantity"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
	"flowviz/internal/trace"
	"flowviz/internal/transformation"
)

// Finders are what loaders read with.
type Finders struct {
	Alert          *alert.Finder
	Audit          *audit.Finder
	Deviation      *deviation.Finder
	Equipment      *equipment.Finder
	Hold           *hold.Finder
	Identity       *identity.Finder
	Location       *location.Finder
	Lot            *lot.Finder
	Partner        *partner.Finder
	Product        *product.Finder
	Qc             *qc.Finder
	Recall         *recall.Finder
	Run            *run.Finder
	Scenario       *scenario.Finder
	Site           *site.Finder
	Trace          *trace.Finder
	Transformation *transformation.Finder

	// Guess may find a lot and its kin at once.
	Guess *trace.Guess
}

// KinArgs are the arguments of a walk.
type KinArgs struct {
	Direction trace.Direction
	MaxDepth  int32
}

// LinkArgs are the arguments of one step; Size 0 is all.
type LinkArgs struct {
	Direction trace.Direction
	Size      int32
}

// FilteredPage is one page of what matches a filter; the filter as FilterOf gives it.
type FilteredPage[F any] struct {
	Filter *F
	Page   relay.Page
}

// Loaders are one response's.
type Loaders struct {
	Alert          *Loader[uuid.UUID, *alert.Alert]
	APIToken       *Loader[uuid.UUID, *identity.APIToken]
	AuditEvent     *Loader[uuid.UUID, *audit.Event]
	Decision       *Loader[uuid.UUID, *qc.Decision]
	Deviation      *Loader[uuid.UUID, *deviation.Deviation]
	Equipment      *Loader[uuid.UUID, *equipment.Equipment]
	Gate           *Loader[uuid.UUID, *scenario.Gate]
	Location       *Loader[uuid.UUID, *location.Location]
	Lot            *Loader[uuid.UUID, *lot.Lot]
	LotType        *Loader[uuid.UUID, *scenario.LotType]
	Partner        *Loader[uuid.UUID, *partner.Partner]
	Phase          *Loader[uuid.UUID, *scenario.Phase]
	Product        *Loader[uuid.UUID, *product.Product]
	Recall         *Loader[uuid.UUID, *recall.Recall]
	Run            *Loader[uuid.UUID, *run.Run]
	Scenario       *Loader[uuid.UUID, *scenario.Scenario]
	Signature      *Loader[uuid.UUID, *identity.Signature]
	Site           *Loader[int32, *site.Site]
	Stream         *Loader[uuid.UUID, *scenario.Stream]
	Transformation *Loader[uuid.UUID, *transformation.Transformation]
	User           *Loader[uuid.UUID, *identity.User]

	Memberships *Loader[uuid.UUID, []*identity.Membership] // by user; those at the caller's sites

	EquipmentByLocation *Loader[uuid.UUID, []*equipment.Equipment]
	Recipes             *Loader[uuid.UUID, []*product.Recipe] // by product, all versions
	UsedKg              *Loader[uuid.UUID, quantity.Decimal]  // by location
	LotsByLocation      *Loader[Key[uuid.UUID, relay.Page], []*lot.Lot]
	LotCountsByLocation *Loader[uuid.UUID, int64]

	GatesByPhase       *Loader[uuid.UUID, []*scenario.Gate]
	GatesByScenario    *Loader[uuid.UUID, []*scenario.Gate]
	LotTypesByGate     *Loader[uuid.UUID, []*scenario.LotType]
	LotTypesByScenario *Loader[uuid.UUID, []*scenario.LotType]
	PhasesByScenario   *Loader[uuid.UUID, []*scenario.Phase]
	StreamsByScenario  *Loader[uuid.UUID, []*scenario.Stream]

	Inputs      *Loader[uuid.UUID, []*transformation.Item] // by transformation
	Outputs     *Loader[uuid.UUID, []*transformation.Item] // by transformation
	MassBalance *Loader[uuid.UUID, *transformation.MassBalance]

	Exposed   *Loader[uuid.UUID, bool]
	Exposures *Loader[Key[uuid.UUID, int32], []*hold.Exposure]
	Holds     *Loader[uuid.UUID, []*hold.Hold] // by lot

	Kin     *Loader[Key[uuid.UUID, KinArgs], []trace.Kin]
	Matches *Loader[Key[uuid.UUID, *lot.Filter], bool] // the filter as FilterOf gives it
	Links   *Loader[Key[uuid.UUID, LinkArgs], []trace.Link]

	Introduced *Loader[uuid.UUID, []string]   // allergens, by the lot with which they came in
	BestBefore *Loader[uuid.UUID, *time.Time] // by lot

	DecisionsByLot      *Loader[Key[uuid.UUID, relay.Page], []*qc.Decision]
	DecisionCountsByLot *Loader[uuid.UUID, int64]
	DecisionsByRun      *Loader[Key[uuid.UUID, relay.Page], []*qc.Decision]
	DecisionCountsByRun *Loader[uuid.UUID, int64]
	ReadingsByLot       *Loader[Key[uuid.UUID, FilteredPage[qc.ReadingFilter]], []*qc.Reading]
	ReadingCountsByLot  *Loader[Key[uuid.UUID, *qc.ReadingFilter], int64]
	ReadingsByLine      *Loader[Key[uuid.UUID, FilteredPage[qc.ReadingFilter]], []*qc.Reading]
	ReadingCountsByLine *Loader[Key[uuid.UUID, *qc.ReadingFilter], int64]
	AlertsByRun         *Loader[Key[uuid.UUID, relay.Page], []*alert.Alert]
	AlertCountsByRun    *Loader[uuid.UUID, int64]
	LotsByRun           *Loader[Key[uuid.UUID, FilteredPage[lot.Filter]], []*lot.Lot]
	LotCountsByRun      *Loader[Key[uuid.UUID, *lot.Filter], int64]
	MassBalanceOfRun    *Loader[uuid.UUID, *run.MassBalance]
	Summary             *Loader[*run.Run, *run.Summary]

	DecisionsByDeviation *Loader[uuid.UUID, []*qc.Decision]
	DeviationsByLot      *Loader[Key[uuid.UUID, relay.Page], []*deviation.Deviation]
	DeviationCountsByLot *Loader[uuid.UUID, int64]
	DeviationsByRun      *Loader[Key[uuid.UUID, relay.Page], []*deviation.Deviation]
	DeviationCountsByRun *Loader[uuid.UUID, int64]
	LotsByDeviation      *Loader[Key[uuid.UUID, relay.Page], []*lot.Lot]
	LotCountsByDeviation *Loader[uuid.UUID, int64]

	SuspectsByRecall      *Loader[Key[uuid.UUID, relay.Page], []*lot.Lot]
	SuspectCountsByRecall *Loader[uuid.UUID, int64]
	ReportByRecall        *Loader[uuid.UUID, *recall.Report] // the last one
	LotsByReport          *Loader[Key[uuid.UUID, relay.Page], []*lot.Lot]
	StockByReport         *Loader[uuid.UUID, []*recall.Stock]
	ConsigneesByReport    *Loader[uuid.UUID, []*recall.Consignee]

	filters sync.Map // by type and JSON
}

// filterKey keeps filters of different types apart.
type filterKey[F any] string

// FilterOf returns one address for equal filters: each run of a list brings its own copy, and they are to be asked
// together.
func FilterOf[F any](l *Loaders, filter *F) (*F, error) {
	if filter == nil {
		return nil, nil //nolint:nilnil // no filter
	}
	key, err := json.Marshal(filter)
	if err != nil {
		return nil, fmt.Errorf("compare a filter: %w", err)
	}
	same, _ := l.filters.LoadOrStore(filterKey[F](key), filter)
	return same.(*F), nil //nolint:forcetypeassert // nothing else is stored under this type
}

// newLoaders makes the loaders of one response, whose context is ctx; each gathers keys for wait.
func newLoaders(ctx context.Context, f *Finders, wait time.Duration) *Loaders {
	l, b := &Loaders{}, base{ctx, &level{wait: wait}}
	l.entities(b, f)
	l.definitions(b, f.Scenario)
	l.material(b, f)
	l.places(b, f)
	l.pages(b, f)
	l.deviations(b, f)
	l.recalls(b, f.Recall)
	return l
}

func (l *Loaders) entities(b base, f *Finders) {
	l.Alert = one(b, f.Alert.ByIDs, alert.Key)
	l.APIToken = one(b, f.Identity.APITokensByIDs, func(t *identity.APIToken) uuid.UUID { return t.ID })
	l.AuditEvent = one(b, f.Audit.ByIDs, audit.Key)
	l.Signature = one(b, f.Identity.SignaturesByIDs, func(s *identity.Signature) uuid.UUID { return s.ID })
	l.Decision = one(b, f.Qc.ByIDs, qc.Key)
	l.Deviation = one(b, f.Deviation.ByIDs, deviation.Key)
	l.Equipment = one(b, f.Equipment.ByIDs, func(e *equipment.Equipment) uuid.UUID { return e.ID })
	l.Gate = one(b, f.Scenario.GatesByIDs, func(g *scenario.Gate) uuid.UUID { return g.ID })
	l.Location = one(b, f.Location.ByIDs, func(l *location.Location) uuid.UUID { return l.ID })
	l.Lot = one(b, f.Lot.ByIDs, lot.Key)
	l.LotType = one(b, f.Scenario.LotTypesByIDs, func(t *scenario.LotType) uuid.UUID { return t.ID })
	l.Partner = one(b, f.Partner.ByIDs, func(p *partner.Partner) uuid.UUID { return p.ID })
	l.Phase = one(b, f.Scenario.PhasesByIDs, func(p *scenario.Phase) uuid.UUID { return p.ID })
	l.Product = one(b, f.Product.ByIDs, func(p *product.Product) uuid.UUID { return p.ID })
	l.Recall = one(b, f.Recall.ByIDs, recall.Key)
	l.Run = one(b, f.Run.ByIDs, func(r *run.Run) uuid.UUID { return r.ID })
	l.Scenario = one(b, f.Scenario.ByIDs, func(s *scenario.Scenario) uuid.UUID { return s.ID })
	l.Site = one(b, f.Site.ByIDs, func(s *site.Site) int32 { return s.ID })
	l.Stream = one(b, f.Scenario.StreamsByIDs, func(s *scenario.Stream) uuid.UUID { return s.ID })
	l.Transformation = one(b, f.Transformation.ByIDs, func(t *transformation.Transformation) uuid.UUID { return t.ID })
	l.User = one(b, f.Identity.ByIDs, func(u *identity.User) uuid.UUID { return u.ID })
	l.Memberships = many(b, f.Identity.MembershipsOf, func(m *identity.Membership) uuid.UUID { return m.UserID })
}

func (l *Loaders) definitions(b base, f *scenario.Finder) {
	l.GatesByPhase = many(b, f.GatesAt, func(g *scenario.Gate) uuid.UUID { return g.PhaseID })
	l.GatesByScenario = many(b, f.GatesOf, func(g *scenario.Gate) uuid.UUID { return g.ScenarioID })
	l.LotTypesByGate = newLoader(b, f.GateLotTypes)
	l.LotTypesByScenario = many(b, f.LotTypesOf, func(t *scenario.LotType) uuid.UUID { return *t.ScenarioID })
	l.PhasesByScenario = many(b, f.PhasesOf, func(p *scenario.Phase) uuid.UUID { return p.ScenarioID })
	l.StreamsByScenario = many(b, f.StreamsOf, func(s *scenario.Stream) uuid.UUID { return s.ScenarioID })
}

func (l *Loaders) material(b base, f *Finders) {
	l.Inputs = many(b, f.Transformation.Inputs, func(i *transformation.Item) uuid.UUID { return i.TransformationID })
	l.Outputs = many(b, f.Transformation.Outputs, func(i *transformation.Item) uuid.UUID { return i.TransformationID })
	l.MassBalance = one(b, f.Transformation.MassBalances, func(b *transformation.MassBalance) uuid.UUID { return b.LotID })
	l.Exposed = newLoader(b, f.Hold.Exposed)
	l.Exposures = grouped(b, func(ctx context.Context, lots []uuid.UUID, size int32) (map[uuid.UUID][]*hold.Exposure, error) {
		rows, err := f.Hold.Exposures(ctx, lots, size)
		return byParent(rows, func(e *hold.Exposure) uuid.UUID { return e.LotID }), err
	})
	l.Holds = many(b, f.Hold.ByLots, func(h *hold.Hold) uuid.UUID { return h.LotID })
	l.Kin = grouped(b, func(ctx context.Context, roots []uuid.UUID, args KinArgs) (map[uuid.UUID][]trace.Kin, error) {
		return f.Trace.Kin(ctx, roots, args.Direction, args.MaxDepth)
	})
	l.Introduced = newLoader(b, f.Trace.Introduced)
	l.BestBefore = newLoader(b, f.Trace.BestBefore)
	l.Matches = grouped(b, f.Lot.Matching)
	l.Links = grouped(b, func(ctx context.Context, lots []uuid.UUID, args LinkArgs) (map[uuid.UUID][]trace.Link, error) {
		if args.Direction == trace.Ancestors {
			rows, err := f.Trace.ParentLinks(ctx, lots, args.Size)
			return byParent(rows, func(l trace.Link) uuid.UUID { return l.ChildID }), err
		}
		rows, err := f.Trace.ChildLinks(ctx, lots, args.Size)
		return byParent(rows, func(l trace.Link) uuid.UUID { return l.ParentID }), err
	})
}

func (l *Loaders) places(b base, f *Finders) {
	l.EquipmentByLocation = many(b, f.Equipment.At, func(e *equipment.Equipment) uuid.UUID { return *e.LocationID })
	l.Recipes = many(b, f.Product.Recipes, func(r *product.Recipe) uuid.UUID { return r.ProductID })
	l.UsedKg = newLoader(b, f.Location.UsedKg)
	l.LotsByLocation = grouped(b, func(ctx context.Context, locations []uuid.UUID, page relay.Page) (map[uuid.UUID][]*lot.Lot, error) {
		rows, err := f.Lot.PageByLocations(ctx, locations, page)
		return byParent(rows, func(l *lot.Lot) uuid.UUID { return *l.LocationID }), err
	})
	l.LotCountsByLocation = newLoader(b, f.Lot.CountByLocations)
}

func (l *Loaders) pages(b base, f *Finders) {
	l.DecisionsByLot = grouped(b, func(ctx context.Context, lots []uuid.UUID, page relay.Page) (map[uuid.UUID][]*qc.Decision, error) {
		rows, err := f.Qc.PageByLots(ctx, lots, page)
		return byParent(rows, func(d *qc.Decision) uuid.UUID { return *d.LotID }), err
	})
	l.DecisionCountsByLot = newLoader(b, f.Qc.CountByLots)
	l.DecisionsByRun = grouped(b, func(ctx context.Context, runs []uuid.UUID, page relay.Page) (map[uuid.UUID][]*qc.Decision, error) {
		rows, err := f.Qc.PageByRuns(ctx, runs, page)
		return byParent(rows, func(d *qc.Decision) uuid.UUID { return *d.RunID }), err
	})
	l.DecisionCountsByRun = newLoader(b, f.Qc.CountByRuns)
	l.ReadingsByLot = grouped(b, func(ctx context.Context, lots []uuid.UUID, args FilteredPage[qc.ReadingFilter]) (map[uuid.UUID][]*qc.Reading, error) {
		rows, err := f.Qc.ReadingsByLots(ctx, lots, args.Filter, args.Page)
		return byParent(rows, func(r *qc.Reading) uuid.UUID { return *r.LotID }), err
	})
	l.ReadingCountsByLot = grouped(b, f.Qc.CountReadingsByLots)
	l.ReadingsByLine = grouped(b, func(ctx context.Context, runs []uuid.UUID, args FilteredPage[qc.ReadingFilter]) (map[uuid.UUID][]*qc.Reading, error) {
		rows, err := f.Qc.ReadingsByLines(ctx, runs, args.Filter, args.Page)
		return byParent(rows, func(r *qc.Reading) uuid.UUID { return *r.RunID }), err
	})
	l.ReadingCountsByLine = grouped(b, f.Qc.CountReadingsByLines)
	l.AlertsByRun = grouped(b, func(ctx context.Context, runs []uuid.UUID, page relay.Page) (map[uuid.UUID][]*alert.Alert, error) {
		rows, err := f.Alert.PageByRuns(ctx, runs, page)
		return byParent(rows, func(a *alert.Alert) uuid.UUID { return *a.RunID }), err
	})
	l.AlertCountsByRun = newLoader(b, f.Alert.CountByRuns)
	l.LotsByRun = grouped(b, func(ctx context.Context, runs []uuid.UUID, args FilteredPage[lot.Filter]) (map[uuid.UUID][]*lot.Lot, error) {
		rows, err := f.Lot.PageByRuns(ctx, runs, args.Filter, args.Page)
		return byParent(rows, func(l *lot.Lot) uuid.UUID { return *l.RunID }), err
	})
	l.LotCountsByRun = grouped(b, f.Lot.CountByRuns)
	l.MassBalanceOfRun = one(b, f.Run.MassBalances, func(m *run.MassBalance) uuid.UUID { return m.RunID })
	l.Summary = newLoader(b, func(ctx context.Context, runs []*run.Run) (map[*run.Run]*run.Summary, error) {
		sums, err := f.Run.Summaries(ctx, runs)
		found := make(map[*run.Run]*run.Summary, len(runs))
		for _, r := range runs {
			found[r] = sums[r.ID]
		}
		return found, err
	})
}

func (l *Loaders) deviations(b base, f *Finders) {
	l.DecisionsByDeviation = many(b, f.Qc.ByDeviations, func(d *qc.Decision) uuid.UUID { return *d.DeviationID })
	l.DeviationsByLot = grouped(b, f.Deviation.PageByLots)
	l.DeviationCountsByLot = newLoader(b, f.Deviation.CountByLots)
	l.DeviationsByRun = grouped(b, func(ctx context.Context, runs []uuid.UUID, page relay.Page) (map[uuid.UUID][]*deviation.Deviation, error) {
		rows, err := f.Deviation.PageByRuns(ctx, runs, page)
		return byParent(rows, func(d *deviation.Deviation) uuid.UUID { return *d.RunID }), err
	})
	l.DeviationCountsByRun = newLoader(b, f.Deviation.CountByRuns)
	l.LotsByDeviation = grouped(b, f.Deviation.LotsPage)
	l.LotCountsByDeviation = newLoader(b, f.Deviation.CountLots)
}

func (l *Loaders) recalls(b base, f *recall.Finder) {
	l.SuspectsByRecall = grouped(b, f.SuspectsPage)
	l.SuspectCountsByRecall = newLoader(b, f.CountSuspects)
	l.ReportByRecall = one(b, f.Reports, func(r *recall.Report) uuid.UUID { return r.RecallID })
	l.LotsByReport = grouped(b, f.LotsPage)
	l.StockByReport = many(b, f.Stock, func(s *recall.Stock) uuid.UUID { return s.ReportID })
	l.ConsigneesByReport = many(b, f.Consignees, func(c *recall.Consignee) uuid.UUID { return c.ReportID })
}

type contextKey struct{}

// reading is what a response reads with.
type reading struct {
	finders *Finders
	loaders func() *Loaders
}

// With gives a response's fields its finders and its loaders, which are made when the first field asks: a plain trace needs
// none.
func With(ctx context.Context, f *Finders, wait time.Duration) context.Context {
	return context.WithValue(ctx, contextKey{}, reading{f, sync.OnceValue(func() *Loaders { return newLoaders(ctx, f, wait) })})
}

// From finds the response's loaders.
func From(ctx context.Context) *Loaders { return from(ctx).loaders() }

// FindersFrom finds what reads the response's snapshot: for what no other field of the query can ask together with.
func FindersFrom(ctx context.Context) *Finders { return from(ctx).finders }

func from(ctx context.Context) reading {
	r, ok := ctx.Value(contextKey{}).(reading)
	if !ok {
		panic("loader: nothing to read with in this context: the handler attaches it to each response")
	}
	return r
}
