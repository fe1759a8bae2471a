package transformation_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/location"
	"flowviz/internal/transformation"
)

// dairy is a plant that makes yoghurt, with two silos.
type dairy struct {
	*linetest.Plant

	t *testing.T
}

func newDairy(t *testing.T) dairy {
	t.Helper()
	d := dairy{linetest.New(t), t}
	for _, code := range []string{"S1", "S2"} {
		if _, err := location.NewService(d.Commands).Create(d.As(d.Manager), location.Creation{SiteCode: d.Site.Code, Code: code, Name: code, Kind: db.LocationKindAREA}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d dairy) try(lotType, kg, location string, inputs ...transformation.Draw) (uuid.UUID, error) {
	n := transformation.NewLot{LotType: lotType, WeightKg: linetest.Kg(kg), Inputs: inputs}
	if location != "" {
		n.Location = &location
	}
	made, err := d.Transformations.RegisterLot(d.As(d.Operator), transformation.Registration{SiteCode: d.Site.Code, ScenarioKey: new("stirred-yoghurt"), NewLot: n})
	if err != nil {
		return uuid.Nil, err
	}
	d.Pass(time.Minute)
	return made.Lots[0], nil
}

// milk is a delivery that has passed its gate.
func (d dairy) milk() transformation.Draw {
	d.t.Helper()
	id := d.pour("RAWM", "1000", "")
	if _, err := d.Owner.Exec(d.t.Context(), `UPDATE lot SET status = 'RELEASED' WHERE id = $1`, id); err != nil {
		d.t.Fatal(err)
	}
	return d.Of(id, "")
}

func (d dairy) pour(lotType, kg, location string, inputs ...transformation.Draw) uuid.UUID {
	d.t.Helper()
	id, err := d.try(lotType, kg, location, inputs...)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// TestHeelCarriesOver: what is left in a silo goes into its next filling, whose trace and holds it is part of then.
func TestHeelCarriesOver(t *testing.T) {
	t.Parallel()
	d := newDairy(t)
	first := d.pour("SILO", "1000", "S1", d.milk())
	d.pour("STDM", "600", "", d.Of(first, "600"))

	_, err := d.try("SILO", "1000", "S1", d.milk())
	linetest.Refused(t, err, fault.FailedPrecondition, "lotType", "of SILO-20261001-DUNA-0001 is left 400.000 kg")
	_, err = d.try("SILO", "1300", "S1", d.milk(), d.Of(first, "300"))
	linetest.Refused(t, err, fault.FailedPrecondition, "lotType", "CONTINUOUS_VESSEL")
	_, err = d.try("SILO", "1000", "", d.milk())
	linetest.Refused(t, err, fault.FailedPrecondition, "lotType", "or say where each of them lies (location)")

	d.pour("SILO", "1000", "S2", d.milk()) // another vessel
	next := d.pour("SILO", "1400", "S1", d.milk(), d.Of(first, ""))
	stop(t, d.Plant, first)
	_, err = d.try("STDM", "1", "", d.Of(next, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is exposed")
}

// TestPouredTogether: what lies in one silo isn't moved to where something is left, nor two to one place; into an empty one it is.
func TestPouredTogether(t *testing.T) {
	t.Parallel()
	d := newDairy(t)
	first, second := d.pour("SILO", "1000", "S1", d.milk()), d.pour("SILO", "1000", "S2", d.milk())
	places := location.NewService(d.Commands)
	if _, err := places.Create(d.As(d.Manager), location.Creation{SiteCode: d.Site.Code, Code: "S3", Name: "S3", Kind: db.LocationKindAREA}); err != nil {
		t.Fatal(err)
	}
	move := func(to string, lots ...uuid.UUID) error {
		m := location.Move{LocationCode: to}
		for _, id := range lots {
			m.LotIDs = append(m.LotIDs, d.LotID(id))
		}
		_, err := places.Move(d.As(d.Operator), m)
		return err
	}
	linetest.Refused(t, move("S2", first), fault.FailedPrecondition, "lotIds[0]", "would be poured together with SILO-20261001-DUNA-0002: MERGE them")
	linetest.Refused(t, move("S3", first, second), fault.FailedPrecondition, "lotIds[1]", "with SILO-20261001-DUNA-0001")
	_, err := d.try("SILO", "100", "S2", d.Of(first, "100"))
	linetest.Refused(t, err, fault.FailedPrecondition, "lotType", "of SILO-20261001-DUNA-0002 is left 1000")
	if err := move("S3", first); err != nil {
		t.Error(err)
	}
	if err := move("S1", second); err != nil {
		t.Error(err)
	}
}

// TestAVesselIsFilledOnce: not twice by one mutation, nor by two at once.
func TestAVesselIsFilledOnce(t *testing.T) {
	t.Parallel()
	d := newDairy(t)
	fill := func(location string) transformation.NewLot {
		return transformation.NewLot{LotType: "SILO", WeightKg: linetest.Kg("1000"), Location: &location, Inputs: []transformation.Draw{d.milk()}}
	}
	r := transformation.Registrations{SiteCode: d.Site.Code, ScenarioKey: new("stirred-yoghurt"), Lots: []transformation.NewLot{fill("S1"), fill("S2"), fill("S1")}}
	_, err := d.Transformations.RegisterLots(d.As(d.Operator), r)
	linetest.Refused(t, err, fault.FailedPrecondition, "lots[2].lotType", "filled already by this mutation")

	results := make(chan error, 2)
	for range 2 {
		n := fill("S1")
		go func() {
			_, err := d.Transformations.RegisterLot(d.As(d.Operator), transformation.Registration{SiteCode: d.Site.Code, ScenarioKey: new("stirred-yoghurt"), NewLot: n})
			results <- err
		}()
	}
	one, other := <-results, <-results
	if (one == nil) == (other == nil) {
		t.Fatalf("of two fillings at once: %v, %v", one, other)
	}
	if one == nil {
		one = other
	}
	linetest.Refused(t, one, fault.FailedPrecondition, "lotType", "CONTINUOUS_VESSEL")
}
