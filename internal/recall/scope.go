package recall

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
)

// maxSuspects bounds the suspects of one recall: each is held, with an event of the log.
const maxSuspects = 10_000

// Scope says which lots of one site are suspect: those that are named, and those of which all that is said beside holds.
type Scope struct {
	SiteCode        *string // the site of the lots or of the supplier where nil
	LotIDs          []relay.ID
	SupplierID      *relay.ID
	SupplierLotCode *string
	// GateID finds what passed a gate in the time: where it checks the line and brackets, all between the last good check before and the
	// first one after.
	GateID    *relay.ID
	Equipment *string          // code of what the lots were made on; with a gate, of what was checked
	Time      *relay.TimeRange // when they came into being; with a gate, when they passed it
}

// fields are what the scope says, as the API does.
func (s Scope) fields() audit.Fields {
	fields := audit.Fields{}
	if s.SiteCode != nil {
		fields["siteCode"] = *s.SiteCode
	}
	if len(s.LotIDs) > 0 {
		ids := make([]string, len(s.LotIDs))
		for i, id := range s.LotIDs {
			ids[i] = id.String()
		}
		fields["lotIds"] = ids
	}
	if s.SupplierID != nil {
		fields["supplierId"] = s.SupplierID.String()
	}
	if s.SupplierLotCode != nil {
		fields["supplierLotCode"] = *s.SupplierLotCode
	}
	if s.GateID != nil {
		fields["gateId"] = s.GateID.String()
	}
	if s.Equipment != nil {
		fields["equipment"] = *s.Equipment
	}
	if from, before := s.Time.Bounds(); from != nil || before != nil {
		fields["time"] = audit.Fields{"from": from, "before": before}
	}
	return fields
}

// searches reports whether lots are to be looked for.
func (s Scope) searches() bool {
	return s.SupplierID != nil || s.SupplierLotCode != nil || s.GateID != nil || s.Equipment != nil
}

// check finds what is wrong with the scope by itself.
func (s Scope) check() fault.List {
	var faults fault.List
	if !s.searches() && len(s.LotIDs) == 0 {
		faults = append(faults, fault.BadInput("lotIds", "say what is suspect: lots, or a supplier, a supplier's lot code, a gate or equipment"))
	}
	if n := len(s.LotIDs); n > maxSuspects {
		faults = append(faults, fault.Bounded("lotIds", n, maxSuspects, "give at most %d", maxSuspects))
	}
	for i, id := range s.LotIDs {
		faults = appendFault(faults, id.Require(relay.Lot, lot.Listed(i)))
	}
	if s.SupplierID != nil {
		faults = appendFault(faults, s.SupplierID.Require(relay.Partner, "supplierId"))
	}
	if s.GateID != nil {
		faults = appendFault(faults, s.GateID.Require(relay.QcGate, "gateId"))
	}
	from, before := s.Time.Bounds()
	switch {
	case from == nil && (s.GateID != nil || s.Equipment != nil):
		faults = append(faults, fault.BadInput("time", "say from when: a gate and equipment have seen much that is good"))
	case from != nil && before != nil && !from.Before(*before):
		faults = append(faults, fault.BadInput("time", "it ends before it begins"))
	}
	if s.SiteCode == nil && len(s.LotIDs) == 0 && s.SupplierID == nil && s.searches() {
		faults = append(faults, fault.BadInput("siteCode", "say at which site"))
	}
	return faults
}

func appendFault(faults fault.List, err error) fault.List {
	if f := fault.Of(err); f != nil {
		return append(faults, f)
	}
	return faults
}

// site finds where the suspects are, where the actor may recall them.
func (s Scope) site(ctx context.Context, tx *command.Tx, p identity.Permission) (db.Site, error) {
	switch {
	case s.SiteCode != nil:
		return tx.Site(ctx, *s.SiteCode, p)
	case len(s.LotIDs) > 0:
		return tx.SiteOf(ctx, s.LotIDs[0], lot.Listed(0), p)
	}
	return tx.SiteOf(ctx, *s.SupplierID, "supplierId", p)
}

// suspects finds the lots of the scope, in the order of their ids. NOT_FOUND names each that isn't there, or what found none; LIMIT where
// they are too many.
func (s *Service) suspects(ctx context.Context, tx *command.Tx, site int32, scope Scope) ([]uuid.UUID, error) {
	if err := tx.Later.PlanAnew(ctx); err != nil {
		return nil, err
	}
	named, err := s.named(ctx, tx, site, scope)
	if err != nil {
		return nil, err
	}
	found, err := s.search(ctx, tx, site, scope)
	if err != nil {
		return nil, err
	}
	all := append(named, found...)
	slices.SortFunc(all, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	if all = slices.Compact(all); len(all) > maxSuspects {
		return nil, fault.Over("suspects", maxSuspects, len(all), "", "more than %d lots are suspect: narrow the scope, or recall what they were made of", maxSuspects)
	}
	return all, nil
}

// named are the lots that are given by id.
func (s *Service) named(ctx context.Context, tx *command.Tx, site int32, scope Scope) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, len(scope.LotIDs))
	for i, id := range scope.LotIDs {
		ids[i] = id.UUID
	}
	if len(ids) == 0 {
		return nil, nil
	}
	there, err := tx.LotsInScope(ctx, db.LotsInScopeParams{SiteID: site, Among: ids, Most: maxSuspects})
	if err != nil {
		return nil, err
	}
	known := make(map[uuid.UUID]bool, len(there))
	for _, id := range there {
		known[id] = true
	}
	var faults fault.List
	for i, id := range ids {
		if !known[id] || scope.LotIDs[i].Site != site {
			faults = append(faults, fault.New(fault.NotFound, lot.Listed(i), "there is no such lot at this site"))
		}
	}
	return there, faults.Err()
}

// search are the lots of which all that the scope says holds.
func (s *Service) search(ctx context.Context, tx *command.Tx, site int32, scope Scope) ([]uuid.UUID, error) {
	if !scope.searches() {
		return nil, nil
	}
	p := db.LotsInScopeParams{SiteID: site, SupplierLotCode: scope.SupplierLotCode, Equipment: scope.Equipment, Most: maxSuspects + 1}
	p.Since, p.Until = scope.Time.Bounds()
	if scope.SupplierID != nil {
		p.SupplierID = &scope.SupplierID.UUID
	}
	if scope.GateID != nil {
		past, err := s.pastGate(ctx, tx, site, scope)
		if err != nil {
			return nil, err
		}
		p.Among, p.Since, p.Until, p.Equipment = past, nil, nil, nil // the gate has seen to these
	}
	found, err := tx.LotsInScope(ctx, p)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, scope.asks(), "no lot of this site is so")
	}
	return found, err
}

// asks names the field by which lots are looked for.
func (s Scope) asks() string {
	switch {
	case s.GateID != nil:
		return "gateId"
	case s.Equipment != nil:
		return "equipment"
	case s.SupplierLotCode != nil:
		return "supplierLotCode"
	}
	return "supplierId"
}

// pastGate are the lots that passed the scope's gate in its time; none is an empty list.
func (s *Service) pastGate(ctx context.Context, tx *command.Tx, site int32, scope Scope) ([]uuid.UUID, error) {
	gate, scenarioID, err := s.gate(ctx, tx, scope.GateID.UUID)
	if err != nil {
		return nil, err
	}
	from, before := scope.Time.Bounds()
	return qc.Passed(ctx, tx, qc.Passing{Site: site, Gate: gate, ScenarioID: scenarioID, Since: *from, Until: before, Equipment: scope.Equipment})
}

// gate finds a gate and its scenario's version.
func (s *Service) gate(ctx context.Context, tx *command.Tx, id uuid.UUID) (*scenario.GateOf, uuid.UUID, error) {
	rows, err := tx.GatesByIDs(ctx, []uuid.UUID{id})
	if err != nil {
		return nil, uuid.Nil, err
	}
	if len(rows) == 0 {
		return nil, uuid.Nil, fault.New(fault.NotFound, "gateId", "there is no such QcGate")
	}
	version, err := s.library.Version(ctx, tx.Queries, rows[0].ScenarioID)
	if err != nil {
		return nil, uuid.Nil, err
	}
	return version.GateByID(id), version.ID, nil
}
