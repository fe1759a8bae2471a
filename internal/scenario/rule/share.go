package rule

import (
	"cmp"
	"slices"
	"strings"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// maxShare compares the mass of one type with that of all inputs; counts are no mass. What isn't weighed is refused by itself, and
// doesn't hide that the rest is too much already.
func (a *application) maxShare(r definition.MaxShare) {
	if _, ok := a.outputOf([]string{r.Output}); !ok {
		return
	}
	a.refuseUnweighed(r)
	isLimited := func(in Input) bool { return in.LotType == r.Input && in.Kg != nil }
	first := slices.IndexFunc(a.Inputs, isLimited)
	if first < 0 {
		return
	}
	limited := filter(a.Inputs, isLimited)
	part, err := mass(limited)
	whole, err2 := mass(a.Inputs)
	over, err3 := exceeds(part, whole, r.Percent.Decimal)
	switch err := cmp.Or(err, err2, err3); {
	case err != nil:
		a.refuse(r.Type(), inputField(first), "the share of %s in %s can't be computed: %s", r.Input, r.Output, fault.Of(err).Message)
	case over:
		a.refuse(r.Type(), inputField(first), "%s of %s kg are %s: %s is at most %s %% of what goes into %s",
			part, whole, strings.Join(codes(limited), ", "), r.Input, r.Percent, r.Output)
	}
}

func (a *application) refuseUnweighed(r definition.MaxShare) {
	for i, in := range a.Inputs {
		if in.LotType == r.Input && in.Kg == nil {
			a.refuse(r.Type(), inputField(i), "how many kilograms of %s are drawn isn't known, and %s takes %s up to %s %%: weigh it", in.Code, r.Output, r.Input, r.Percent)
		}
	}
}

func filter(inputs []Input, of func(Input) bool) []Input {
	return slices.DeleteFunc(slices.Clone(inputs), func(in Input) bool { return !of(in) })
}

func codes(inputs []Input) []string {
	list := make([]string, len(inputs))
	for i, in := range inputs {
		list[i] = in.Code
	}
	return list
}

// mass is how many kilograms are drawn in all.
func mass(inputs []Input) (kg quantity.Decimal, err error) {
	for _, in := range inputs {
		if in.Kg == nil {
			continue
		}
		if kg, err = kg.Add(*in.Kg); err != nil {
			return quantity.Decimal{}, err
		}
	}
	return kg, nil
}

// exceeds reports, exactly, whether part is more than so many per cent of whole.
func exceeds(part, whole, percent quantity.Decimal) (bool, error) {
	hundredfold, err := part.Mul(quantity.FromInt(100))
	if err != nil {
		return false, err
	}
	most, err := whole.Mul(percent)
	if err != nil {
		return false, err
	}
	return hundredfold.Cmp(most) > 0, nil
}
