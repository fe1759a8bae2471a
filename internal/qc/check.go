package qc

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
	"flowviz/internal/equipment"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
)

// check is a decision while it is made.
type check struct {
	Record
	tx      *command.Tx
	library *scenario.Library

	site      int32
	run       *db.Run  // nil for a lot of no run
	lot       *lot.Use // nil for the line
	gate      *scenario.GateOf
	old       *db.QcDecision // that this one corrects; nil for none
	at        time.Time      // when was checked
	equipment *string
	readings  []reading
	remarks   []string   // what isn't met at a gate for information
	deviation *uuid.UUID // nil for a PASS that corrects nothing bad
	row       db.InsertDecisionParams
}

// label is what the log calls the decision's subject.
func (c *check) label() string {
	if c.lot != nil {
		return c.lot.Code
	}
	return c.run.Code
}

// remark is the alert of what isn't met at a gate for information. One stands for all of a subject at the gate until somebody has seen it: a probe
// sends the same every few seconds.
func (c *check) remark(why string) alert.New {
	a := alert.New{
		Site: c.site, Kind: db.AlertKindLIMITEXCEEDED, Severity: db.AlertSeverityINFO,
		Message: fmt.Sprintf("%s at gate %s, %s: %s", c.label(), c.gate.Number, c.gate.Name.En, why),
	}
	if c.run != nil {
		a.Run, a.Subject = &c.run.ID, c.run.ID.String()
	}
	if c.lot != nil {
		a.Lot, a.Subject = &c.lot.ID, c.lot.ID.String()
	}
	a.Subject += " " + c.gate.ID.String()
	return a
}

// find locks the site and finds all that the decision is about.
func (c *check) find(ctx context.Context) error {
	if err := c.GateID.Require(relay.QcGate, "gateId"); err != nil {
		return err
	}
	if err := c.lock(ctx); err != nil {
		return err
	}
	if err := c.writable(); err != nil {
		return err
	}
	if err := c.findGate(ctx); err != nil {
		return err
	}
	if err := c.findOld(ctx); err != nil {
		return err
	}
	if err := c.findTime(); err != nil {
		return err
	}
	return c.findEquipment(ctx)
}

// writable refuses what is about a run that has ended.
func (c *check) writable() error {
	if c.run == nil {
		return nil
	}
	switch c.run.Status {
	case db.RunStatusCOMPLETED, db.RunStatusABORTED, db.RunStatusARCHIVED:
		return fault.New(fault.FailedPrecondition, c.field(), "%s is %s: it is read-only", c.run.Code, c.run.Status)
	case db.RunStatusIDLE, db.RunStatusRUNNING, db.RunStatusHOLD:
	}
	return nil
}

func (c *check) field() string {
	if c.LotID != nil {
		return "lotId"
	}
	return "runId"
}

// lock takes the site and reads the lot or the run. What stops lots, and a check of the line, which may let many go, take the site
// for themselves: no lot is made meanwhile that the decision would miss.
func (c *check) lock(ctx context.Context) error {
	if c.LotID == nil {
		return c.lockRun(ctx)
	}
	take := c.tx.ExcludeBelow
	if c.Decision == db.QcOutcomePASS {
		take = c.tx.Share
	}
	use, at, err := lot.LockOne(ctx, c.tx, *c.LotID, identity.Operate, take)
	if err != nil {
		return err
	}
	c.lot, c.site = use, at.ID
	return c.findRun(ctx, use.RunID)
}

func (c *check) lockRun(ctx context.Context) error {
	if err := c.RunID.Require(relay.Run, "runId"); err != nil {
		return err
	}
	at, err := c.tx.SiteOf(ctx, *c.RunID, "runId", identity.Operate)
	if err != nil {
		return err
	}
	c.site = at.ID
	if err := c.tx.ExcludeBelow(ctx, at.ID); err != nil {
		return err
	}
	return c.findRun(ctx, &c.RunID.UUID)
}

func (c *check) findRun(ctx context.Context, id *uuid.UUID) error {
	if id == nil {
		return nil
	}
	runs, err := c.tx.RunsByIDs(ctx, []uuid.UUID{*id})
	if err != nil {
		return err
	}
	if len(runs) == 0 || runs[0].SiteID != c.site {
		return fault.New(fault.NotFound, c.field(), "there is no such Run")
	}
	c.run = &runs[0]
	return nil
}

// findGate finds the gate in the version that the run pins, or that a lot of no run was registered by.
func (c *check) findGate(ctx context.Context) error {
	version, err := c.version(ctx)
	if err != nil {
		return err
	}
	if version != nil {
		c.gate = version.GateByID(c.GateID.UUID)
	}
	switch {
	case c.gate == nil:
		return fault.New(fault.NotFound, "gateId", "the scenario of %s has no such gate", c.label())
	case c.lot != nil && !c.gate.PerLot:
		return fault.BadInput("lotId", "gate %s checks the line: give runId", c.gate.Number)
	case c.lot == nil && c.gate.PerLot:
		return fault.BadInput("runId", "gate %s checks each lot: give lotId", c.gate.Number)
	case c.lot != nil && !c.gate.AppliesTo(c.lot.LotTypeID):
		return fault.BadInput("gateId", "gate %s is not for lots of type %s", c.gate.Number, c.lot.Type)
	}
	return nil
}

func (c *check) version(ctx context.Context) (*scenario.Version, error) {
	if c.run != nil {
		return c.library.Version(ctx, c.tx.Queries, c.run.ScenarioID)
	}
	types, err := c.tx.LotTypesByIDs(ctx, []uuid.UUID{c.lot.LotTypeID})
	if err != nil || len(types) == 0 || types[0].ScenarioID == nil { // a type of others, that an import brought
		return nil, err
	}
	return c.library.Version(ctx, c.tx.Queries, *types[0].ScenarioID)
}

// findOld finds the decision that this one corrects: the last word on the same check.
func (c *check) findOld(ctx context.Context) error {
	if c.SupersedesID == nil {
		return nil
	}
	if err := c.SupersedesID.Require(relay.QcDecision, "supersedesId"); err != nil {
		return err
	}
	found, err := c.tx.DecisionToCorrect(ctx, db.DecisionToCorrectParams{ID: c.SupersedesID.UUID, SiteID: c.site})
	if db.NoRows(err) {
		return fault.New(fault.NotFound, "supersedesId", "there is no such QcDecision at this site")
	} else if err != nil {
		return err
	}
	old := found.QcDecision
	var about bool
	if c.lot != nil {
		about = old.LotID != nil && *old.LotID == c.lot.ID
	} else {
		about = old.LotID == nil && old.RunID != nil && *old.RunID == c.run.ID
	}
	switch {
	case !about || old.GateID != c.gate.ID:
		return fault.BadInput("supersedesId", "that decision is about another check: correct it at its own gate")
	case found.Superseded:
		return fault.New(fault.Conflict, "supersedesId", "another decision corrects that one already: correct the correction")
	}
	c.old = &old
	return nil
}

// findTime says when was checked, and on what.
func (c *check) findTime() error {
	c.at, c.equipment = c.tx.At, c.Equipment
	switch {
	case c.old != nil:
		c.at = c.old.CheckedAt
		if c.equipment == nil {
			c.equipment = c.old.Equipment
		}
	case c.CheckedAt != nil:
		c.at = c.CheckedAt.UTC().Truncate(time.Microsecond)
	}
	if c.at.After(c.tx.At) {
		return fault.BadInput("checkedAt", "%s is in the future", c.at.Format(time.RFC3339))
	}
	return nil
}

// findEquipment refuses equipment that the site doesn't list: a failed check on it would hold nothing.
func (c *check) findEquipment(ctx context.Context) error {
	faults, err := equipment.Require(ctx, c.tx, c.site, equipment.Named{Code: c.Equipment, Field: "equipment", At: c.at})
	if err != nil {
		return err
	}
	return faults.Err()
}
