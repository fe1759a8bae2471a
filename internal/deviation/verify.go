package deviation

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Verification is how somebody made sure that what a deviation says was done, and helped.
type Verification struct {
	DeviationID  relay.ID
	Verification string

	IdempotencyKey *string
}

// Verify notes that what a deviation says was done; it takes a MANAGER who has neither opened, decided nor described it.
// FAILED_PRECONDITION names all that it doesn't say yet.
func (s *Service) Verify(ctx context.Context, in Verification) (uuid.UUID, error) {
	if err := in.DeviationID.Require(relay.Deviation, "deviationId"); err != nil {
		return uuid.Nil, err
	}
	if err := command.CheckReason("verification", in.Verification, maxText); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "verifyDeviation", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, in.DeviationID, identity.Manage)
		if err != nil {
			return uuid.Nil, err
		}
		faults, err := refuseVerification(ctx, tx, was)
		if err != nil {
			return uuid.Nil, err
		}
		if err := faults.Err(); err != nil {
			return uuid.Nil, err
		}
		is := was
		is.Verification, is.VerifiedAt, is.VerifiedBy = new(strings.TrimSpace(in.Verification)), &tx.At, &tx.Actor.UserID
		return was.ID, step{action: audit.VerifyDeviation}.save(ctx, tx, was, is)
	})
}

// refuseVerification is why the caller can't verify a deviation, or nobody can yet.
func refuseVerification(ctx context.Context, tx *command.Tx, d db.Deviation) (fault.List, error) {
	var faults fault.List
	refuse := func(format string, args ...any) {
		faults = append(faults, fault.New(fault.FailedPrecondition, "deviationId", format, args...))
	}
	me := tx.Actor.UserID
	decided, err := tx.DecidedInDeviation(ctx, db.DecidedInDeviationParams{ID: d.ID, SiteID: d.SiteID, UserID: me})
	if err != nil {
		return nil, err
	}
	switch {
	case decided || d.OpenedBy == me:
		refuse("you opened %s: somebody else verifies it", d.Code)
	case slices.Contains(d.DescribedBy, me):
		refuse("you described %s: somebody else verifies it", d.Code)
	}
	if d.Cause == nil {
		refuse("%s lacks its cause", d.Code)
	}
	if d.CorrectiveAction == nil {
		refuse("%s lacks its corrective action", d.Code)
	}
	fates, err := fates(ctx, tx, d)
	for _, f := range fates {
		if f.disposition == nil {
			refuse("%s lacks the disposition of %s", d.Code, f.Code)
		}
	}
	return faults, err
}
