package transformation

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/scenario/rule"
	"flowviz/internal/site"
)

// keepRules refuses what the rules of the scenario forbid, and finds what each new lot inherits.
func (b *booking) keepRules(ctx context.Context) error {
	var faults fault.List
	for _, e := range b.entries {
		for i, t := range e.types {
			if t.version.ID != e.types[0].version.ID {
				return fault.BadInput(e.path+e.outputPath(i)+"lotType", "%s is of another scenario than %s: a transformation follows one", t.Code, e.types[0].Code)
			}
		}
	}
	if err := b.lookBack(ctx); err != nil {
		return err
	}
	for _, e := range b.entries {
		if len(e.Outputs) == 0 || len(e.receipts) < len(e.ShippedLots) { // of what was refused nobody knows what it passes on
			continue
		}
		version := e.types[0].version
		t, err := b.transformation(e)
		if err != nil {
			return err
		}
		made, refused := rule.Apply(version.Definition, t)
		for _, f := range refused {
			faults = append(faults, fault.New(f.Code, e.ruleField(f.Field), "%s", f.Message))
		}
		e.attributes = make([]lot.Attributes, len(made))
		for i, m := range made {
			given, err := e.given(i)
			if err != nil {
				return err
			}
			e.attributes[i] = inherited(given, m)
		}
	}
	return faults.Err()
}

// ruleField is how the caller wrote what a rule calls inputs[i] or outputs[i].
func (e *entry) ruleField(field string) string {
	var i int
	if _, err := fmt.Sscanf(field, "inputs[%d]", &i); err == nil {
		return e.path + e.inputField(i)
	}
	if e.single {
		return e.path + "lotType"
	}
	return e.path + field
}

// transformation is an entry as rules look at it.
func (b *booking) transformation(e *entry) (rule.Transformation, error) {
	day := &site.Site{Site: b.site}
	if _, err := day.ProductionDay(e.at); err != nil {
		return rule.Transformation{}, err
	}
	t := rule.Transformation{Kind: rule.Kind(e.Kind), At: e.at, ProductionDay: func(at time.Time) time.Time {
		midnight, _ := day.ProductionDay(at) // fails for an unknown time zone alone, which was asked for above
		return midnight
	}}
	if e.phase != nil {
		t.Phase = &e.types[0].version.PhaseByID(*e.phase).Number
	}
	var err error
	if t.Outputs, err = e.ruledOutputs(); err != nil {
		return t, err
	}
	for _, d := range e.draws {
		attributes, err := d.use.Attributes()
		if err != nil {
			return t, err
		}
		t.Inputs = append(t.Inputs, rule.Input{
			Code: d.use.Code, LotType: d.use.Type, MadeAt: cmp.Or(b.made[d.use.ID], d.use.OccurredAt), Kg: d.kg, Attributes: ruled(attributes), Ancestors: b.carriers[d.use.ID],
		})
	}
	return t, nil
}

func (e *entry) ruledOutputs() ([]rule.Output, error) {
	outputs := make([]rule.Output, len(e.Outputs))
	for i := range e.Outputs {
		given, err := e.given(i)
		if err != nil {
			return nil, err
		}
		outputs[i] = rule.Output{LotType: e.types[i].Code, ShelfLifeDays: shelfLife(e.products[i]), Attributes: ruled(given)}
	}
	return outputs, nil
}

// lookBack reads what rules ask of what the inputs were made of, for all recordings at once: when what is in them was made, and which
// ancestors carry some attributes.
func (b *booking) lookBack(ctx context.Context) error {
	var dated, traced []uuid.UUID
	var names []string
	for _, e := range b.entries {
		if len(e.Outputs) == 0 || len(e.draws) == 0 {
			continue
		}
		ids, types := make([]uuid.UUID, len(e.draws)), make([]string, len(e.draws))
		for i, d := range e.draws {
			ids[i], types[i] = d.use.ID, d.use.Type
		}
		def := e.types[0].version.Definition
		if rule.Dated(def, types) {
			dated = append(dated, ids...)
		}
		outputs, err := e.ruledOutputs()
		if err != nil {
			return err
		}
		if asked := rule.Traced(def, outputs); len(asked) > 0 {
			traced, names = append(traced, ids...), append(names, asked...)
		}
	}
	slices.Sort(names)
	return b.look(ctx, db.LookBackParams{Dated: each(dated), Traced: each(traced), Names: slices.Compact(names)})
}

func (b *booking) look(ctx context.Context, at db.LookBackParams) error {
	b.made = make(map[uuid.UUID]time.Time, len(at.Dated))
	b.carriers = make(map[uuid.UUID]map[string][]rule.Carrier, len(at.Traced))
	if len(at.Dated) == 0 && len(at.Traced) == 0 {
		return nil
	}
	rows, err := b.tx.LookBack(ctx, at)
	for _, row := range rows {
		if row.Name == "" {
			b.made[row.LotID] = row.MadeAt
			continue
		}
		if b.carriers[row.LotID] == nil {
			b.carriers[row.LotID] = map[string][]rule.Carrier{}
		}
		b.carriers[row.LotID][row.Name] = append(b.carriers[row.LotID][row.Name], rule.Carrier{Lot: row.Code, Value: row.Value})
	}
	return err
}

// each is every id once, in order.
func each(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// ruled are a lot's attributes as rules look at them: those of the lot type's vocabulary, by their names.
func ruled(a *lot.Attributes) rule.Attributes {
	out := rule.Attributes{Values: map[string]string{}, Lists: map[string][]string{}}
	if a == nil {
		return out
	}
	for name, value := range map[string]*string{"species": a.Species, "category": a.Category, "state": a.State, "sku": a.Sku} {
		if value != nil {
			out.Values[name] = *value
		}
	}
	if len(a.Allergens) > 0 {
		out.Lists["allergens"] = a.Allergens
	}
	out.BestBefore = a.BestBefore
	return out
}

// inherited are the attributes that a new lot is given, completed by what its inputs pass on.
func inherited(given *lot.Attributes, made rule.Attributes) lot.Attributes {
	var out lot.Attributes
	if given != nil {
		out = *given
	}
	for name, into := range map[string]**string{"species": &out.Species, "category": &out.Category, "state": &out.State, "sku": &out.Sku} {
		if value := made.Values[name]; value != "" {
			*into = &value
		}
	}
	out.Allergens, out.BestBefore = made.Lists["allergens"], made.BestBefore
	return out
}
