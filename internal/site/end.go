package site

import (
	"context"
	"strings"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// End is a site that is closed.
type End struct {
	SiteCode string

	IdempotencyKey *string
}

// End ends a site for good, and returns its id; it takes an ADMIN there. No run starts and no lot is made there any more, while what is there can be
// shipped, thrown away, held and recalled. NOT_FOUND where it isn't there for the caller, FAILED_PRECONDITION where it has ended, or a run
// isn't at its end.
func (s *Service) End(ctx context.Context, e End) (int32, error) {
	return command.Do(ctx, s.commands, command.Call{Mutation: "endSite", Key: e.IdempotencyKey, Input: e}, func(tx *command.Tx) (int32, error) {
		at, err := tx.Site(ctx, e.SiteCode, identity.Administer)
		if err != nil {
			return 0, err
		}
		if err := tx.Exclude(ctx, at.ID); err != nil { // who makes something finds it ended, or is waited for
			return 0, err
		}
		was, err := tx.SiteForChange(ctx, e.SiteCode)
		if err != nil {
			return 0, err
		}
		if was.EndedAt != nil {
			return 0, fault.New(fault.FailedPrecondition, "siteCode", "%s has ended already", was.Code)
		}
		open, err := tx.OpenRunCodes(ctx, was.ID)
		if err != nil {
			return 0, err
		}
		if len(open) > 0 {
			return 0, fault.New(fault.FailedPrecondition, "siteCode", "complete or abort %s first", strings.Join(open, ", "))
		}
		if err := tx.EndSite(ctx, db.EndSiteParams{ID: was.ID, EndedAt: &tx.At}); err != nil {
			return 0, err
		}
		subject := globalID(was.ID)
		return was.ID, tx.Changed(audit.Entry{Site: was.ID, Action: audit.EndSite, Subject: subject, Label: was.Code}, audit.Fields{"endedAt": nil}, audit.Fields{"endedAt": tx.At})
	})
}
