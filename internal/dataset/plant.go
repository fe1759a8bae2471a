package dataset

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
)

// plant is a site of the data set: the number-th, from 1.
type plant struct {
	number int
	id     int32
	lots   int // chain not counted
	size   int // lots of a full site
}

// maxSites is how many codes of four letters there are.
const maxSites = 26 * 26 * 26 * 26

// code is AAAA for the first site, AAAB for the second, and so on.
func (p plant) code() string {
	var code [4]byte
	n := p.number - 1
	for i := len(code) - 1; i >= 0; i-- {
		code[i] = byte('A' + n%26)
		n /= 26
	}
	return string(code[:])
}

// chain is whether the site has one.
func (p plant) chain() bool { return p.number%chainEvery == 0 }

// random is the site's own source, so that sites don't depend on each other. Stream 0 is the scenario's.
func (p plant) random(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(p.number)))
}

// draw draws the site's lots.
func (p plant) draw(r *rand.Rand) []lot {
	lots := drawLots(r, p.lots)
	if p.chain() {
		lots = appendChain(r, lots)
	}
	return lots
}

func storePlants(ctx context.Context, q *db.Queries, opt Options) ([]plant, error) {
	plants := make([]plant, opt.sites())
	for i := range plants {
		p := plant{number: i + 1, size: opt.SiteSize, lots: min(opt.SiteSize, opt.Lots-i*opt.SiteSize)}
		var err error
		p.id, err = q.InsertSite(ctx, db.InsertSiteParams{Code: p.code(), Name: "Site " + p.code(), TimeZone: "UTC"})
		if err != nil {
			return nil, err
		}
		plants[i] = p
	}
	return plants, nil
}

// lotTypes are what the lots are of: raw ones, and all others in turn.
type lotTypes struct {
	raw  db.LotType
	made []db.LotType
}

// scenarioKey is the built-in scenario whose lot types are used. No run follows it here.
const scenarioKey = "doner-frozen"

// storeLotTypes stores the scenario if it isn't there, and returns its raw meat, and what is weighed and made of it.
func storeLotTypes(ctx context.Context, q *db.Queries, seed uint64) (lotTypes, error) {
	def, err := builtIn(scenarioKey)
	if err != nil {
		return lotTypes{}, err
	}
	r := rand.New(rand.NewPCG(seed, 0))
	id := func() uuid.UUID { return newID(r, periodStart()) }
	if _, err := scenario.Store(ctx, q, def, id, db.ScenarioStatusPUBLISHED); err != nil {
		return lotTypes{}, err
	}
	stored, err := q.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: def.Key, Version: &def.Version})
	if err != nil {
		return lotTypes{}, err
	}
	rows, err := q.LotTypesByScenarios(ctx, []uuid.UUID{stored.ID})
	if err != nil {
		return lotTypes{}, err
	}
	return chooseLotTypes(rows)
}

func chooseLotTypes(rows []db.LotType) (lotTypes, error) {
	var types lotTypes
	for _, t := range rows {
		switch {
		case t.Code == "RAW":
			types.raw = t
		case t.Unit == "KGM" && (t.Role == db.LotRoleINTERMEDIATE || t.Role == db.LotRoleFINISHED):
			types.made = append(types.made, t)
		}
	}
	if types.raw.Code == "" || len(types.made) == 0 {
		return lotTypes{}, fault.New(fault.FailedPrecondition, "", "scenario %s has no lot type RAW, or none of weighed goods", scenarioKey)
	}
	return types, nil
}

func builtIn(key string) (*definition.Scenario, error) {
	scenarios, err := catalogue.All()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(scenarios, func(s *definition.Scenario) bool { return s.Key == key })
	if i < 0 {
		return nil, fault.New(fault.FailedPrecondition, "", "scenario %s isn't in the catalogue", key)
	}
	return scenarios[i], nil
}
