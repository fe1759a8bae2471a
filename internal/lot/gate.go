package lot

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/quantity"
)

// GateState is what is known of a lot at a gate that applies to its type.
type GateState db.LotGatesRow

const (
	pass    = string(db.QcOutcomePASS)
	unknown = ""
)

// Passed reports whether the lot may be used inside the site as far as the gate decides. Its own decision counts before those of
// its line. A check of the line counts for the lots between it and the next one: both must be a PASS, since a periodic check
// says nothing about what comes after it. At a gate with positive release the lot moves on before the result is there.
func (g *GateState) Passed() bool {
	switch {
	case g.Own != unknown:
		return g.Own == pass
	case g.PerLot:
		return g.PositiveRelease
	}
	return g.Before == pass && (g.After == pass || g.After == unknown && g.PositiveRelease)
}

// Checked reports whether somebody has decided about the lot itself, however it was.
func (g *GateState) Checked() bool { return g.Own != unknown }

// MayLeave reports whether the lot, and what was made of it, may leave the site as far as the gate decides: where a result comes
// later, when it has come.
func (g *GateState) MayLeave() bool {
	switch {
	case !g.PositiveRelease:
		return true
	case g.Own != unknown || g.PerLot:
		return g.Own == pass
	}
	return g.Before == pass && g.After == pass
}

// Gates reads what is known of lots at the gates that apply to them, by lot and in the order of the gates' numbers.
func Gates(ctx context.Context, q *db.Queries, ids []uuid.UUID) (map[uuid.UUID][]*GateState, error) {
	rows, err := q.LotGates(ctx, ids)
	states := make(map[uuid.UUID][]*GateState, len(ids))
	for _, row := range rows {
		states[row.LotID] = append(states[row.LotID], new(GateState(row)))
	}
	return states, err
}

// releasedBy reports whether each BLOCKING gate has passed the lot: it is RELEASED then, and in QUARANTINE before.
func releasedBy(states []*GateState) bool {
	for _, g := range states {
		if g.Mode == db.GateModeBLOCKING && !g.Passed() {
			return false
		}
	}
	return true
}

// Unpassed are those of some lots that a BLOCKING gate hasn't passed.
func Unpassed(ctx context.Context, q *db.Queries, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	states, err := Gates(ctx, q, ids)
	unpassed := map[uuid.UUID]bool{}
	for _, id := range ids {
		if !releasedBy(states[id]) {
			unpassed[id] = true
		}
	}
	return unpassed, err
}

// Reassess gives lots that are there the status that their gates say, and returns those whose status changed, with the new one.
// Whoever calls it has locked them, or has kept everybody else out of their site.
func Reassess(ctx context.Context, tx *command.Tx, lots []*Lot) (changed map[uuid.UUID]db.LotStatus, err error) {
	var p db.SetLotStatusesParams
	ids := make([]uuid.UUID, len(lots))
	for i, l := range lots {
		ids[i] = l.ID
	}
	states, err := Gates(ctx, tx.Queries, ids)
	if err != nil {
		return nil, err
	}
	changed = map[uuid.UUID]db.LotStatus{}
	for _, l := range lots {
		status := db.LotStatusQUARANTINE
		if releasedBy(states[l.ID]) {
			status = db.LotStatusRELEASED
		}
		there := l.Lot.Status == db.LotStatusQUARANTINE || l.Lot.Status == db.LotStatusRELEASED
		if there && l.Lot.Status != status {
			changed[l.ID] = status
			p.Ids, p.Statuses = append(p.Ids, l.ID), append(p.Statuses, string(status))
		}
	}
	if len(changed) == 0 {
		return changed, nil
	}
	return changed, tx.SetLotStatuses(ctx, p)
}

// Waiting is a gate whose result, which comes later, a lot still lacks.
type Waiting struct {
	Code   string // of the lot
	Number quantity.Decimal
}

// WaitsFor says which results keep a lot on the site: its own, and those of all that it was made of.
func WaitsFor(ctx context.Context, q *db.Queries, lotID uuid.UUID) ([]Waiting, error) {
	concerned, err := q.LotsOfPositiveRelease(ctx, lotID)
	if err != nil || len(concerned) == 0 {
		return nil, err
	}
	ids := make([]uuid.UUID, len(concerned))
	for i, c := range concerned {
		ids[i] = c.ID
	}
	states, err := Gates(ctx, q, ids)
	var waiting []Waiting
	for _, c := range concerned {
		for _, g := range states[c.ID] {
			if !g.MayLeave() {
				waiting = append(waiting, Waiting{c.Code, g.Number})
			}
		}
	}
	return waiting, err
}
