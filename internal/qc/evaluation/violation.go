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
		if v := violates(l, readings, lasts); v.status == StatusNotMet {
			found = append(found, Finding{SubjectLimit, l.Code, v.status, definition.EffectHold, l.Name.En + ": " + v.message})
		}
	}
	remarkAtInfo(gate, found)
	return found
}

// Missed finds the limits with a curve that all readings of a lot together, in any order, show not to be met, whatever is read later: a way along
// the curve took too long already, finished or not. One that can still come to its end in time is not missed, nor is a dwell, which can
// still begin.
func Missed(gate definition.Gate, facts Facts, all []Measurement) []Finding {
	readings, faults := read(gate, all)
	if len(faults) > 0 {
		return nil
	}
	var found []Finding
	for _, l := range gate.Limits {
		if !l.HasCurve() || applies(l.When, facts.Attributes).status != StatusMet {
			continue
		}
		if v := violates(l, readings, stays); v.status == StatusNotMet {
			found = append(found, Finding{SubjectLimit, l.Code, v.status, definition.EffectHold, l.Name.En + ": " + v.message})
		}
	}
	remarkAtInfo(gate, found)
	return found
}

// lasts reports whether a condition that one reading misses is missed: a dwell can still begin.
func lasts(k definition.Condition) bool { return k.ForAtLeastS == 0 }

// stays reports the same of all readings so far, of which an aggregate LAST takes what comes later instead.
func stays(k definition.Condition) bool {
	return lasts(k) && (k.IsCurve() || k.Aggregate == nil || k.Aggregate.Fn != definition.AggregateLast)
}

// violates is NOT_MET where the readings exclude every alternative, by conditions that are missed for good.
func violates(l definition.Limit, readings map[series][]reading, forGood func(definition.Condition) bool) verdict {
	groups := make([]verdict, len(l.AnyOf))
	for i, group := range l.AnyOf {
		groups[i] = verdict{status: StatusMissing}
		for _, k := range group {
			if v := judgeMeasured(k, readings[series{k.Parameter, k.Unit}]); v.status == StatusNotMet && forGood(k) {
				groups[i] = v
			}
		}
	}
	return best(groups)
}
