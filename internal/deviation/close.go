package deviation

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Meaning is what the signature of a closing means.
const Meaning = "closeDeviation"

// Signed is what is signed, as JSON has it.
func Signed(id relay.ID, reason string) []string { return []string{Meaning, id.String(), reason} }

// Closing ends a deviation for good.
type Closing struct {
	DeviationID relay.ID
	Reason      string
	Password    identity.Secret

	IdempotencyKey *string
}

// Close ends a verified deviation for good; it takes a MANAGER, and their signature. FAILED_PRECONDITION is one that isn't verified, or
// is closed already, and names each lot that hasn't become what its disposition says.
func (s *Service) Close(ctx context.Context, in Closing) (uuid.UUID, error) {
	if err := in.DeviationID.Require(relay.Deviation, "deviationId"); err != nil {
		return uuid.Nil, err
	}
	if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {
		return uuid.Nil, err
	}
	reason := strings.TrimSpace(in.Reason)
	content, err := json.Marshal(Signed(in.DeviationID, reason))
	if err != nil {
		return uuid.Nil, fmt.Errorf("encode what is signed: %w", err)
	}
	sign, err := s.users.Sign(ctx, identity.ActorFrom(ctx), in.Password, Meaning, content)
	if err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: Meaning, Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, in.DeviationID, identity.Manage)
		if err != nil {
			return uuid.Nil, err
		}
		if err := refuseClosing(ctx, tx, was); err != nil {
			return uuid.Nil, err
		}
		if err := sign.Save(ctx, tx.Queries); err != nil {
			return uuid.Nil, err
		}
		if err := tx.CloseDeviation(ctx, db.CloseDeviationParams{
			ClosedAt: &tx.At, ClosedBy: &tx.Actor.UserID, CloseReason: &reason, SignatureID: &sign.ID, ID: was.ID, SiteID: was.SiteID,
		}); err != nil {
			return uuid.Nil, err
		}
		tx.Audit(audit.Entry{
			Site: was.SiteID, Action: audit.CloseDeviation, Subject: globalID(was), Label: was.Code, Reason: reason, Signature: &sign.Signature,
			Before: audit.Fields{"status": was.Status}, After: audit.Fields{"status": db.DeviationStatusCLOSED},
		})
		tell(tx, was)
		return was.ID, nil
	})
}

// refuseClosing is why a deviation can't be closed yet.
func refuseClosing(ctx context.Context, tx *command.Tx, d db.Deviation) error {
	var faults fault.List
	refuse := func(format string, args ...any) {
		faults = append(faults, fault.New(fault.FailedPrecondition, "deviationId", format, args...))
	}
	if d.Status != db.DeviationStatusVERIFIED {
		refuse("%s isn't verified: somebody who neither opened nor described it does that first", d.Code)
	}
	fates, err := fates(ctx, tx, d)
	if err != nil {
		return err
	}
	for _, f := range fates {
		if why := f.lacks(); why != "" {
			refuse("%s %s", f.Code, why)
		}
	}
	return faults.Err()
}
