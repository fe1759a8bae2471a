package definition

import (
	"slices"

	"flowviz/internal/quantity"
)

// Phase finds a phase by its number; ok is false where there is none.
func (s *Scenario) Phase(number int) (p Phase, ok bool) {
	return find(s.Phases, func(p Phase) bool { return p.Number == number })
}

// LastPhase is the phase at which a run can be completed.
func (s *Scenario) LastPhase() Phase { return s.Phases[len(s.Phases)-1] }

// LotType finds a lot type by its code; ok is false where there is none.
func (s *Scenario) LotType(code string) (t LotType, ok bool) {
	return find(s.LotTypes, func(t LotType) bool { return t.Code == code })
}

// Stream finds a stream by its key; ok is false where there is none.
func (s *Scenario) Stream(key string) (st Stream, ok bool) {
	return find(s.Streams, func(st Stream) bool { return st.Key == key })
}

// Gate finds a gate by its number, compared as a number; ok is false where there is none.
func (s *Scenario) Gate(number quantity.Decimal) (g Gate, ok bool) {
	return find(s.Gates, func(g Gate) bool { return g.Number.Equal(number) })
}

// GatesAt are the gates that stand at a phase, ascending by number.
func (s *Scenario) GatesAt(phase int) []Gate {
	return filter(s.Gates, func(g Gate) bool { return g.Phase == phase })
}

// GatesOf are the gates that apply to a lot type, ascending by number: checks of each lot, and checks of a line that such
// lots pass (Gate.PerLot tells them apart).
func (s *Scenario) GatesOf(lotType string) []Gate {
	return filter(s.Gates, func(g Gate) bool { return slices.Contains(g.LotTypes, lotType) })
}

// CreatedIn is the first phase that creates a lot type; WASTE and SAMPLE usually have later ones too. ok is false where no
// phase does.
func (s *Scenario) CreatedIn(lotType string) (p Phase, ok bool) {
	return find(s.Phases, func(p Phase) bool { return slices.Contains(p.Creates, lotType) })
}

// AllowedInputs are the codes of the lot types that one may be made of; none for what is received.
func (s *Scenario) AllowedInputs(output string) []string {
	for _, r := range s.Rules {
		if a, ok := r.(AllowedInputs); ok && a.Output == output {
			return a.Inputs
		}
	}
	return nil
}

func find[T any](list []T, match func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(list, match); i >= 0 {
		return list[i], true
	}
	return found, false
}

func filter[T any](list []T, match func(T) bool) []T {
	var found []T
	for _, t := range list {
		if match(t) {
			found = append(found, t)
		}
	}
	return found
}

// CarriesOver reports whether a lot type is the content of a vessel whose heel is part of its next filling.
func (s *Scenario) CarriesOver(lotType string) bool {
	return slices.ContainsFunc(s.Rules, func(r Rule) bool {
		vessel, ok := r.(ContinuousVessel)
		return ok && vessel.LotType == lotType && vessel.HeelCarryOver
	})
}
