package transformation

import (
	"context"
	"fmt"
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
		if len(e.Outputs) == 0 {
			continue
		}
		version := e.types[0].version
		for i, t := range e.types {
			if t.version.ID != version.ID {
				return fault.BadInput(e.path+e.outputPath(i)+"lotType", "%s is of another scenario than %s: a transformation follows one", t.Code, e.types[0].Code)
			}
		}
		t, err := b.transformation(ctx, e)
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
func (b *booking) transformation(ctx context.Context, e *entry) (rule.Transformation, error) {
	day := &site.Site{Site: b.site}
	if _, err := day.ProductionDay(e.at); err != nil {
		return rule.Transformation{}, err
	}
	t := rule.Transformation{Kind: rule.Kind(e.Kind), At: e.at, ProductionDay: func(at time.Time) time.Time {
		midnight, _ := day.ProductionDay(at) // fails for an unknown time zone alone, which was asked for above
		return midnight
	}}
	if e.run != nil {
		t.Phase = &e.types[0].version.PhaseByID(e.run.PhaseID).Number
	}
	for i := range e.Outputs {
		given, err := e.given(i)
		if err != nil {
			return t, err
		}
		t.Outputs = append(t.Outputs, rule.Output{LotType: e.types[i].Code, ShelfLifeDays: shelfLife(e.products[i]), Attributes: ruled(given)})
	}
	made, err := b.madeAt(ctx, e)
	if err != nil {
		return t, err
	}
	carriers, err := b.carriers(ctx, e, rule.Traced(e.types[0].version.Definition, t.Outputs))
	if err != nil {
		return t, err
	}
	for _, d := range e.draws {
		attributes, err := d.use.Attributes()
		if err != nil {
			return t, err
		}
		t.Inputs = append(t.Inputs, rule.Input{
			Code: d.use.Code, LotType: d.use.Type, MadeAt: made[d.use.ID], Kg: d.kg, Attributes: ruled(attributes), Ancestors: carriers[d.use.ID],
		})
	}
	return t, nil
}

func (e *entry) inputIDs() []uuid.UUID {
	ids := make([]uuid.UUID, len(e.draws))
	for i, d := range e.draws {
		ids[i] = d.use.ID
	}
	return ids
}

// madeAt says when what is in the inputs was made, where a rule asks for it.
func (b *booking) madeAt(ctx context.Context, e *entry) (map[uuid.UUID]time.Time, error) {
	made := map[uuid.UUID]time.Time{}
	types := make([]string, len(e.draws))
	for i, d := range e.draws {
		types[i], made[d.use.ID] = d.use.Type, d.use.OccurredAt
	}
	if !rule.Dated(e.types[0].version.Definition, types) {
		return made, nil
	}
	rows, err := b.tx.OldestMaterial(ctx, e.inputIDs())
	for _, row := range rows {
		made[row.LotID] = row.MadeAt
	}
	return made, err
}

// carriers are the ancestors of the inputs that carry some attributes.
func (b *booking) carriers(ctx context.Context, e *entry, names []string) (map[uuid.UUID]map[string][]rule.Carrier, error) {
	found := map[uuid.UUID]map[string][]rule.Carrier{}
	if len(names) == 0 || len(e.draws) == 0 {
		return found, nil
	}
	rows, err := b.tx.Carriers(ctx, db.CarriersParams{LotIds: e.inputIDs(), Names: names})
	for _, row := range rows {
		if found[row.LotID] == nil {
			found[row.LotID] = map[string][]rule.Carrier{}
		}
		found[row.LotID][row.Name] = append(found[row.LotID][row.Name], rule.Carrier{Lot: row.Code, Value: row.Value})
	}
	return found, err
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
