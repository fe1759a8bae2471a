package transformation_test

import (
	"testing"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/transformation"
)

// TestLotTypeRaisesBound registers, measures and corrects lots of a type that may weigh more than others at the site, and of one that may not.
func TestLotTypeRaisesBound(t *testing.T) {
	t.Parallel()
	d := newDairy(t)
	storeSilos(t, d.Plant, 60_000)
	try := func(lotType string, kg string) (transformation.Recorded, error) {
		made := transformation.NewLot{LotType: lotType, TemperatureC: linetest.Kg("4")}
		if kg != "" {
			made.WeightKg = linetest.Kg(kg)
		}
		return d.Transformations.RegisterLot(d.As(d.Operator), transformation.Registration{SiteCode: d.Site.Code, ScenarioKey: new("silos"), NewLot: made})
	}
	_, err := try("ING", "10000.001")
	linetest.Refused(t, err, fault.BadUserInput, "weightKg", "a lot of ING weighs at most 10000")
	_, err = try("RAWM", "60000.001")
	linetest.Refused(t, err, fault.BadUserInput, "weightKg", "a lot of RAWM weighs at most 60000")
	full, err := try("RAWM", "60000")
	if err != nil {
		t.Fatal(err)
	}

	unweighed, err := try("RAWM", "")
	if err != nil {
		t.Fatal(err)
	}
	measure := func(kg string) error {
		_, err := d.Lots.Measure(d.As(d.Operator), lot.Measurement{LotID: d.LotID(unweighed.Lots[0]), WeightKg: linetest.Kg(kg)})
		return err
	}
	linetest.Refused(t, measure("60000.001"), fault.BadUserInput, "weightKg", "at most 60000")
	if err := measure("59999"); err != nil {
		t.Error(err)
	}

	correct := func(kg string) error {
		_, err := d.Transformations.VoidTransformation(d.As(d.Manager), transformation.Void{
			TransformationID: madeBy(t, d.Plant, full.Lots[0]), Reason: "the scale stood still",
			Replacement: &transformation.Replacement{Outputs: []transformation.Revised{{LotID: d.LotID(full.Lots[0]), WeightKg: linetest.Kg(kg)}}},
		})
		return err
	}
	linetest.Refused(t, correct("60000.001"), fault.BadUserInput, "replacement.outputs[0].weightKg", "at most 60000")
	if err := correct("59999"); err != nil {
		t.Error(err)
	}
}

// storeSilos publishes the yoghurt scenario as silos, whose raw milk may weigh so much a lot.
func storeSilos(t *testing.T, p *linetest.Plant, kg int) {
	t.Helper()
	defs, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, def := range defs {
		if def.Key != "stirred-yoghurt" {
			continue
		}
		def.Key = "silos"
		for i := range def.LotTypes {
			if def.LotTypes[i].Code == "RAWM" {
				def.LotTypes[i].MaxLotKg = kg
			}
		}
		store(t, p, def)
	}
}

func store(t *testing.T, p *linetest.Plant, def *definition.Scenario) {
	t.Helper()
	err := db.InTx(t.Context(), p.Owner, db.Scope{}, func(q *db.Queries) error {
		_, err := scenario.Store(t.Context(), q, def, linetest.NewID, db.ScenarioStatusPUBLISHED)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
