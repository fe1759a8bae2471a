package definition

import "slices"

func (c *checker) checkRules() {
	made := map[string]int{}  // rule that says what a lot type is made of
	dated := map[string]int{} // rule that says how a lot type expires
	for i, r := range c.Rules {
		place := at("rules", i)
		switch r := r.(type) {
		case AllowedInputs:
			c.code(place+"/output", r.Output)
			c.codes(place+"/inputs", r.Inputs)
			if first, twice := made[r.Output]; twice {
				c.fault(place+"/output", "rules[%d] says what %s is made of already: make them one", first, cut(r.Output))
			} else {
				made[r.Output] = i
			}
		case SameAttribute:
			c.codes(place+"/outputs", r.Outputs)
		case SameProductionDay:
			c.codes(place+"/inputs", r.Inputs)
			c.codes(place+"/outputs", r.Outputs)
			c.everConsumed(place+"/inputs", r.Inputs, r.Outputs)
		case MaxAge:
			c.codes(place+"/inputs", r.Inputs)
			c.phase(place+"/phase", r.Phase)
			c.everConsumed(place+"/inputs", r.Inputs, c.productsOf(r.Phase))
		case MaxShare:
			c.code(place+"/input", r.Input)
			c.code(place+"/output", r.Output)
			if c.isKnown(r.Input) && c.isKnown(r.Output) && !slices.Contains(c.AllowedInputs(r.Output), r.Input) {
				c.fault(place+"/input", "%s never goes into %s by its ALLOWED_INPUTS, so the rule would keep nothing: correct one of them", r.Input, r.Output)
			}
		case Expiry:
			c.codes(place+"/outputs", r.Outputs)
			c.expiry(place, i, r, dated)
		case ContinuousVessel:
			c.code(place+"/lotType", r.LotType)
		}
	}
}

func (c *checker) isKnown(code string) bool {
	_, ok := c.lotTypes[code]
	return ok
}

// productsOf are the lot types that a phase makes for use: samples and waste may be taken of anything at any time, and no
// rule on consumption looks at them.
func (c *checker) productsOf(phase int) []string {
	var products []string
	for i, p := range c.Phases {
		if c.numbers[i] != phase {
			continue
		}
		for _, code := range p.Creates {
			if role := c.lotTypes[code].Role; role != RoleSample && role != RoleWaste {
				products = append(products, code)
			}
		}
	}
	return products
}

// everConsumed reports inputs that none of the outputs is made of: a rule on them would look like a safeguard and keep
// nothing.
func (c *checker) everConsumed(place string, inputs, outputs []string) {
	if len(outputs) == 0 || !slices.ContainsFunc(outputs, c.isKnown) {
		return
	}
	for i, input := range inputs {
		uses := func(output string) bool { return slices.Contains(c.AllowedInputs(output), input) }
		if c.isKnown(input) && !slices.ContainsFunc(outputs, uses) {
			c.fault(place+at(i), "by the ALLOWED_INPUTS nothing here is made of %s, so the rule would keep nothing: correct one of them", input)
		}
	}
}

// expiry reports outputs that two rules date, and shelf lives that the rule contradicts.
func (c *checker) expiry(place string, rule int, r Expiry, dated map[string]int) {
	for i, code := range r.Outputs {
		if first, twice := dated[code]; twice && first != rule {
			c.fault(place+at("outputs", i), "rules[%d] dates %s already: keep one", first, cut(code))
			continue
		}
		dated[code] = rule
		if days := c.lotTypes[code].ShelfLifeDays; days > 0 && days != r.Days {
			c.fault(place+"/days", "%d is not the shelfLifeDays of %s, %d: make them the same", r.Days, code, days)
		}
	}
}
