package hold_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

const phoned = "the supplier phoned about it"

func holdLots(p *linetest.Plant, ids ...uuid.UUID) error {
	h := hold.Holding{Reason: phoned}
	for _, id := range ids {
		h.LotIDs = append(h.LotIDs, p.LotID(id))
	}
	_, err := p.Holds.HoldLots(p.As(p.Operator), h)
	return err
}

func release(p *linetest.Plant, who *identity.Actor, id uuid.UUID) error {
	_, err := p.Holds.ReleaseLot(p.As(who), hold.Release{LotID: p.LotID(id), Reason: "the supplier took it back", Password: linetest.Password})
	return err
}

func reject(p *linetest.Plant, id uuid.UUID) error {
	_, err := p.Holds.RejectLot(p.As(p.Manager), hold.Rejection{LotID: p.LotID(id), Reason: "it smells of diesel", Password: linetest.Password})
	return err
}

// exposed are the causes, by the lot's code, for which a lot is exposed.
func exposed(t *testing.T, p *linetest.Plant, id uuid.UUID) map[string]string {
	t.Helper()
	rows, err := db.New(p.Owner).ExposuresByLots(t.Context(), db.ExposuresByLotsParams{LotIds: []uuid.UUID{id}, Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	causes := map[string]string{}
	for _, row := range rows {
		causes[p.Lot(row.CauseLotID).Code] = string(row.Reason)
	}
	return causes
}

// family is three generations: wip went into tray and, with other, into rework; more of the tray was sold.
type family struct{ wip, other, tray, rework, sold uuid.UUID }

func newFamily(t *testing.T, p *linetest.Plant) (f family) {
	t.Helper()
	f.wip, f.other = p.Make("WIP", "10"), p.Make("WIP", "10")
	f.tray = p.Make("TRAY", "5", p.Of(f.wip, "5"))
	f.rework = p.Make("REWORK", "4", p.Of(f.tray, "2"), p.Of(f.other, "2"))
	f.sold = p.Make("REWORK", "3", p.Of(f.tray, ""))
	if _, err := p.Transformations.ShipLots(p.As(p.Operator), transformation.Shipment{LotIDs: []relay.ID{p.LotID(f.sold)}, PartnerID: p.Customer}); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestHoldReachesAllThatWasMade(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	f := newFamily(t, p)
	if err := holdLots(p, f.wip); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{f.tray, f.rework, f.sold} {
		if got := exposed(t, p, id); got["WIP-20261001-DUNA-0001"] != "HOLD" {
			t.Errorf("%s is exposed to %v", p.Lot(id).Code, got)
		}
	}
	if got := exposed(t, p, f.other); len(got) > 0 {
		t.Errorf("what wasn't made of it is exposed to %v", got)
	}
	if got := p.Lot(f.sold); got.Status != db.LotStatusSHIPPED {
		t.Errorf("what was shipped is %s", got.Status)
	}
	_, err := p.TryMake("TRAY", "1", p.Of(f.wip, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is held")
	_, err = p.TryMake("REWORK", "1", p.Of(f.rework, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is exposed")
	if _, err = p.TryMake("SAMPLE", "0.1", p.Of(f.wip, "0.1")); err != nil {
		t.Errorf("a sample may always be taken: %v", err)
	}

	// It stays exposed while any other cause remains.
	if err := holdLots(p, f.other); err != nil {
		t.Fatal(err)
	}
	linetest.Refused(t, release(p, p.Operator, f.wip), fault.Forbidden, "", "MANAGER")
	if err := release(p, p.Manager, f.wip); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(f.wip); got.Held || got.Status != db.LotStatusRELEASED {
		t.Errorf("released: %+v", got)
	}
	if got := exposed(t, p, f.tray); len(got) > 0 {
		t.Errorf("the tray is exposed to %v", got)
	}
	if got := exposed(t, p, f.rework); len(got) != 1 || got["WIP-20261001-DUNA-0002"] != "HOLD" {
		t.Errorf("the rework is exposed to %v", got)
	}
	linetest.Refused(t, release(p, p.Manager, f.wip), fault.FailedPrecondition, "lotId", "nobody holds")
}

func TestRejectIsFinal(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	f := newFamily(t, p)
	if err := reject(p, f.wip); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(f.wip); got.Status != db.LotStatusREJECTED || got.Held {
		t.Errorf("rejected: %+v", got)
	}
	if got := exposed(t, p, f.rework); got["WIP-20261001-DUNA-0001"] != "REJECTED" {
		t.Errorf("the rework is exposed to %v", got)
	}
	linetest.Refused(t, reject(p, f.wip), fault.FailedPrecondition, "lotId", "rejected already")
	p.Pass(time.Minute)
	if err := holdLots(p, f.wip); err != nil { // for something else
		t.Fatal(err)
	}
	if err := reject(p, f.wip); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(f.wip); got.Status != db.LotStatusREJECTED || got.Held {
		t.Errorf("rejected again: %+v", got)
	}
	if got := exposed(t, p, f.rework); got["WIP-20261001-DUNA-0001"] != "REJECTED" {
		t.Errorf("the rework is exposed to %v", got)
	}
	linetest.Refused(t, reject(p, f.wip), fault.FailedPrecondition, "lotId", "rejected already")
	linetest.Refused(t, release(p, p.Manager, f.wip), fault.FailedPrecondition, "lotId", "nobody holds")
	if _, err := p.TryMake("WASTE", "5", p.Of(f.wip, "")); err != nil {
		t.Errorf("waste may always be taken: %v", err)
	}
	if got := p.Lot(f.wip); got.Status != db.LotStatusREJECTED {
		t.Errorf("destroyed, and %s", got.Status)
	}
	if err := reject(p, f.sold); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(f.sold); got.Status != db.LotStatusSHIPPED {
		t.Errorf("rejected after it was shipped: %s", got.Status)
	}
}

// TestRejectKeepsWhatWasVoided: voiding the transformation through which a lot is exposed doesn't let it go, nor what was made of it, when what
// it was recorded to be made of turns out bad.
func TestRejectKeepsWhatWasVoided(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	f := newFamily(t, p)
	spare := p.Make("WIP", "10")
	p.Pass(time.Minute)
	if err := holdLots(p, f.wip); err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Minute)
	void := transformation.Void{
		TransformationID: relay.ID{Kind: relay.Transformation, Site: p.Site.ID}, Reason: "it was the other lot",
		Replacement: &transformation.Replacement{Inputs: []transformation.Draw{p.Of(spare, "5")}},
	}
	if err := p.Owner.QueryRow(t.Context(), "SELECT transformation_id FROM transformation_output WHERE lot_id = $1", f.tray).Scan(&void.TransformationID.UUID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Transformations.VoidTransformation(p.As(p.Manager), void); err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Minute)
	if err := reject(p, f.wip); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{f.tray, f.rework, f.sold} {
		if got := exposed(t, p, id); len(got) != 1 || got["WIP-20261001-DUNA-0001"] != "REJECTED" {
			t.Errorf("%s is exposed to %v", p.Lot(id).Code, got)
		}
	}
	_, err := p.TryMake("REWORK", "1", p.Of(f.rework, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is exposed")
}

func TestClearExposure(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	f := newFamily(t, p)
	_, err := p.Holds.HoldLots(p.As(p.Manager), hold.Holding{LotIDs: []relay.ID{p.LotID(f.wip)}, Reason: phoned})
	if err != nil {
		t.Fatal(err)
	}
	c := hold.Clearance{LotID: p.LotID(f.tray), CauseLotID: p.LotID(f.wip), Reason: "the tray was cooked for an hour since", Password: linetest.Password}
	clearIt := func(who *identity.Actor) error {
		_, err := p.Holds.ClearExposure(p.As(who), c)
		return err
	}
	linetest.Refused(t, clearIt(p.Manager), fault.FailedPrecondition, "causeLotId", "somebody else")
	linetest.Refused(t, clearIt(p.Operator), fault.Forbidden, "", "MANAGER")
	if err := clearIt(p.Second); err != nil {
		t.Fatal(err)
	}
	linetest.Refused(t, clearIt(p.Second), fault.FailedPrecondition, "causeLotId", "is not exposed")
	if got := exposed(t, p, f.tray); len(got) > 0 {
		t.Errorf("the tray is exposed to %v", got)
	}
	if got := exposed(t, p, f.rework); len(got) != 1 {
		t.Errorf("what was made of it before is evaluated by itself: %v", got)
	}
	if _, err := p.TryMake("REWORK", "1", p.Of(f.tray, "")); err != nil {
		// The tray is used up; another line says so.
		linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "consumed")
	}

	// Who rejects a lot that somebody else held stopped it as well.
	if err := holdLots(p, f.other); err != nil {
		t.Fatal(err)
	}
	if err := reject(p, f.other); err != nil {
		t.Fatal(err)
	}
	c.LotID, c.CauseLotID = p.LotID(f.rework), p.LotID(f.other)
	linetest.Refused(t, clearIt(p.Manager), fault.FailedPrecondition, "causeLotId", "somebody else")
	if err := clearIt(p.Second); err != nil {
		t.Error(err)
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	prep := p.Make("PREP", "1")
	if err := holdLots(p, prep); err != nil {
		t.Fatal(err)
	}
	r := hold.Release{LotID: p.LotID(prep), Reason: "the supplier took it back", Password: "not my password at all"}
	_, err := p.Holds.ReleaseLot(p.As(p.Manager), r)
	linetest.Refused(t, err, fault.BadUserInput, "password", "not your password")
	r.Password = linetest.Password
	r.Reason = "  short  "
	_, err = p.Holds.ReleaseLot(p.As(p.Manager), r)
	linetest.Refused(t, err, fault.BadUserInput, "reason", "10")
	if !p.Lot(prep).Held {
		t.Error("a refused release let it go")
	}
}

// TestNothingEscapesAHold holds lots while others consume them: what was made of one is exposed, whoever came first.
func TestNothingEscapesAHold(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	var lots []uuid.UUID
	for range 10 {
		lots = append(lots, p.Make("PREP", "10"))
	}
	var wg sync.WaitGroup
	for _, id := range lots {
		for range 3 {
			wg.Go(func() {
				for range 5 {
					if _, err := p.TryMake("KIT", "0.5", p.Of(id, "0.5")); err != nil {
						linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is held")
					}
				}
			})
		}
		wg.Go(func() {
			if err := holdLots(p, id); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var escaped int
	if err := p.Owner.QueryRow(context.WithoutCancel(t.Context()), `SELECT count(*) FROM lot_genealogy g
		WHERE NOT EXISTS (SELECT FROM exposure e WHERE e.lot_id = g.child_id AND e.cause_lot_id = g.parent_id)`).Scan(&escaped); err != nil {
		t.Fatal(err)
	}
	if escaped > 0 {
		t.Errorf("%d lots escaped the hold of what they were made of", escaped)
	}
}

// What is made of a held lot's descendant while the hold looks for what it reaches isn't there for it to find: so a hold waits until
// nothing is being made at the site.
func TestHoldWaitsForWhatIsBeingMade(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	wip := p.Make("WIP", "10")
	tray := p.Make("TRAY", "5", p.Of(wip, "5"))
	began, goOn := make(chan uuid.UUID, 1), make(chan struct{})
	made, held := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := command.Do(p.As(p.Operator), p.Commands, command.Call{Mutation: "recordTransformation"}, func(tx *command.Tx) (none struct{}, err error) {
			if err := tx.Share(t.Context(), p.Site.ID); err != nil {
				return none, err
			}
			recorded, err := p.Transformations.Book(t.Context(), tx, p.Site, []*transformation.Recording{{
				Kind: db.TransformationKindREWORK, ScenarioKey: new("chilled-ready-meal"), Inputs: []transformation.Draw{p.Of(tray, "1")},
				Outputs: []transformation.Output{{LotType: "REWORK", WeightKg: linetest.Kg("1")}},
			}}, func(int) string { return "" })
			if err != nil {
				return none, err
			}
			began <- recorded[0].Lots[0]
			<-goOn
			return none, nil
		})
		made <- err
	}()
	var rework uuid.UUID
	select {
	case rework = <-began:
	case err := <-made:
		t.Fatal(err)
	}
	go func() { held <- holdLots(p, wip) }()
	if !p.Waits(held) {
		t.Error("the hold didn't wait")
	}
	close(goOn)
	for _, end := range []<-chan error{made, held} {
		if err := <-end; err != nil {
			t.Error(err)
		}
	}
	if got := exposed(t, p, rework); got[p.Lot(wip).Code] != "HOLD" {
		t.Errorf("what was being made is exposed to %v", got)
	}
}
