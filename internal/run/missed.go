package run

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
	"flowviz/internal/lot"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

// unchecked are a run's lots that nobody has checked at a gate.
type unchecked struct {
	codes []string
	last  time.Time // when the last of them was registered
}

// missed raises an alert for each of some gates at which nobody has checked some lots of a run: a CHECKPOINT stops nothing, so nobody would notice
// otherwise. It is told once a gate, and again where there are others since.
func missed(ctx context.Context, tx *command.Tx, r db.Run, gates []*scenario.GateOf) error {
	found, err := uncheckedAt(ctx, tx, r, gates)
	if err != nil {
		return err
	}
	var alerts []alert.New
	for _, g := range gates {
		if u := found[g.ID]; u != nil {
			alerts = append(alerts, u.alert(r, g))
		}
	}
	_, err = alert.Raise(ctx, tx, alerts...)
	return err
}

// checkpoints are those of some gates at which each lot is checked and which stop nothing. Where results come later, they are asked for at the run's
// end alone.
func checkpoints(gates []*scenario.GateOf, atEnd bool) []*scenario.GateOf {
	var out []*scenario.GateOf
	for _, g := range gates {
		if g.Mode == definition.ModeCheckpoint && g.PerLot && (atEnd || !g.PositiveRelease) {
			out = append(out, g)
		}
	}
	return out
}

// uncheckedAt finds the lots without any decision, by gate. Those that nobody has made can't be checked, and of the rejected ones all is known.
func uncheckedAt(ctx context.Context, tx *command.Tx, r db.Run, gates []*scenario.GateOf) (map[uuid.UUID]*unchecked, error) {
	lots, states, err := lotsAt(ctx, tx, r, gates)
	if err != nil {
		return nil, err
	}
	asked := map[uuid.UUID]bool{}
	for _, g := range gates {
		asked[g.ID] = true
	}
	found := map[uuid.UUID]*unchecked{}
	for _, l := range lots {
		if l.Announced || l.Status == db.LotStatusREJECTED {
			continue
		}
		for _, g := range states[l.ID] {
			if !asked[g.GateID] || g.Checked() {
				continue
			}
			if found[g.GateID] == nil {
				found[g.GateID] = &unchecked{}
			}
			found[g.GateID].add(l)
		}
	}
	return found, nil
}

// lotsAt are a run's lots to which one of the gates applies, with what is known of each at its gates.
func lotsAt(ctx context.Context, tx *command.Tx, r db.Run, gates []*scenario.GateOf) ([]db.RunLotsOfTypesRow, map[uuid.UUID][]*lot.GateState, error) {
	var types []uuid.UUID
	for _, g := range gates {
		for _, t := range g.Of {
			types = append(types, t.ID)
		}
	}
	if len(types) == 0 {
		return nil, nil, nil
	}
	lots, err := tx.RunLotsOfTypes(ctx, db.RunLotsOfTypesParams{RunID: &r.ID, SiteID: r.SiteID, LotTypeIds: types})
	if err != nil {
		return nil, nil, err
	}
	ids := make([]uuid.UUID, len(lots))
	for i, l := range lots {
		ids[i] = l.ID
	}
	states, err := lot.Gates(ctx, tx.Queries, ids)
	return lots, states, err
}

func (u *unchecked) add(l db.RunLotsOfTypesRow) {
	u.codes = append(u.codes, l.Code)
	if l.RegisteredAt.After(u.last) {
		u.last = l.RegisteredAt
	}
}

// named is how many of the lots an alert names.
const named = 3

func (u *unchecked) alert(r db.Run, g *scenario.GateOf) alert.New {
	severity := db.AlertSeverityWARNING
	if g.Kind == definition.KindCCP {
		severity = db.AlertSeverityCRITICAL
	}
	which := strings.Join(u.codes[:min(named, len(u.codes))], ", ")
	if more := len(u.codes) - named; more > 0 {
		which += fmt.Sprintf(" and %d more", more)
	}
	return alert.New{
		Site: r.SiteID, Kind: db.AlertKindCHECKMISSED, Severity: severity, Run: &r.ID, Since: u.last,
		Subject: r.ID.String() + " " + g.ID.String(),
		Message: fmt.Sprintf("%s, gate %s %s: nobody has checked %s", r.Code, g.Number, g.Name.En, which),
	}
}
