package transformation

import (
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Recording is a transformation as somebody gives it.
type Recording struct {
	SiteCode    string
	Kind        db.TransformationKind
	RunID       *relay.ID // whose phase it happens in; nil outside runs
	ScenarioKey *string   // says of which scenario lot types are, where no run does and several have the code
	PartnerID   *relay.ID // supplier of a RECEIVE, customer of a SHIP
	Equipment   *string   // code of the machine that it was made on
	OccurredAt  *time.Time
	Inputs      []Draw
	ShippedLots []ShippedLot // of a RECEIVE from another site of the company: what it came from
	Outputs     []Output

	IdempotencyKey *string

	single bool                  // a lot is registered: its fields stand beside those of the transformation, and say its kind
	origin db.SitesOfPartnersRow // the site that shipped; found by findOrigins
	listed string                // how inputs are named that were given as a list of lots; "" where they weren't
}

// inputField is how the caller wrote an input's lot, and outputPath what stands before the fields of an output.
func (r *Recording) inputField(i int) string {
	if r.listed != "" {
		return fmt.Sprintf(r.listed, i)
	}
	return fmt.Sprintf("inputs[%d].lotId", i)
}

func (r *Recording) outputPath(i int) string {
	if r.single {
		return ""
	}
	return fmt.Sprintf("outputs[%d].", i)
}

// Draw is how much of a lot goes in. All that remains where neither quantity is given.
type Draw struct {
	LotID      relay.ID
	QuantityKg *quantity.Decimal
	Quantity   *quantity.Decimal // pieces, of a lot that is counted
}

// Output is a new lot, or one that its run has announced: weighed or counted as its type is, or neither yet.
type Output struct {
	LotType      string    // code; "" for an announced lot
	LotID        *relay.ID // the announced lot; nil for a new one
	WeightKg     *quantity.Decimal
	Quantity     *quantity.Decimal
	TemperatureC *quantity.Decimal
	Attributes   *lot.Attributes
	SupplierID   *relay.ID
	Product      *string // its SKU, or GTIN in any spelling
	Location     *string // code of where it lies from now on

	source db.LotSource // "" for whoever asks
}

const (
	maxItems          = 1_000 // inputs, and outputs, of one transformation
	maxBackdatedYears = 10
)

// check finds all that is wrong with a recording by itself; path stands before the names of its fields.
func (r *Recording) check(path string, now time.Time) fault.List {
	var faults fault.List
	bad := func(field, format string, args ...any) {
		faults = append(faults, fault.BadInput(path+field, format, args...))
	}
	few := func(field string, n int) {
		if n > maxItems {
			faults = append(faults, fault.Bounded(path+field, n, maxItems, "give at most %d", maxItems))
		}
	}
	few("inputs", len(r.Inputs))
	few("shippedLots", len(r.ShippedLots))
	if len(r.ShippedLots) > 0 && r.Kind != db.TransformationKindRECEIVE && (!r.single || len(r.Inputs) > 0) {
		bad("shippedLots", "only what is received was shipped by another site: leave it out")
	}
	few("outputs", len(r.Outputs))
	if r.OccurredAt != nil {
		switch {
		case r.OccurredAt.After(now.Add(time.Minute)): // clocks differ
			bad("occurredAt", "%s is in the future", r.OccurredAt.Format(time.RFC3339))
		case r.OccurredAt.Before(now.AddDate(-maxBackdatedYears, 0, 0)):
			bad("occurredAt", "%s is more than %d years ago", r.OccurredAt.Format(time.RFC3339), maxBackdatedYears)
		}
	}
	faults = append(faults, r.checkKind(path)...)
	seen := map[relay.ID]bool{}
	for i, in := range r.Inputs {
		if seen[in.LotID] {
			faults = append(faults, fault.BadInput(path+r.inputField(i), "this lot is an input already: give its whole quantity once"))
		}
		seen[in.LotID] = true
		faults = append(faults, in.check(fmt.Sprintf("%sinputs[%d].", path, i))...)
	}
	for i, s := range r.ShippedLots {
		faults = append(faults, Draw{QuantityKg: s.QuantityKg, Quantity: s.Quantity}.check(path+shippedField(i))...)
	}
	for i := range r.Outputs {
		o := &r.Outputs[i]
		if (o.LotType == "") == (o.LotID == nil) {
			bad(r.outputPath(i)+"lotType", "give the type of a new lot, or the lotId of one that is announced")
		}
		faults = append(faults, o.check(path+r.outputPath(i))...)
	}
	return faults
}

// checkKind finds what a transformation of this kind lacks or can't have.
func (r *Recording) checkKind(path string) fault.List {
	var faults fault.List
	need := func(field string, ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fault.BadInput(path+field, format, args...))
		}
	}
	switch in, out := len(r.Inputs), len(r.Outputs); r.Kind {
	case "":
		need("kind", r.single, "say what was done")
	case db.TransformationKindRECEIVE:
		need("inputs", in == 0, "RECEIVE has none: goods come from a partner")
		need("outputs", out > 0, "name what was received")
	case db.TransformationKindSHIP:
		need("inputs", in > 0, "name what is shipped")
		need("outputs", out == 0, "SHIP has none: goods go to a partner")
		need("partnerId", r.PartnerID != nil, "name the customer")
	case db.TransformationKindSAMPLE, db.TransformationKindWASTE:
		need("inputs", in > 0, "name what is taken of")
	case db.TransformationKindSPLIT:
		need("inputs", in == 1, "SPLIT divides one lot")
		need("outputs", out > 0, "name what it is divided into")
	case db.TransformationKindPROCESS, db.TransformationKindMERGE, db.TransformationKindREWORK, db.TransformationKindPACK:
		need("inputs", in > 0, "name what it is made of")
		need("outputs", out > 0, "name what is made")
	default:
		need("kind", false, "%q is no kind of transformation", r.Kind)
	}
	return faults
}

func (d Draw) check(path string) fault.List {
	var faults fault.List
	if d.QuantityKg != nil && d.Quantity != nil {
		faults = append(faults, fault.BadInput(path+"quantity", "a lot is weighed or counted: give quantityKg or quantity"))
	}
	faults = append(faults, lot.CheckTaken(path+"quantityKg", d.QuantityKg)...)
	return append(faults, lot.CheckTaken(path+"quantity", d.Quantity)...)
}

func (o Output) check(path string) fault.List {
	var faults fault.List
	bad := func(field, format string, args ...any) {
		faults = append(faults, fault.BadInput(path+field, format, args...))
	}
	if o.WeightKg != nil && o.Quantity != nil {
		bad("quantity", "a lot is weighed or counted: give weightKg or quantity")
	}
	faults = append(faults, lot.CheckAmount(path+"weightKg", o.WeightKg)...)
	faults = append(faults, lot.CheckAmount(path+"quantity", o.Quantity)...)
	faults = append(faults, lot.CheckTemperature(path+"temperatureC", o.TemperatureC)...)
	return append(faults, o.Attributes.Check(path+"attributes.")...)
}
