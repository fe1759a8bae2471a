package definition

import (
	"slices"
	"strings"
)

// flow is what the ALLOWED_INPUTS say together: a directed graph from what lots are made of to what is made.
type flow struct {
	inputs map[string][]string // by output
	rule   map[string]int      // index in Scenario.Rules of the row of an output
}

func (c *checker) checkFlow() {
	f := flow{inputs: map[string][]string{}, rule: map[string]int{}}
	for i, r := range c.Rules {
		if r, ok := r.(AllowedInputs); ok && c.isKnown(r.Output) && f.inputs[r.Output] == nil {
			f.inputs[r.Output] = r.Inputs
			f.rule[r.Output] = i
		}
	}
	c.checkRoles(f)
	c.checkCircles(f)
	if !c.faulty("/phases", "/phases/*", "/phases/*/creates", "/phases/*/creates/*", "/rules/*/inputs", "/rules/*/inputs/*") {
		c.checkReach(f)
	}
}

// checkRoles reports bought goods that are made of something, and made ones that are made of nothing. Finished goods can be
// bought for resale, so they may be both.
func (c *checker) checkRoles(f flow) {
	for _, t := range c.LotTypes {
		rule, ok := f.rule[t.Code]
		if !ok {
			continue
		}
		place := at("rules", rule, "inputs")
		switch t.Role {
		case RoleRaw, RolePackaging:
			if len(f.inputs[t.Code]) > 0 {
				c.fault(place, "%s has the role %s, which is received and made of nothing: empty its inputs, or change its role", t.Code, t.Role)
			}
		case RoleIntermediate, RoleLogistic, RoleRework, RoleSample, RoleWaste:
			if len(f.inputs[t.Code]) == 0 {
				c.fault(place, "%s has the role %s, and is made of nothing: name its inputs, or change its role", t.Code, t.Role)
			}
		case RoleFinished: // made, or bought for resale
		}
	}
}

// checkCircles reports lot types that would be made of themselves. A way back is what the role REWORK is for: such a type
// may lie on a circle, since a rework lot is a new lot each time.
func (c *checker) checkCircles(f flow) {
	done := map[string]bool{}
	var way []string // from an output back to what it is made of
	var visit func(code string)
	visit = func(code string) {
		if done[code] || c.lotTypes[code].Role == RoleRework {
			return
		}
		way = append(way, code)
		for i, input := range f.inputs[code] {
			if start := slices.Index(way, input); start >= 0 {
				circle := append(slices.Clone(way[start:]), input)
				slices.Reverse(circle)
				c.fault(at("rules", f.rule[code], "inputs", i), "%s would be made of itself, %s: remove this input, or lead back through a lot type of role REWORK", input, strings.Join(circle, " → "))
				continue
			}
			visit(input)
		}
		way = way[:len(way)-1]
		done[code] = true
	}
	for _, t := range c.LotTypes {
		visit(t.Code)
	}
}

// checkReach reports phases that create what can't be there yet: of a lot type's inputs, packaging aside, at least one must
// be made by the same or an earlier phase.
func (c *checker) checkReach(f flow) {
	made := map[string]bool{}
	for i, p := range c.Phases {
		// Within a phase one type may be made of another, in whatever order they are listed: go round until nothing is new.
		for more := true; more; {
			more = false
			for _, code := range p.Creates {
				if !made[code] && c.canMake(f, code, made) {
					made[code], more = true, true
				}
			}
		}
		for j, code := range p.Creates {
			if !c.canMake(f, code, made) {
				inputs := strings.Join(c.product(f.inputs[code]), " or ")
				c.fault(at("phases", i, "creates", j), "phase %d can't make %s: it is made of %s, and no phase up to %d creates that", c.numbers[i], code, inputs, c.numbers[i])
			}
		}
		for _, code := range p.Creates {
			made[code] = true // what is made of a type that was just reported is not at fault
		}
	}
}

func (c *checker) canMake(f flow, code string, made map[string]bool) bool {
	inputs := c.product(f.inputs[code])
	if made[code] || len(inputs) == 0 {
		return true
	}
	return slices.ContainsFunc(inputs, func(input string) bool { return made[input] || !c.isKnown(input) })
}

// product is what of the inputs is more than packaging; all of them where nothing is.
func (c *checker) product(inputs []string) []string {
	product := filter(inputs, func(code string) bool { return c.lotTypes[code].Role != RolePackaging })
	if len(product) == 0 {
		return inputs
	}
	return product
}
