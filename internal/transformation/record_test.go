package transformation_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

func TestRegisterLot(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	prep := p.Make("PREP", "100")
	kit := p.Make("KIT", "29.5", p.Of(prep, "30"))
	got := p.Lot(prep)
	if got.Code != "PREP-20261001-DUNA-0001" || got.RemainingKg.String() != "70.000" || got.Status != db.LotStatusRELEASED || *got.RegisteredBy != p.Operator.UserID {
		t.Errorf("the input: %+v", got)
	}
	if got := p.Lot(kit); got.Code != "KIT-20261001-DUNA-0001" || got.WeightKg.String() != "29.500" || got.Source != db.LotSourcePERSON {
		t.Errorf("the output: %+v", got)
	}
	p.Make("KIT", "70", p.Of(prep, ""))
	if got := p.Lot(prep); got.Status != db.LotStatusCONSUMED || !got.RemainingKg.IsZero() {
		t.Errorf("used up: %+v", got)
	}
	raw := p.Make("RAW", "10")
	if got := p.Lot(raw); got.Status != db.LotStatusQUARANTINE {
		t.Errorf("a blocking gate applies, and it is %s", got.Status)
	}
	_, err := p.TryMake("PREP", "1", p.Of(raw, "1"), p.Of(prep, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "quarantine")
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[1].lotId", "consumed")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	prep := p.Make("PREP", "100")
	other := p.AddSite("TISZ")
	for name, tc := range map[string]struct {
		change func(*transformation.Registration)
		code   fault.Code
		field  string
		part   string
	}{
		"more than remains": {func(r *transformation.Registration) { r.Inputs = []transformation.Draw{p.Of(prep, "100.001")} }, fault.FailedPrecondition, "inputs[0].quantityKg", "100.001 kg of PREP-20261001-DUNA-0001 are asked for, and 100.000 remain"},
		"twice": {func(r *transformation.Registration) {
			r.Inputs = []transformation.Draw{p.Of(prep, "1"), p.Of(prep, "2")}
		}, fault.BadUserInput, "inputs[1].lotId", "once"},
		"no such lot":      {func(r *transformation.Registration) { r.Inputs = []transformation.Draw{p.Of(uuid.UUID{1}, "1")} }, fault.NotFound, "inputs[0].lotId", "no such lot"},
		"no such type":     {func(r *transformation.Registration) { r.LotType = "NOPE" }, fault.NotFound, "lotType", "NOPE"},
		"which scenario's": {func(r *transformation.Registration) { r.LotType, r.ScenarioKey = "RAW", nil }, fault.BadUserInput, "lotType", "scenarioKey"},
		"a milligram":      {func(r *transformation.Registration) { r.WeightKg = linetest.Kg("1.0001") }, fault.BadUserInput, "weightKg", "3 decimals"},
		"too heavy":        {func(r *transformation.Registration) { r.WeightKg = linetest.Kg("10000.001") }, fault.BadUserInput, "weightKg", "10000"},
		"too hot":          {func(r *transformation.Registration) { r.TemperatureC = linetest.Kg("100.01") }, fault.BadUserInput, "temperatureC", "100"},
		"counted":          {func(r *transformation.Registration) { r.LotType = "PKG" }, fault.BadUserInput, "weightKg", "quantity"},
		"in the future":    {func(r *transformation.Registration) { r.OccurredAt = new(p.Now().Add(time.Hour)) }, fault.BadUserInput, "occurredAt", "future"},
		"before its input": {func(r *transformation.Registration) {
			r.OccurredAt = new(p.Now().Add(-time.Hour))
			r.Inputs = []transformation.Draw{p.Of(prep, "1")}
		}, fault.BadUserInput, "occurredAt", "later"},
		"another site":   {func(r *transformation.Registration) { r.SiteCode = other.Code }, fault.NotFound, "siteCode", "TISZ"},
		"no such state":  {func(r *transformation.Registration) { r.Attributes = attributes("LUKEWARM") }, fault.BadUserInput, "attributes.state", "CHILLED"},
		"no such run":    {func(r *transformation.Registration) { r.RunID = new(p.RunID(uuid.UUID{1})) }, fault.NotFound, "runId", "no such run"},
		"not a run's id": {func(r *transformation.Registration) { r.RunID = new(p.LotID(uuid.UUID{1})) }, fault.BadUserInput, "runId", "Lot"},
	} {
		r := transformation.Registration{
			SiteCode: "DUNA", ScenarioKey: new("chilled-ready-meal"), NewLot: transformation.NewLot{LotType: "KIT", WeightKg: linetest.Kg("1")},
		}
		tc.change(&r)
		_, err := p.Transformations.RegisterLot(p.As(p.Operator), r)
		if err == nil {
			t.Errorf("%s: not refused", name)
			continue
		}
		linetest.Refused(t, err, tc.code, tc.field, tc.part)
	}
	if got := p.Lot(prep); got.RemainingKg.String() != "100.000" {
		t.Errorf("refusals took something: %s remain", got.RemainingKg)
	}
}

// TestAllRefusalsAtOnce: one answer has what is wrong with a run, a type, a supplier and a lot; and another a lot that is stopped, of which less is
// there, and a rule that it would break.
func TestAllRefusalsAtOnce(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	r := transformation.Registrations{SiteCode: "DUNA", ScenarioKey: new("chilled-ready-meal"), Lots: []transformation.NewLot{
		{LotType: "NOPE"},
		{LotType: "RAW", WeightKg: linetest.Kg("1"), SupplierID: new(p.LotID(uuid.UUID{1}))},
		{LotType: "KIT", WeightKg: linetest.Kg("1"), Inputs: []transformation.Draw{{LotID: p.RunID(uuid.UUID{1})}, p.Of(uuid.UUID{2}, "1")}},
		{LotType: "PKG", WeightKg: linetest.Kg("1")},
	}}
	_, err := p.Transformations.RegisterLots(p.As(p.Operator), r)
	linetest.Refused(t, err, fault.NotFound, "lots[0].lotType", "NOPE")
	linetest.Refused(t, err, fault.BadUserInput, "lots[1].supplierId", "Partner")
	linetest.Refused(t, err, fault.BadUserInput, "lots[2].inputs[0].lotId", "Run")
	linetest.Refused(t, err, fault.NotFound, "lots[2].inputs[1].lotId", "no such lot")
	linetest.Refused(t, err, fault.BadUserInput, "lots[3].weightKg", "counted")
	r.RunID, r.ScenarioKey = new(p.RunID(uuid.UUID{1})), nil
	_, err = p.Transformations.RegisterLots(p.As(p.Operator), r)
	linetest.Refused(t, err, fault.NotFound, "lots[0].runId", "no such run")
	linetest.Refused(t, err, fault.NotFound, "lots[2].inputs[1].lotId", "no such lot")

	raw := p.Make("RAW", "10")
	_, err = p.TryMake("KIT", "1", p.Of(raw, "11"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "quarantine")
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].quantityKg", "11 kg of RAW-20261001-DUNA-0001 are asked for, and 10.000 remain")
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "ALLOWED_INPUTS")
}

func TestManyRegisterAtOnce(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	prep := p.Make("PREP", "100")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				// 40 times 3 kg: 33 of them fit
				if _, err := p.TryMake("KIT", "3", p.Of(prep, "3")); err != nil {
					linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].quantityKg", "remain")
				}
			}
		})
	}
	wg.Wait()
	var n, last int
	if err := p.Owner.QueryRow(t.Context(), `SELECT count(*), max(right(code, 4)::integer) FROM lot WHERE code LIKE 'KIT%'`).Scan(&n, &last); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(prep); n != 33 || last != 33 || got.RemainingKg.String() != "1.000" {
		t.Errorf("%d lots, the last number is %d, %s kg remain", n, last, got.RemainingKg)
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	prep := p.Make("PREP", "100")
	r := transformation.Registrations{SiteCode: "DUNA", ScenarioKey: new("chilled-ready-meal")}
	for range 100 {
		r.Lots = append(r.Lots, transformation.NewLot{LotType: "KIT", WeightKg: linetest.Kg("1"), Inputs: []transformation.Draw{p.Of(prep, "1")}})
	}
	r.Lots = append(r.Lots, transformation.NewLot{LotType: "KIT", WeightKg: linetest.Kg("1"), Inputs: []transformation.Draw{p.Of(prep, "0.001")}})
	_, err := p.Transformations.RegisterLots(p.As(p.Operator), r)
	linetest.Refused(t, err, fault.FailedPrecondition, "lots[100].inputs[0].quantityKg", "0.000 remain")
	r.Lots = r.Lots[:100]
	made, err := p.Transformations.RegisterLots(p.As(p.Operator), r)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(made[99].Lots[0]); got.Code != "KIT-20261001-DUNA-0100" {
		t.Errorf("the last is %s", got.Code)
	}
	if got := p.Lot(prep); got.Status != db.LotStatusCONSUMED {
		t.Errorf("used up: %s", got.Status)
	}
}

func TestShip(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	a, b := p.Make("TRAY", "10"), p.Make("TRAY", "20")
	shipment := transformation.Shipment{PartnerID: p.Customer}
	for _, id := range []uuid.UUID{a, b} {
		shipment.LotIDs = append(shipment.LotIDs, p.LotID(id))
	}
	if _, err := p.Transformations.ShipLots(p.As(p.Operator), shipment); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(b); got.Status != db.LotStatusSHIPPED || !got.RemainingKg.IsZero() {
		t.Errorf("%+v", got)
	}
	_, err := p.Transformations.ShipLots(p.As(p.Operator), shipment)
	linetest.Refused(t, err, fault.FailedPrecondition, "lotIds[1]", "was shipped")
	shipment.PartnerID = p.LotID(a)
	_, err = p.Transformations.ShipLots(p.As(p.Operator), shipment)
	linetest.Refused(t, err, fault.BadUserInput, "partnerId", "Lot")
}

// TestRulesOfTheScenario: what a rule forbids is refused on the field that the caller wrote, and what a new lot inherits is stored.
func TestRulesOfTheScenario(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	milk, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
		SiteCode: "DUNA", ScenarioKey: new("chilled-ready-meal"), NewLot: transformation.NewLot{
			LotType: "PREP", WeightKg: linetest.Kg("10"), Attributes: &lot.Attributes{Allergens: []string{"MILK"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	prep, kit := milk.Lots[0], p.Make("KIT", "1")
	_, err = p.TryMake("KIT", "2", p.Of(prep, "1"), p.Of(kit, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[1].lotId", "ALLOWED_INPUTS")
	made := lot.Lot{Lot: p.Lot(p.Make("KIT", "1", p.Of(prep, "1")))}
	got, err := made.Attributes()
	if err != nil || len(got.Allergens) != 1 || got.Allergens[0] != "MILK" || got.BestBefore == nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSamplesAndWasteAreNoGoods: they may be taken of what is stopped, and goods would come past its gates so.
func TestSamplesAndWasteAreNoGoods(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	wip := p.Make("WIP", "10")
	for _, kind := range []db.TransformationKind{db.TransformationKindSAMPLE, db.TransformationKindWASTE} {
		r := transformation.Recording{
			SiteCode: "DUNA", Kind: kind, ScenarioKey: new("chilled-ready-meal"), Inputs: []transformation.Draw{p.Of(wip, "1")},
			Outputs: []transformation.Output{{LotType: string(kind), WeightKg: linetest.Kg("0.5")}, {LotType: "TRAY", WeightKg: linetest.Kg("0.5")}},
		}
		_, err := p.Transformations.Record(p.As(p.Operator), r)
		linetest.Refused(t, err, fault.BadUserInput, "outputs[1].lotType", "TRAY has the role")
		r.Outputs = r.Outputs[:1]
		if _, err := p.Transformations.Record(p.As(p.Operator), r); err != nil {
			t.Error(err)
		}
	}
}

// TestTheSupplierOfAReceipt: a recall of a supplier's goods asks the lots whose they are.
func TestTheSupplierOfAReceipt(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	other := relay.ID{Kind: relay.Partner, Site: p.Site.ID, UUID: linetest.NewID()}
	third := relay.ID{Kind: relay.Partner, Site: p.Site.ID, UUID: linetest.NewID()}
	for _, partner := range []relay.ID{other, third} {
		if _, err := db.New(p.Owner).InsertPartner(t.Context(), db.InsertPartnerParams{ID: partner.UUID, SiteID: p.Site.ID, Name: partner.UUID.String()}); err != nil {
			t.Fatal(err)
		}
	}
	received, err := p.Transformations.Record(p.As(p.Operator), transformation.Recording{
		SiteCode: "DUNA", Kind: db.TransformationKindRECEIVE, ScenarioKey: new("chilled-ready-meal"), PartnerID: &p.Supplier,
		Outputs: []transformation.Output{{LotType: "RAW", WeightKg: linetest.Kg("5")}, {LotType: "RAW", WeightKg: linetest.Kg("5"), SupplierID: &third}},
	})
	if err != nil {
		t.Fatal(err)
	}
	supplied := func(want ...relay.ID) {
		t.Helper()
		for i, id := range received.Lots {
			if got := p.Lot(id).SupplierID; got == nil || *got != want[i].UUID {
				t.Errorf("lot %d is of %v, not %v", i, got, want[i].UUID)
			}
		}
	}
	supplied(p.Supplier, third)
	if _, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{
		TransformationID: madeBy(t, p, received.Lots[0]), Reason: "the papers were another lorry's", Replacement: &transformation.Replacement{PartnerID: &other},
	}); err != nil {
		t.Fatal(err)
	}
	supplied(other, third)
}

// TestAllThatKeepsAShipment: what is stopped, and what waits for a later result, at once.
func TestAllThatKeepsAShipment(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	held, waiting := p.Make("WIP", "1"), p.Make("FG", "1", p.Of(p.Make("TRAY", "1"), ""))
	stop(t, p, held)
	if _, err := p.Owner.Exec(t.Context(), "UPDATE lot SET status = 'RELEASED' WHERE id = $1", waiting); err != nil {
		t.Fatal(err)
	}
	_, err := p.Transformations.ShipLots(p.As(p.Operator), transformation.Shipment{LotIDs: []relay.ID{p.LotID(held), p.LotID(waiting)}, PartnerID: p.Customer})
	linetest.Refused(t, err, fault.FailedPrecondition, "lotIds[0]", "is held")
	linetest.Refused(t, err, fault.FailedPrecondition, "lotIds[1]", "lacks the result of gate 10")
}
