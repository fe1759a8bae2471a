package demo

import (
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/scenario/rule"
)

// lot is an amount of material: grams, or pieces where its type is counted.
type lot struct {
	id     uuid.UUID // given by close, as is the code
	code   string
	line   *line
	kind   definition.LotType
	run    *run
	phase  int
	source db.LotSource
	by     *user

	amount      int64
	unknown     bool   // announced, and not made yet
	left        int64  // not drawn yet
	temperature *int64 // hundredths of °C
	attributes
	supplier *partner
	sscc     string

	made       *move // nil for a lot registered by itself
	children   []*lot
	occurred   time.Time
	registered time.Time

	recipe     string
	deviations []int64                // of each component from the recipe, hundredths of a per cent
	decisions  map[string][]*decision // by gate, in time
	stops      []*hold                // on it or on an ancestor

	status db.LotStatus // as close finds it
}

// attributes are what a lot is like. Their JSON is what the database stores.
type attributes struct {
	Species         string     `json:"species,omitempty"`
	Category        string     `json:"category,omitempty"`
	State           string     `json:"state,omitempty"`
	SKU             string     `json:"sku,omitempty"`
	Description     string     `json:"description,omitempty"`
	SupplierLotCode string     `json:"supplierLotCode,omitempty"`
	BestBefore      *time.Time `json:"bestBefore,omitempty"`
	Allergens       []string   `json:"allergens,omitempty"`
}

func (l *lot) counted() bool { return l.kind.Unit == definition.UnitEach }

// lotOf makes a lot that a move is to bring into being.
func (l *line) lotOf(code string, amount int64) *lot {
	kind, ok := l.def.LotType(code)
	if !ok {
		panic("demo: " + l.def.Key + " has no lot type " + code)
	}
	return &lot{
		line: l, kind: kind, amount: amount, left: amount, source: db.LotSourcePERSON, by: l.h.users.operator, decisions: map[string][]*decision{},
	}
}

// celsius is a temperature in hundredths of a degree.
func (l *lot) celsius(hundredths int64) *lot {
	l.temperature = &hundredths
	return l
}

func (l *lot) state(state string) *lot {
	l.State = state
	return l
}

func (l *lot) sku(sku string) *lot {
	l.SKU = sku
	return l
}

// device makes an instrument the one that registered the lot.
func (l *lot) device() *lot {
	l.source, l.by = db.LotSourceDEVICE, nil
	return l
}

// inherit gives new lots what their inputs hand on under the rules of the scenario, which the plants keep.
func (l *line) inherit(m *move, out []*lot) {
	t := rule.Transformation{Kind: rule.Kind(m.kind), Phase: &m.phase, At: m.occurred, ProductionDay: l.productionDay}
	for _, d := range m.in {
		in := rule.Input{Code: d.lot.kind.Code, LotType: d.lot.kind.Code, MadeAt: d.lot.oldest(), Attributes: d.lot.attributes.ruled()}
		if !d.lot.counted() {
			in.Kg = new(quantity.Grams(d.amount))
		}
		t.Inputs = append(t.Inputs, in)
	}
	for _, o := range out {
		t.Outputs = append(t.Outputs, rule.Output{LotType: o.kind.Code, Attributes: o.attributes.ruled()})
	}
	made, faults := rule.Apply(l.def, t)
	if err := faults.Err(); err != nil {
		panic("demo: " + err.Error())
	}
	for i, o := range out {
		o.Species, o.Category, o.State, o.SKU = made[i].Values["species"], made[i].Values["category"], made[i].Values["state"], made[i].Values["sku"]
		o.Allergens, o.BestBefore = made[i].Lists["allergens"], made[i].BestBefore
	}
}

// oldest is when what is in a lot was made.
func (l *lot) oldest() time.Time {
	at := l.occurred
	if l.made != nil && (l.made.kind == db.TransformationKindSPLIT || l.made.kind == db.TransformationKindMERGE) {
		for _, d := range l.made.in {
			if of := d.lot.oldest(); of.Before(at) {
				at = of
			}
		}
	}
	return at
}

func (a attributes) ruled() rule.Attributes {
	return rule.Attributes{
		Values: map[string]string{"species": a.Species, "category": a.Category, "state": a.State, "sku": a.SKU},
		Lists:  map[string][]string{"allergens": a.Allergens}, BestBefore: a.BestBefore,
	}
}
