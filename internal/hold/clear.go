package hold

import (
	"cmp"
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Clearance is a MANAGER's documented evaluation of one exposed lot against one cause.
type Clearance struct {
	LotID      relay.ID
	CauseLotID relay.ID // the ancestor that is held, rejected or recalled
	Reason     string   // the evaluation
	Password   identity.Secret

	IdempotencyKey *string
}

// ClearExposure ends a lot's exposure to one ancestor while that stays stopped; it takes a MANAGER, their signature, and somebody else
// than who stopped, rejected or recalled the ancestor. What was made of the lot before stays exposed: each lot is evaluated by itself.
func (s *Service) ClearExposure(ctx context.Context, in Clearance) (uuid.UUID, error) {
	if err := command.CheckReason("reason", in.Reason, maxEvaluation); err != nil {
		return uuid.Nil, err
	}
	if err := cmp.Or(in.LotID.Require(relay.Lot, "lotId"), in.CauseLotID.Require(relay.Lot, "causeLotId")); err != nil {
		return uuid.Nil, err
	}
	reason := strings.TrimSpace(in.Reason)
	sign, err := s.sign(ctx, "clearExposure", in.Password, in.LotID, reason, in.CauseLotID.String())
	if err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "clearExposure", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		use, err := lockForManager(ctx, tx, in.LotID)
		if err != nil {
			return uuid.Nil, err
		}
		causes, err := causesBehind(ctx, tx.Queries, use.ID, in.CauseLotID.UUID)
		if err != nil {
			return uuid.Nil, err
		}
		if _, err := tx.Everywhere(ctx); err != nil { // who stopped the cause is a second person at whichever site
			return uuid.Nil, err
		}
		open, err := tx.OpenExposures(ctx, db.OpenExposuresParams{LotID: use.ID, SiteID: use.SiteID, CauseLotIds: causes})
		if err != nil {
			return uuid.Nil, err
		}
		if len(open) == 0 {
			return uuid.Nil, fault.New(fault.FailedPrecondition, "causeLotId", "%s is not exposed to this lot", use.Code)
		}
		me := tx.Actor.UserID
		for _, e := range open {
			if is(e.HeldBy, me) || is(e.RecalledBy, me) || is(e.DecidedBy, me) || is(e.EndedBy, me) { // a hold that ended exposes where it was a rejection
				return uuid.Nil, fault.New(fault.FailedPrecondition, "causeLotId", "you stopped the lot that exposes %s: somebody else clears it", use.Code)
			}
		}
		if err := sign.Save(ctx, tx.Queries); err != nil {
			return uuid.Nil, err
		}
		if err := tx.ClearExposures(ctx, db.ClearExposuresParams{
			EndedAt: &tx.At, ClearedBy: &me, ClearReason: &reason, SignatureID: &sign.ID, LotID: use.ID, SiteID: use.SiteID, CauseLotIds: causes,
		}); err != nil {
			return uuid.Nil, err
		}
		tx.Audit(audit.Entry{
			Site: use.SiteID, Action: audit.ClearExposure, Subject: use.GlobalID(), Label: use.Code, Reason: reason, Signature: &sign.Signature,
			Before: audit.Fields{"exposedTo": in.CauseLotID.String(), "causes": len(open)}, After: audit.Fields{"exposedTo": nil},
		})
		tx.Tell(event.Event{Type: event.ExposureEnded, Site: use.SiteID, Subject: use.GlobalID(), Run: use.RunID, Data: map[string]any{"cleared": true}})
		return use.ID, nil
	})
}

func is(who *uuid.UUID, me uuid.UUID) bool { return who != nil && *who == me }
