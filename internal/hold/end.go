package hold

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
)

// Release lets a lot go: all holds on it end.
type Release struct {
	LotID  relay.ID
	Reason string
	// Evaluation is the documented evaluation that lets a lot go at a CCP without a new PASS there; nil for none.
	Evaluation *string
	Password   identity.Secret

	IdempotencyKey *string
}

// ReleaseLot ends all holds on a lot and what was exposed because of them; it takes a MANAGER, and their signature. At a CCP it also
// takes a new PASS there, of no earlier check than what was bad, or a documented evaluation, and somebody else than who decided or held, or
// passed it. The lot's status is what its gates say, where the release counts as a PASS; it stays exposed while there is any other cause. FAILED_PRECONDITION names each hold
// that can't be ended so.
func (s *Service) ReleaseLot(ctx context.Context, in Release) (uuid.UUID, error) {
	if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {
		return uuid.Nil, err
	}
	if in.Evaluation != nil {
		if err := command.CheckReason("evaluation", *in.Evaluation, maxEvaluation); err != nil {
			return uuid.Nil, err
		}
	}
	reason := strings.TrimSpace(in.Reason)
	if in.Evaluation != nil {
		reason += "\nEvaluation: " + strings.TrimSpace(*in.Evaluation)
	}
	return s.end(ctx, ending{
		mutation: "releaseLot", key: in.IdempotencyKey, input: in, lot: in.LotID, reason: reason, password: in.Password,
		outcome: db.HoldOutcomeRELEASED, action: audit.ReleaseLot, evaluated: in.Evaluation != nil,
	})
}

// Rejection ends all holds on a lot for good.
type Rejection struct {
	LotID    relay.ID
	Reason   string
	Password identity.Secret

	IdempotencyKey *string
}

// RejectLot makes a lot REJECTED, which is final, and keeps all that was made of it exposed; it takes a MANAGER, and their signature.
// A lot that nobody holds is held, for a deviation of its own, and rejected in one. A consumed or shipped one keeps its status. One that is rejected already
// is rejected again where it was held since, so that what it was held for can be closed; FAILED_PRECONDITION where it wasn't.
func (s *Service) RejectLot(ctx context.Context, in Rejection) (uuid.UUID, error) {
	if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {
		return uuid.Nil, err
	}
	return s.end(ctx, ending{
		mutation: "rejectLot", key: in.IdempotencyKey, input: in, lot: in.LotID, reason: strings.TrimSpace(in.Reason), password: in.Password,
		outcome: db.HoldOutcomeREJECTED, action: audit.RejectLot,
	})
}

// ending is how holds on a lot are to end.
type ending struct {
	mutation  string
	key       *string
	input     any
	lot       relay.ID
	reason    string
	password  identity.Secret
	outcome   db.HoldOutcome
	action    audit.Action
	evaluated bool
}

func (s *Service) end(ctx context.Context, e ending) (uuid.UUID, error) {
	if err := e.lot.Require(relay.Lot, "lotId"); err != nil {
		return uuid.Nil, err
	}
	sign, err := s.sign(ctx, e.mutation, e.password, e.lot, e.reason)
	if err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: e.mutation, Key: e.key, Input: e.input}, func(tx *command.Tx) (uuid.UUID, error) {
		use, err := lockForManager(ctx, tx, e.lot)
		if err != nil {
			return uuid.Nil, err
		}
		holds, err := tx.OpenHolds(ctx, db.OpenHoldsParams{LotID: use.ID, SiteID: use.SiteID})
		if err != nil {
			return uuid.Nil, err
		}
		if err := e.allowed(tx, use, holds); err != nil {
			return uuid.Nil, err
		}
		ids := make([]uuid.UUID, len(holds))
		for i, h := range holds {
			ids[i] = h.Hold.ID
		}
		if len(ids) == 0 {
			if ids, err = byPerson(ctx, tx, use.SiteID, []*lot.Use{use}, e.reason); err != nil {
				return uuid.Nil, err
			}
		}
		if err := sign.Save(ctx, tx.Queries); err != nil {
			return uuid.Nil, err
		}
		return use.ID, e.close(ctx, tx, use, ids, sign.Signature)
	})
}

// allowed says why the holds can't end so.
func (e ending) allowed(tx *command.Tx, use *lot.Use, holds []db.OpenHoldsRow) error {
	if e.outcome == db.HoldOutcomeREJECTED {
		if use.Lot.Lot.Status == db.LotStatusREJECTED && len(holds) == 0 {
			return fault.New(fault.FailedPrecondition, "lotId", "%s is rejected already", use.Code)
		}
		return nil
	}
	if len(holds) == 0 {
		return fault.New(fault.FailedPrecondition, "lotId", "nobody holds %s", use.Code)
	}
	var faults fault.List
	for _, h := range holds {
		if !h.Critical {
			continue
		}
		me := tx.Actor.UserID
		if h.Hold.HeldBy == me || is(h.DecidedBy, me) {
			faults = append(faults, fault.New(fault.FailedPrecondition, "lotId", "you decided on %s at gate %s, which is a CCP: somebody else releases it", use.Code, h.GateNumber))
		}
		if is(h.PassedBy, me) || is(h.PassedAnewBy, me) {
			faults = append(faults, fault.New(fault.FailedPrecondition, "lotId", "you passed %s at gate %s, which is a CCP: somebody else releases it", use.Code, h.GateNumber))
		}
		if h.PassedAnewBy == nil && !e.evaluated {
			faults = append(faults, fault.New(fault.FailedPrecondition, "evaluation", "gate %s is a CCP: treat %s and record a new PASS there, or document your evaluation", h.GateNumber, use.Code))
		}
	}
	return faults.Err()
}

// close ends the holds and what follows from them: what was rejected goes on exposing what it exposed, and what was made of it.
func (e ending) close(ctx context.Context, tx *command.Tx, use *lot.Use, holds []uuid.UUID, sign db.Signature) error {
	if err := tx.EndHolds(ctx, db.EndHoldsParams{
		EndedAt: &tx.At, EndedBy: &tx.Actor.UserID, Outcome: &e.outcome, EndReason: &e.reason, SignatureID: &sign.ID, Ids: holds, SiteID: use.SiteID,
	}); err != nil {
		return err
	}
	if e.outcome == db.HoldOutcomeRELEASED {
		if err := tellElsewhere(ctx, tx, use.SiteID, holds, event.ExposureEnded, audit.EndExposure); err != nil {
			return err
		}
	} else if _, err := tx.ExposeDescendants(ctx, db.ExposeDescendantsParams{
		HoldIds: holds, Reason: db.ExposureReasonREJECTED, ExposedAt: tx.At, // before the holds' own exposures end: these stay
	}); err != nil {
		return err
	}
	ended, err := tx.EndExposuresOf(ctx, db.EndExposuresOfParams{EndedAt: &tx.At, HoldIds: holds, SiteID: use.SiteID})
	if err != nil {
		return err
	}
	status, err := e.restatus(ctx, tx, use)
	if err != nil {
		return err
	}
	tx.Audit(audit.Entry{
		Site: use.SiteID, Action: e.action, Subject: use.GlobalID(), Label: use.Code, Reason: e.reason, Signature: &sign,
		Before: audit.Fields{"held": use.Held, "status": use.Lot.Lot.Status}, After: audit.Fields{"held": false, "status": status, "exposuresEnded": ended},
	})
	tx.Tell(statusChanged(use))
	if ended > 0 && e.outcome == db.HoldOutcomeRELEASED {
		tx.Tell(event.Event{Type: event.ExposureEnded, Site: use.SiteID, Subject: use.GlobalID(), Run: use.RunID, Data: map[string]any{"lots": ended}})
	}
	return nil
}

// restatus gives the lot the status that it has from now on.
func (e ending) restatus(ctx context.Context, tx *command.Tx, use *lot.Use) (db.LotStatus, error) {
	status := use.Lot.Lot.Status
	if e.outcome == db.HoldOutcomeRELEASED {
		changed, err := lot.Reassess(ctx, tx, []*lot.Lot{use.Lot})
		if now, ok := changed[use.ID]; ok {
			status = now
		}
		return status, err
	}
	if status == db.LotStatusQUARANTINE || status == db.LotStatusRELEASED {
		status = db.LotStatusREJECTED
		return status, tx.SetLotStatuses(ctx, db.SetLotStatusesParams{Ids: []uuid.UUID{use.ID}, Statuses: []string{string(status)}})
	}
	return status, nil
}

// lockForManager takes the lot's site for the command alone, where the actor is a MANAGER, and reads the lot.
func lockForManager(ctx context.Context, tx *command.Tx, id relay.ID) (*lot.Use, error) {
	use, _, err := lot.LockOne(ctx, tx, id, identity.Manage, tx.ExcludeBelow)
	return use, err
}

// sign asks the caller to show again who they are for what they do to a lot, and why.
func (s *Service) sign(ctx context.Context, meaning string, password identity.Secret, of relay.ID, reason string, more ...string) (identity.Signature, error) {
	content, err := json.Marshal(append([]string{meaning, of.String(), reason}, more...))
	if err != nil {
		return identity.Signature{}, fmt.Errorf("encode what is signed: %w", err)
	}
	return s.users.Sign(ctx, identity.ActorFrom(ctx), password, meaning, content)
}
