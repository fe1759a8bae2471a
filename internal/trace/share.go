package trace

import (
	"context"
	"math"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
)

// shareScale is how many decimals of a kilogram shares are carried with from step to step: the most that leave room for 999,999,999 kg
// (numeric(12,3)) in 19 digits. A thousand steps, each rounded once, are then right to a twentieth of a milligram: what is shown is the nearest gram
// but where two are as near as that. With 8 decimals, 3 of 92,562 answers had a lot with the other one.
const shareScale = 10

// flow is what one transformation took in and gave out, in kilograms; nil where nobody said.
type flow struct {
	inputs, outputs []portion
}

type portion struct {
	lot uuid.UUID
	kg  *quantity.Decimal
}

// Shares works out how many kilograms of the root's material each of its descendants can hold, mixed in proportion: what
// goes into a transformation comes out spread over its outputs by weight, and what the outputs lack of the inputs was
// lost in the same proportion. A lot has no entry where that can't be known: a weight is missing on the way, or the way
// leads through a vessel that is never emptied, whose heel carries over.
func (f *Finder) Shares(ctx context.Context, g *Genealogy) (map[uuid.UUID]quantity.Decimal, error) {
	if g.Truncated || g.maxDepth != Unbounded {
		// What lies beyond the cut may flow back into a lot inside it.
		var err error
		if g, err = f.Genealogy(ctx, Query{Root: g.Root, Descendants: true, MaxDepth: Unbounded, Limit: math.MaxInt, AsOf: g.asOf}); err != nil {
			return nil, err
		}
	}
	ids, transformations := g.downstream()
	weights, vessels, err := f.weights(ctx, ids, g.asOf)
	if err != nil {
		return nil, err
	}
	flows, err := f.flows(ctx, transformations)
	if err != nil {
		return nil, err
	}
	kin := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		kin[id] = true
	}
	m := mixing{kin: kin, flows: flows, weights: weights, vessels: vessels, known: map[uuid.UUID]quantity.Decimal{}}
	return m.follow(g)
}

// downstream lists the root with its descendants, and the transformations that made them.
func (g *Genealogy) downstream() (lots, transformations []uuid.UUID) {
	made := make(map[uuid.UUID]struct{}, len(g.Descendants))
	lots = append(lots, g.Root)
	for _, k := range g.Descendants {
		made[k.ID] = struct{}{}
		lots = append(lots, k.ID)
	}
	seen := map[uuid.UUID]struct{}{}
	for _, l := range g.Links {
		if _, ok := made[l.ChildID]; !ok {
			continue
		}
		if _, ok := seen[l.TransformationID]; !ok {
			seen[l.TransformationID] = struct{}{}
			transformations = append(transformations, l.TransformationID)
		}
	}
	return lots, transformations
}

// weights reads what lots weighed at their birth, now or as it was known at a time, and which of them are in a continuous vessel. What was drawn of a
// lot then was drawn of what it weighed then: against a weight that was corrected since, more might go into a lot than was in the other.
func (f *Finder) weights(ctx context.Context, ids []uuid.UUID, asOf *time.Time) (map[uuid.UUID]quantity.Decimal, map[uuid.UUID]bool, error) {
	vesselTypes, err := f.q.VesselLotTypes(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	isVessel := make(map[uuid.UUID]bool, len(vesselTypes))
	for _, id := range vesselTypes {
		isVessel[id] = true
	}
	rows, err := f.q.LotWeightsByIDs(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	weights, vessels := make(map[uuid.UUID]quantity.Decimal, len(rows)), map[uuid.UUID]bool{}
	for _, r := range rows {
		if r.WeightKg != nil {
			weights[r.ID] = *r.WeightKg
		}
		if isVessel[r.LotTypeID] {
			vessels[r.ID] = true
		}
	}
	if asOf == nil {
		return weights, vessels, nil
	}
	then, err := f.q.LotWeightsAsOf(ctx, db.LotWeightsAsOfParams{LotIds: ids, AsOf: *asOf})
	for _, r := range then {
		weights[r.LotID] = r.WeightKg
	}
	return weights, vessels, err
}

func (f *Finder) flows(ctx context.Context, transformations []uuid.UUID) (map[uuid.UUID]*flow, error) {
	flows := make(map[uuid.UUID]*flow, len(transformations))
	for _, id := range transformations {
		flows[id] = &flow{}
	}
	inputs, err := f.q.TransformationInputsByTransformations(ctx, transformations)
	if err != nil {
		return nil, err
	}
	for _, r := range inputs {
		flows[r.TransformationID].inputs = append(flows[r.TransformationID].inputs, portion{r.LotID, r.QuantityKg})
	}
	outputs, err := f.q.TransformationOutputsByTransformations(ctx, transformations)
	if err != nil {
		return nil, err
	}
	for _, r := range outputs {
		flows[r.TransformationID].outputs = append(flows[r.TransformationID].outputs, portion{r.LotID, r.QuantityKg})
	}
	return flows, nil
}
