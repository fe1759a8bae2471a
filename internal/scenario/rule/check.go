package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"flowviz/internal/fault"
	"flowviz/internal/scenario/definition"
)

func inputField(i int) string  { return fmt.Sprintf("inputs[%d]", i) }
func outputField(i int) string { return fmt.Sprintf("outputs[%d]", i) }

// refuse names the rule last: a person reads what is wrong, and finds the rule in the scenario by its name.
func (a *application) refuse(by definition.RuleType, field, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	a.faults = append(a.faults, fault.New(fault.FailedPrecondition, field, "%s (rule %s)", message, by))
}

// checkTypes keeps ALLOWED_INPUTS: every input may go into every output, since each becomes a parent of each. A SPLIT or MERGE
// that keeps the type is always allowed, and so is what was left in a vessel in its next filling; what is received is made of nothing.
func (a *application) checkTypes() {
	if a.Kind == KindReceive && len(a.Inputs) > 0 {
		a.refuse(definition.RuleAllowedInputs, inputField(0), "a RECEIVE has no inputs, and %s is one: record what it is used for as another transformation", a.Inputs[0].Code)
		return
	}
	seen := map[string]bool{}
	for i, o := range a.Outputs {
		if seen[o.LotType] {
			continue
		}
		seen[o.LotType] = true
		if _, ok := a.scenario.LotType(o.LotType); !ok {
			a.refuse(definition.RuleAllowedInputs, outputField(i), "%s is no lot type of the scenario %s %s: choose one that is", o.LotType, a.scenario.Key, a.scenario.Version)
			continue
		}
		if len(a.Inputs) == 0 && a.Kind != KindReceive {
			a.refuse(definition.RuleAllowedInputs, outputField(i), "%s is made of nothing: name what goes into it, or record a RECEIVE", o.LotType)
		}
		a.checkInputsOf(o.LotType)
	}
}

func (a *application) checkInputsOf(output string) {
	sameType := a.Kind == KindSplit || a.Kind == KindMerge || a.scenario.CarriesOver(output)
	allowed := a.scenario.AllowedInputs(output)
	madeOf := "nothing, since it is received"
	if len(allowed) > 0 {
		madeOf = strings.Join(allowed, ", ")
	}
	for i, in := range a.Inputs {
		if !slices.Contains(allowed, in.LotType) && (!sameType || in.LotType != output) {
			a.refuse(definition.RuleAllowedInputs, inputField(i), "%s is a %s, and %s is made of %s", in.Code, in.LotType, output, madeOf)
		}
	}
}

// outputOf is the first of the outputs with one of these types; ok is false where there is none.
func (a *application) outputOf(types []string) (lotType string, ok bool) {
	for _, o := range a.Outputs {
		if slices.Contains(types, o.LotType) {
			return o.LotType, true
		}
	}
	return "", false
}

func (a *application) sameProductionDay(r definition.SameProductionDay) {
	output, ok := a.outputOf(r.Outputs)
	if !ok {
		return
	}
	today := a.ProductionDay(a.At)
	for i, in := range a.Inputs {
		if day := a.ProductionDay(in.MadeAt); slices.Contains(r.Inputs, in.LotType) && !day.Equal(today) {
			a.refuse(r.Type(), inputField(i), "%s was made on the production day %s, and %s takes %s of its own day alone, which is %s",
				in.Code, date(day), output, in.LotType, date(today))
		}
	}
}

func date(t time.Time) string { return t.Format(time.DateOnly) }

// maxAge looks at what a phase uses: samples and waste may be taken of anything at any time.
func (a *application) maxAge(r definition.MaxAge) {
	if !a.uses(r.Phase) {
		return
	}
	most := time.Duration(r.MaxAgeS) * time.Second
	for i, in := range a.Inputs {
		if age := a.At.Sub(in.MadeAt); slices.Contains(r.Inputs, in.LotType) && age > most {
			a.refuse(r.Type(), inputField(i), "%s is %s old, and phase %d takes a %s of at most %s", in.Code, age, r.Phase, in.LotType, most)
		}
	}
}

// uses reports whether a phase uses the inputs for goods.
func (a *application) uses(phase int) bool {
	if a.Kind == KindSample || a.Kind == KindWaste {
		return false
	}
	if len(a.Outputs) == 0 { // shipped
		return a.Phase != nil && *a.Phase == phase
	}
	return slices.ContainsFunc(a.Outputs, func(o Output) bool { return a.makes(phase, o.LotType) })
}

// makes reports whether a phase makes goods of a lot type here. A transformation that names no phase, or one that creates no such
// lots, belongs to those that do: an age can't be hidden by another number.
func (a *application) makes(phase int, lotType string) bool {
	t, _ := a.scenario.LotType(lotType)
	if t.Role == definition.RoleSample || t.Role == definition.RoleWaste || a.keepsType(lotType) {
		return false
	}
	if a.Phase != nil && (*a.Phase == phase || a.creates(*a.Phase, lotType)) {
		return *a.Phase == phase
	}
	return a.creates(phase, lotType)
}

func (a *application) creates(phase int, lotType string) bool {
	p, _ := a.scenario.Phase(phase)
	return slices.Contains(p.Creates, lotType)
}
