package demo

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/scenario/definition"
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
	unknown     bool   // not weighed yet
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

// inherit gives a new lot what its inputs hand on under the rules of the scenario.
func (l *line) inherit(out *lot, in []draw, at time.Time) {
	for _, r := range l.def.Rules {
		switch r := r.(type) {
		case definition.SameAttribute:
			if slices.Contains(r.Outputs, out.kind.Code) {
				out.take(r.Attribute, in)
			}
		case definition.InheritUnion:
			out.Allergens = allergens(in)
		}
	}
	if best, ok := l.expiry(out.kind, in, at); ok {
		out.BestBefore = &best
	}
}

// take copies an attribute of the inputs that carry it.
func (l *lot) take(attribute string, in []draw) {
	for _, d := range in {
		switch {
		case attribute == "species" && d.lot.Species != "":
			l.Species, l.Category = d.lot.Species, d.lot.Category
		case attribute == "sku" && d.lot.SKU != "":
			l.SKU = d.lot.SKU
		}
	}
}

func allergens(in []draw) []string {
	var all []string
	for _, d := range in {
		all = append(all, d.lot.Allergens...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// expiry is the date that a made lot gets: by the EXPIRY rule of its type, else by the type's own shelf life.
func (l *line) expiry(kind definition.LotType, in []draw, at time.Time) (best time.Time, ok bool) {
	for _, r := range l.def.Rules {
		if rule, is := r.(definition.Expiry); is && slices.Contains(rule.Outputs, kind.Code) {
			best = l.bestBefore(at, rule.Days)
			for _, d := range in {
				if b := d.lot.BestBefore; b != nil && b.Before(best) {
					best = *b
				}
			}
			return best, true
		}
	}
	if kind.ShelfLifeDays > 0 {
		return l.bestBefore(at, kind.ShelfLifeDays), true
	}
	return time.Time{}, false
}
