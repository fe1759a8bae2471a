package deviation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Assignment says who sees to a deviation, and until when; what is nil stays as it was.
type Assignment struct {
	DeviationID   relay.ID
	ResponsibleID *relay.ID
	DueAt         *time.Time
	Reason        string

	IdempotencyKey *string
}

// Assign says who sees to a deviation, and until when; it takes a MANAGER, since to put something off is to let it go for a while. The
// person must work at the site, as OPERATOR at least. FAILED_PRECONDITION is a deviation that is closed.
func (s *Service) Assign(ctx context.Context, in Assignment) (uuid.UUID, error) {
	if err := in.check(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "assignDeviation", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, in.DeviationID, identity.Manage)
		if err != nil {
			return uuid.Nil, err
		}
		is := was
		var faults fault.List
		if in.DueAt != nil {
			if is.DueAt = in.DueAt.UTC().Truncate(time.Microsecond); !is.DueAt.After(tx.At) {
				faults = append(faults, fault.BadInput("dueAt", "it has passed"))
			}
		}
		if in.ResponsibleID != nil {
			is.ResponsibleID = &in.ResponsibleID.UUID
			may, err := worksAt(ctx, tx, in.ResponsibleID.UUID, was.SiteID)
			if err != nil {
				return uuid.Nil, err
			}
			if !may {
				faults = append(faults, fault.New(fault.NotFound, "responsibleId", "nobody like that works at this site"))
			}
		}
		if err := faults.Err(); err != nil {
			return uuid.Nil, err
		}
		return was.ID, step{action: audit.AssignDeviation, reason: strings.TrimSpace(in.Reason)}.save(ctx, tx, was, is)
	})
}

func (in Assignment) check() error {
	if err := in.DeviationID.Require(relay.Deviation, "deviationId"); err != nil {
		return err
	}
	faults := asList(command.CheckReason("reason", in.Reason, command.MaxReason))
	if in.ResponsibleID == nil && in.DueAt == nil {
		faults = append(faults, fault.BadInput("", "give responsibleId or dueAt"))
	}
	if in.ResponsibleID != nil {
		faults = append(faults, asList(in.ResponsibleID.Require(relay.User, "responsibleId"))...)
	}
	return faults.Err()
}

// worksAt reports whether somebody who may sign in can do something about a deviation at a site.
func worksAt(ctx context.Context, tx *command.Tx, user uuid.UUID, siteID int32) (bool, error) {
	role, err := tx.RoleAt(ctx, db.RoleAtParams{UserID: user, SiteID: siteID})
	if db.NoRows(err) {
		return false, nil
	}
	return slices.Contains(identity.Operate.Roles(), role), err
}
