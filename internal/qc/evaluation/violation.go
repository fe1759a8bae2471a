package evaluation

import "flowviz/internal/scenario/definition"

// Violated finds the limits of a gate that one reading alone shows not to be met: in every alternative it is outside the bounds
// of a condition, whatever else is read. A dwell or a curve is never missed by one reading, and of several probes that are
// aggregated one is enough only where the others can't make up for it: the warmest is at least as warm. It is empty for a reading
// that is within its bounds, that no limit asks for, that Check refuses, or whose limits are for other goods or may be.
func Violated(gate definition.Gate, facts Facts, m Measurement) []Finding {
	readings, faults := read(gate, []Measurement{m})
	if len(faults) > 0 {
		return nil
	}
	var found []Finding
	for _, l := range gate.Limits {
		if applies(l.When, facts.Attributes).status != StatusMet {
			continue
		}
		if v := violates(l, readings); v.status == StatusNotMet {
			found = append(found, Finding{SubjectLimit, l.Code, v.status, definition.EffectHold, l.Name.En + ": " + v.message})
		}
	}
	remarkAtInfo(gate, found)
	return found
}

// violates is NOT_MET where the reading excludes every alternative.
func violates(l definition.Limit, readings map[series][]reading) verdict {
	groups := make([]verdict, len(l.AnyOf))
	for i, group := range l.AnyOf {
		groups[i] = verdict{status: StatusMissing}
		for _, k := range group {
			v := judgeMeasured(k, readings[series{k.Parameter, k.Unit}])
			if isDwell := k.ForAtLeastS > 0; v.status == StatusNotMet && !isDwell { // which can still begin
				groups[i] = v
			}
		}
	}
	return best(groups)
}
