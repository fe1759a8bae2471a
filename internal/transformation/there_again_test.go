package transformation_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

func stop(t *testing.T, p *linetest.Plant, id uuid.UUID) {
	t.Helper()
	if _, err := p.Holds.HoldLots(p.As(p.Operator), hold.Holding{LotIDs: []relay.ID{p.LotID(id)}, Reason: "the supplier phones"}); err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Minute)
}

func reject(t *testing.T, p *linetest.Plant, id uuid.UUID) {
	t.Helper()
	if _, err := p.Holds.RejectLot(p.As(p.Manager), hold.Rejection{LotID: p.LotID(id), Reason: "it smells of diesel", Password: linetest.Password}); err != nil {
		t.Fatal(err)
	}
}

// heavier corrects what a lot weighed when it was made.
func heavier(t *testing.T, p *linetest.Plant, id uuid.UUID, kg string) {
	t.Helper()
	if _, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{
		TransformationID: madeBy(t, p, id), Reason: "the scale was read wrongly",
		Replacement: &transformation.Replacement{Outputs: []transformation.Revised{{LotID: p.LotID(id), WeightKg: linetest.Kg(kg)}}},
	}); err != nil {
		t.Fatal(err)
	}
}

// What is taken of a stopped lot is made of it, and is stopped with it.
func TestSamplesOfStoppedLotsAreExposed(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	held := p.Make("WIP", "10")
	made := p.Make("TRAY", "1", p.Of(held, "1"))
	stop(t, p, held)
	for of, lots := range map[uuid.UUID][]uuid.UUID{
		held: {p.Make("SAMPLE", "1", p.Of(held, "1")), p.Make("WASTE", "1", p.Of(held, "1"))}, made: {p.Make("WASTE", "0.5", p.Of(made, "0.5"))},
	} {
		for _, id := range lots {
			var exposed bool
			if err := p.Owner.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM exposure WHERE lot_id = $1 AND cause_lot_id = $2 AND ended_at IS NULL)", id, held).Scan(&exposed); err != nil || !exposed {
				t.Errorf("%s of %s is not exposed (%v)", p.Lot(id).Code, p.Lot(of).Code, err)
			}
		}
	}
}

// A consumed lot that turns out to have weighed more is there again, with the status that its gates give it; so is the rest of a shipped one.
func TestHeavierThanRecordedIsThereAgain(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	consumed, shipped := p.Make("WIP", "10"), p.Make("WIP", "10")
	p.Make("TRAY", "10", p.Of(consumed, ""))
	if _, err := p.Transformations.ShipLots(p.As(p.Operator), transformation.Shipment{LotIDs: []relay.ID{p.LotID(shipped)}, PartnerID: p.Customer}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{consumed, shipped} {
		heavier(t, p, id, "11")
		if got := p.Lot(id); got.Status != db.LotStatusRELEASED || got.RemainingKg.String() != "1.000" {
			t.Errorf("%s is %s with %s kg", got.Code, got.Status, got.RemainingKg)
		}
	}
}

// Rejected is rejected, also where something of a consumed lot is found again.
func TestWhatWasRejectedStaysSo(t *testing.T) {
	t.Parallel()
	for name, find := range map[string]func(t *testing.T, p *linetest.Plant, id, made uuid.UUID){
		"by a stocktake": func(t *testing.T, p *linetest.Plant, id, _ uuid.UUID) {
			if _, err := p.Lots.TakeStock(p.As(p.Manager), lot.Stocktake{LotID: p.LotID(id), RemainingKg: linetest.Kg("1"), Reason: "found behind the kettle"}); err != nil {
				t.Fatal(err)
			}
		},
		"heavier": func(t *testing.T, p *linetest.Plant, id, _ uuid.UUID) { heavier(t, p, id, "11") },
		"given back": func(t *testing.T, p *linetest.Plant, _, made uuid.UUID) {
			if _, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{TransformationID: madeBy(t, p, made), Reason: "it was another lot"}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := linetest.New(t)
			id := p.Make("WIP", "10")
			made := p.Make("TRAY", "10", p.Of(id, ""))
			stop(t, p, id)
			reject(t, p, id)
			find(t, p, id, made)
			if got := p.Lot(id); got.Status != db.LotStatusREJECTED || got.RemainingKg.IsZero() {
				t.Errorf("it is %s, and %s kg remain", got.Status, got.RemainingKg)
			}
		})
	}
}

// What a sample was taken of was used, though a stocktake found as much as before.
func TestVoidSeesWhatAStocktakeHides(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := p.Make("WIP", "10")
	p.Make("SAMPLE", "1", p.Of(id, "1"))
	if _, err := p.Lots.TakeStock(p.As(p.Manager), lot.Stocktake{LotID: p.LotID(id), RemainingKg: linetest.Kg("10"), Reason: "there is as much as before"}); err != nil {
		t.Fatal(err)
	}
	_, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{TransformationID: madeBy(t, p, id), Reason: "booked on the wrong day"})
	linetest.Refused(t, err, fault.FailedPrecondition, "transformationId", "was used since")
}
