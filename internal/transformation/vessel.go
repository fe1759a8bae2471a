package transformation

import (
	"context"
	"fmt"
	"slices"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/scenario/definition"
)

// filling is an output that goes into a vessel whose heel carries over.
type filling struct {
	entry  *entry
	output int
}

func (f filling) lotType() string   { return f.entry.types[f.output].Code }
func (f filling) location() *string { return f.entry.Outputs[f.output].Location }

// carryOver refuses to fill a vessel beside what is left in it (CONTINUOUS_VESSEL): the heel is part of the next filling, and a hold on the old milk must
// reach what is made of the new. Two lots are in one vessel where they are of its type at one site, and no locations tell them apart.
func (b *booking) carryOver(ctx context.Context) error {
	fillings := b.fillings()
	if len(fillings) == 0 {
		return nil
	}
	if err := b.tx.Fill(ctx, b.site.ID); err != nil {
		return err
	}
	var types []string
	for _, f := range fillings {
		types = append(types, f.lotType())
	}
	heels, err := b.tx.LotsInVessels(ctx, db.LotsInVesselsParams{SiteID: b.site.ID, LotTypes: types})
	if err != nil {
		return err
	}
	fillings = slices.DeleteFunc(fillings, func(f filling) bool { return f.stays(heels) })
	var faults fault.List
	for i, f := range fillings {
		for _, h := range heels {
			if h.LotType == f.lotType() && mayShare(h.Location, f.location()) && !b.empties(f.entry, h) {
				faults = append(faults, f.leftBeside(h))
			}
		}
		if slices.ContainsFunc(fillings[:i], func(o filling) bool { return o.lotType() == f.lotType() && mayShare(o.location(), f.location()) }) {
			faults = append(faults, f.refuse("it is filled already by this mutation: fill it by one lot, or say where each lies (location)"))
		}
	}
	return faults.Err()
}

// fillings are the outputs that lie in a vessel: all of its type.
func (b *booking) fillings() []filling {
	var found []filling
	for _, e := range b.entries {
		for i, t := range e.types {
			if t.version.Definition.CarriesOver(t.Code) {
				found = append(found, filling{e, i})
			}
		}
	}
	return found
}

// stays reports whether an output was in its vessel before, under other numbers: made of its own type alone, where that lies.
func (f filling) stays(there []db.LotsInVesselsRow) bool {
	moves := func(d *draw) bool {
		at := slices.IndexFunc(there, func(h db.LotsInVesselsRow) bool { return h.ID == d.use.ID })
		return d.use.Type != f.lotType() || at >= 0 && !mayShare(there[at].Location, f.location())
	}
	return len(f.entry.draws) > 0 && !slices.ContainsFunc(f.entry.draws, moves)
}

// empties reports whether an entry takes all that remains of a lot.
func (b *booking) empties(e *entry, heel db.LotsInVesselsRow) bool {
	rest, drawn := b.left[heel.ID]
	return drawn && rest.IsZero() && slices.ContainsFunc(e.draws, func(d *draw) bool { return d.use.ID == heel.ID })
}

// mayShare reports whether two places may be one: a place that nobody said may be any.
func mayShare(a, b *string) bool { return a == nil || b == nil || *a == *b }

func (f filling) leftBeside(heel db.LotsInVesselsRow) *fault.Error {
	rest := "something that nobody has measured"
	if heel.RemainingKg != nil {
		rest = heel.RemainingKg.String() + " kg"
	}
	apart := ""
	if heel.Location == nil || f.location() == nil {
		apart = ", or say where each of them lies (location)"
	}
	return f.refuse("of %s is left %s, and the heel of a vessel is part of its next filling: name all of it as an input%s", heel.Code, rest, apart)
}

func (f filling) refuse(format string, args ...any) *fault.Error {
	return fault.New(fault.FailedPrecondition, f.entry.ruleField(fmt.Sprintf("outputs[%d]", f.output)), "%s (rule %s)", fmt.Sprintf(format, args...), definition.RuleContinuousVessel)
}
