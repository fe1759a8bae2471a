package evaluation

import (
	"fmt"
	"slices"
	"strings"

	"flowviz/internal/scenario/definition"
)

// verdict is what was found about a condition, a group or a limit.
type verdict struct {
	status  Status
	message string
}

// judgeLimit says whether a limit is met. Its effect is HOLD unless it is met or for other goods.
func judgeLimit(l definition.Limit, facts Facts, readings map[series][]reading) Finding {
	v := applies(l.When, facts.Attributes)
	if v.status == StatusMet {
		groups := make([]verdict, len(l.AnyOf))
		for i, group := range l.AnyOf {
			groups[i] = judgeGroup(group, facts, readings)
		}
		v = best(groups)
	}
	f := Finding{Subject: SubjectLimit, Code: l.Code, Status: v.status, Message: l.Name.En + ": " + v.message}
	if v.status != StatusMet && v.status != StatusNotApplicable {
		f.Effect = definition.EffectHold
	}
	return f
}

// applies says whether a limit is for goods with these attributes: MET, NOT_APPLICABLE where one is another, UNDECIDABLE
// where one that could be another isn't known.
func applies(when []definition.AttributeEquals, attributes map[string]string) verdict {
	var unknown []string
	for _, w := range when {
		switch have := attributes[w.Attribute]; have {
		case w.Equals:
		case "":
			unknown = append(unknown, fmt.Sprintf("%s %s", w.Attribute, w.Equals))
		default:
			return verdict{StatusNotApplicable, fmt.Sprintf("it is for goods with %s %s, and this is %s", w.Attribute, w.Equals, cut(have))}
		}
	}
	if len(unknown) > 0 {
		return verdict{StatusUndecidable, fmt.Sprintf("it is for goods with %s, and whether this is such isn't known: give the lot's attributes first (describeLot)", strings.Join(unknown, " and "))}
	}
	return verdict{status: StatusMet}
}

// judgeGroup says whether all conditions of a group hold: the worst of them counts.
func judgeGroup(conditions []definition.Condition, facts Facts, readings map[series][]reading) verdict {
	verdicts := make([]verdict, len(conditions))
	for i, k := range conditions {
		if k.Derived {
			verdicts[i] = judgeDerived(k, facts.Derived[k.Parameter])
		} else {
			verdicts[i] = judgeMeasured(k, readings[series{k.Parameter, k.Unit}])
		}
	}
	return combine(verdicts, " and ", StatusNotMet, StatusUndecidable, StatusMissing, StatusMet)
}

// best is what alternatives leave: met where one is, and else what could still become of them.
func best(groups []verdict) verdict {
	return combine(groups, "; or ", StatusMet, StatusUndecidable, StatusMissing, StatusNotMet)
}

// combine takes the first of the statuses that a verdict has, with the messages of all that have it.
func combine(verdicts []verdict, separator string, order ...Status) verdict {
	for _, status := range order {
		var messages []string
		for _, v := range verdicts {
			if v.status == status && !slices.Contains(messages, v.message) {
				messages = append(messages, v.message)
			}
		}
		if len(messages) > 0 {
			return verdict{status, strings.Join(messages, separator)}
		}
	}
	return verdict{status: StatusMissing, message: "it has no conditions"} // Parse refuses such a limit
}

// uncovered finds goods that a gate with limits has none for: they can't pass, since nothing says when they would.
func uncovered(gate definition.Gate, limits []Finding, facts Facts) (f Finding, ok bool) {
	for _, l := range limits {
		if l.Status != StatusNotApplicable {
			return Finding{}, false
		}
	}
	if len(limits) == 0 {
		return Finding{}, false
	}
	have := make([]string, 0, len(facts.Attributes))
	for _, name := range []string{"species", "category", "state"} {
		if value := facts.Attributes[name]; value != "" {
			have = append(have, name+" "+cut(value))
		}
	}
	return Finding{
		Subject: SubjectGate, Status: StatusUndecidable, Effect: definition.EffectHold,
		Message: fmt.Sprintf("%s: gate %s has no limit for goods with %s: correct the attributes where they are wrong",
			gate.Name.En, gate.Number, strings.Join(have, ", ")),
	}, true
}
