package qc

import (
	"context"
	"fmt"
	"strings"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/deviation"
	"flowviz/internal/event"
	"flowviz/internal/hold"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
)

// follow is what a decision leads to. The status of lots is what their gates say; what is held stays so until a MANAGER ends it.
func (c *check) follow(ctx context.Context) error {
	switch {
	case c.Decision != db.QcOutcomePASS:
		if err := c.stop(ctx); err != nil {
			return err
		}
	case len(c.remarks) > 0:
		if _, err := alert.Raise(ctx, c.tx, c.remark(strings.Join(c.remarks, "; "))); err != nil {
			return err
		}
	}
	if err := c.stopLater(ctx); err != nil {
		return err
	}
	return c.reassess(ctx)
}

func (c *check) reassess(ctx context.Context) error {
	lots := []*lot.Lot{}
	if c.lot != nil {
		lots = append(lots, c.lot.Lot)
	} else {
		rows, err := c.tx.LotsToReassess(ctx, db.LotsToReassessParams{RunID: c.run.ID, SiteID: c.site, LotTypeIds: typesOf(c.gate)})
		if err != nil {
			return err
		}
		for _, row := range rows {
			lots = append(lots, &lot.Lot{Lot: row})
		}
	}
	changed, err := lot.Reassess(ctx, c.tx, lots)
	if err != nil {
		return err
	}
	for _, l := range lots {
		if after, ok := changed[l.ID]; ok {
			c.tx.Tell(event.Event{
				Type: event.LotStatusChanged, Site: c.site, Subject: l.GlobalID(), Run: l.RunID, Data: map[string]any{"before": l.Status(), "after": after},
			})
		}
	}
	return nil
}

// deviate opens the deviation of a HOLD or FAIL. A correction goes on with the deviation of what it corrects while that is open: what was
// verified there is to be looked at again, also where the correction is a PASS.
func (c *check) deviate(ctx context.Context) error {
	if c.old != nil && c.old.DeviationID != nil {
		open, err := deviation.Reconsider(ctx, c.tx, c.site, *c.old.DeviationID)
		if err != nil {
			return err
		}
		if open {
			c.deviation = c.old.DeviationID
			return nil
		}
	}
	if c.Decision == db.QcOutcomePASS {
		return nil
	}
	n := deviation.New{Site: c.site, Gate: c.gate, Description: text(c.Notes)}
	if c.run != nil {
		n.Run = &c.run.ID
	}
	id, err := deviation.Open(ctx, c.tx, n)
	c.deviation = &id
	return err
}

// stop holds what the check found to be bad, and calls a person.
func (c *check) stop(ctx context.Context) error {
	lots, err := c.concerned(ctx)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("Gate %s, %s: %s", c.gate.Number, c.gate.Name.En, text(c.Notes))
	if len(lots) > 0 {
		if _, err := hold.Open(ctx, c.tx, c.site, hold.Opening{Lots: lots, Reason: name, Deviation: *c.deviation, Decision: &c.row.ID}); err != nil {
			return err
		}
	}
	a := alert.New{Site: c.site, Kind: db.AlertKindQCHOLD, Severity: db.AlertSeverityWARNING, Lot: c.row.LotID, Run: c.row.RunID}
	if c.Decision == db.QcOutcomeFAIL {
		a.Kind, a.Severity = db.AlertKindQCFAIL, db.AlertSeverityCRITICAL
	}
	a.Message = fmt.Sprintf("%s of %s at gate %s, %s: %s", c.Decision, c.label(), c.gate.Number, c.gate.Name.En, text(c.Notes))
	_, err = alert.Raise(ctx, c.tx, a)
	return err
}

// concerned are the lots that a HOLD or FAIL holds: its own; or, where a check of the line brackets, all between the last PASS and the
// next one, also those that are consumed or shipped.
func (c *check) concerned(ctx context.Context) ([]*lot.Use, error) {
	if c.lot != nil {
		return []*lot.Use{c.lot}, nil
	}
	if !c.gate.Bracketing || len(c.gate.Of) == 0 {
		return nil, nil
	}
	found, err := c.bracketed(ctx, c.equipment)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	ids := make([]relay.ID, len(found))
	for i, id := range found {
		ids[i] = relay.ID{Kind: relay.Lot, Site: c.site, UUID: id}
	}
	uses, err := lot.Lock(ctx, c.tx, c.site, ids, func(int) string { return "runId" })
	if err != nil {
		return nil, err
	}
	lots := make([]*lot.Use, len(found))
	for i, id := range found {
		lots[i] = uses[id]
	}
	return lots, nil
}
