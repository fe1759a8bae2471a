package trace

import (
	"github.com/google/uuid"

	"flowviz/internal/quantity"
)

// mixing spreads the root's material over its descendants.
type mixing struct {
	kin     map[uuid.UUID]bool // the root and its descendants
	flows   map[uuid.UUID]*flow
	weights map[uuid.UUID]quantity.Decimal
	vessels map[uuid.UUID]bool
	known   map[uuid.UUID]quantity.Decimal // shares so far, with shareScale decimals; no entry: not known
}

// follow visits the transformations in an order in which each comes after those that made its inputs.
func (m *mixing) follow(g *Genealogy) (map[uuid.UUID]quantity.Decimal, error) {
	if w, ok := m.weights[g.Root]; ok {
		m.known[g.Root] = w.Round(shareScale)
	}
	waits, feeds := m.order(g.Root)
	ready := []uuid.UUID{}
	for _, t := range feeds[g.Root] {
		if waits[t] == 0 {
			ready = append(ready, t)
		}
	}
	touched := map[uuid.UUID]bool{}
	pending := m.producers()
	for ; len(ready) > 0; ready = ready[1:] {
		if err := m.spread(ready[0], touched); err != nil {
			return nil, err
		}
		for _, out := range m.flows[ready[0]].outputs {
			if pending[out.lot]--; pending[out.lot] > 0 {
				continue // another transformation adds to this lot
			}
			for _, t := range feeds[out.lot] {
				if waits[t]--; waits[t] == 0 {
					ready = append(ready, t)
				}
			}
		}
	}
	shares := make(map[uuid.UUID]quantity.Decimal, len(m.known))
	for id, share := range m.known {
		shares[id] = share.Round(3)
	}
	return shares, nil
}

// order tells, for each transformation, how many of its inputs are descendants whose shares it waits for, and which
// transformations a lot feeds.
func (m *mixing) order(root uuid.UUID) (waits map[uuid.UUID]int, feeds map[uuid.UUID][]uuid.UUID) {
	waits, feeds = map[uuid.UUID]int{}, map[uuid.UUID][]uuid.UUID{}
	for t, f := range m.flows {
		for _, in := range f.inputs {
			if !m.kin[in.lot] {
				continue
			}
			feeds[in.lot] = append(feeds[in.lot], t)
			if in.lot != root {
				waits[t]++
			}
		}
	}
	return waits, feeds
}

// producers counts the transformations that give each lot out: outside lots can have several.
func (m *mixing) producers() map[uuid.UUID]int {
	count := map[uuid.UUID]int{}
	for _, f := range m.flows {
		for _, out := range f.outputs {
			count[out.lot]++
		}
	}
	return count
}

// spread shares what a transformation's inputs hold among its outputs. touched remembers lots with a share, known or not.
func (m *mixing) spread(t uuid.UUID, touched map[uuid.UUID]bool) error {
	f := m.flows[t]
	held, known, err := m.held(f)
	if err != nil {
		return err
	}
	inKg, _, err := total(f.inputs)
	if err != nil {
		return err
	}
	outKg, weighed, err := total(f.outputs)
	if err != nil {
		return err
	}
	whole := outKg
	if inKg.Cmp(outKg) > 0 {
		whole = inKg // the difference was lost, in proportion
	}
	for _, out := range f.outputs {
		if !known || !weighed || m.vessels[out.lot] || whole.IsZero() {
			touched[out.lot] = true
			delete(m.known, out.lot)
			continue
		}
		share, err := held.MulQuo(*out.kg, whole, shareScale)
		if err != nil {
			return err
		}
		before, ok := m.known[out.lot]
		switch {
		case !touched[out.lot]:
			m.known[out.lot] = share
		case ok:
			if m.known[out.lot], err = before.Add(share); err != nil {
				return err
			}
		}
		touched[out.lot] = true
	}
	return nil
}

// held is how much of the root's material goes into a transformation; not known where a share or a weight is not.
func (m *mixing) held(f *flow) (sum quantity.Decimal, known bool, err error) {
	sum = quantity.MustParse("0.000")
	for _, in := range f.inputs {
		if !m.kin[in.lot] {
			continue // nothing of the root is in it
		}
		weight, weighed := m.weights[in.lot]
		share, ok := m.known[in.lot]
		if !ok || !weighed || weight.IsZero() || in.kg == nil {
			return sum, false, nil
		}
		part, err := share.MulQuo(*in.kg, weight, shareScale)
		if err != nil {
			return sum, false, err
		}
		if sum, err = sum.Add(part); err != nil {
			return sum, false, err
		}
	}
	return sum, true, nil
}

// total adds weights up; weighed is false where one is missing.
func total(portions []portion) (sum quantity.Decimal, weighed bool, err error) {
	sum, weighed = quantity.MustParse("0.000"), true
	for _, p := range portions {
		if p.kg == nil {
			weighed = false
			continue
		}
		if sum, err = sum.Add(*p.kg); err != nil {
			return sum, false, err
		}
	}
	return sum, weighed, nil
}
