package yield_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// deboning is a plant that debones meat: gate 3.5 expects 60 to 75 per cent.
type deboning struct {
	*linetest.Plant
	t   *testing.T
	raw uuid.UUID
}

func newDeboning(t *testing.T) *deboning {
	t.Helper()
	d := &deboning{Plant: linetest.New(t), t: t}
	made, err := d.Transformations.RegisterLot(d.As(d.Operator), transformation.Registration{
		SiteCode: "DUNA", ScenarioKey: new("doner-frozen"), NewLot: transformation.NewLot{LotType: "RAW", WeightKg: linetest.Kg("1000"), SupplierID: &d.Supplier},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.raw = made.Lots[0]
	if _, err := d.Owner.Exec(t.Context(), "UPDATE lot SET status = 'RELEASED' WHERE id = $1", d.raw); err != nil { // past its gate
		t.Fatal(err)
	}
	return d
}

// bone makes meat and bones of 100 kg; "" for what nobody has weighed.
func (d *deboning) bone(deb, waste string) transformation.Recorded {
	d.t.Helper()
	r := transformation.Recording{
		SiteCode: "DUNA", Kind: db.TransformationKindPROCESS, ScenarioKey: new("doner-frozen"), Inputs: []transformation.Draw{d.Of(d.raw, "100")},
		Outputs: []transformation.Output{{LotType: "DEB"}},
	}
	if deb != "" {
		r.Outputs[0].WeightKg = linetest.Kg(deb)
	}
	if waste != "" {
		r.Outputs = append(r.Outputs, transformation.Output{LotType: "WASTE", WeightKg: linetest.Kg(waste)})
	}
	made, err := d.Transformations.Record(d.As(d.Operator), r)
	if err != nil {
		d.t.Fatal(err)
	}
	return made
}

// raised are the messages of all alerts of a yield, by their lot.
func (d *deboning) raised(want ...string) {
	d.t.Helper()
	rows, err := d.Owner.Query(d.t.Context(), "SELECT severity || ' ' || message FROM alert WHERE kind = 'YIELD_OUT_OF_BAND' ORDER BY id")
	if err != nil {
		d.t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		d.t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

const beyond = " at gate 3.5, Deboning yield: Yield of boneless meat: yield is "

func TestYieldBeyondItsBand(t *testing.T) {
	t.Parallel()
	d := newDeboning(t)
	for _, within := range []string{"60", "75"} {
		d.bone(within, "")
	}
	d.raised()
	low := "WARNING DEB-20261001-DUNA-0003" + beyond + "59.99 %, and must be from 60 to 75 %: 59.990 kg came out of 100.000 kg"
	d.bone("59.99", "")
	d.raised(low)
	high := "WARNING DEB-20261001-DUNA-0004" + beyond + "400.00 %, and must be from 60 to 75 %: 400.000 kg came out of 100.000 kg" // fish grow
	d.bone("400", "")
	d.raised(low, high)
}

func TestYieldIsKnownWhenAllIsWeighed(t *testing.T) {
	t.Parallel()
	d := newDeboning(t)
	made := d.bone("", "20").Lots[0]
	d.raised()
	measure := func(kg, celsius string) {
		t.Helper()
		m := lot.Measurement{LotID: d.LotID(made)}
		if kg != "" {
			m.WeightKg = linetest.Kg(kg)
		}
		if celsius != "" {
			m.TemperatureC = linetest.Kg(celsius)
		}
		if _, err := d.Lots.Measure(d.As(d.Operator), m); err != nil {
			t.Fatal(err)
		}
	}
	measure("", "3")
	d.raised()
	measure("30", "")
	d.raised("WARNING DEB-20261001-DUNA-0001" + beyond + "50.00 %, and must be from 60 to 75 %: 50.000 kg came out of 100.000 kg")
}

func TestYieldOfAReplacement(t *testing.T) {
	t.Parallel()
	d := newDeboning(t)
	made := d.bone("70", "")
	replace := func(transformationID uuid.UUID, kg string) uuid.UUID {
		t.Helper()
		v, err := d.Transformations.VoidTransformation(d.As(d.Manager), transformation.Void{
			TransformationID: relay.ID{Kind: relay.Transformation, Site: d.Site.ID, UUID: transformationID}, Reason: "the scale was wrong",
			Replacement: &transformation.Replacement{Outputs: []transformation.Revised{{LotID: d.LotID(made.Lots[0]), WeightKg: linetest.Kg(kg)}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return *v.ReplacedBy
	}
	replace(replace(made.ID, "65"), "80")
	d.raised("WARNING DEB-20261001-DUNA-0001" + beyond + "80.00 %, and must be from 60 to 75 %: 80.000 kg came out of 100.000 kg")
}
