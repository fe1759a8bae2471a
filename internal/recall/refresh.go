package recall

import (
	"context"

	"github.com/google/uuid"

	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/relay"
)

// Refreshment asks where everything is now.
type Refreshment struct {
	RecallID relay.ID

	IdempotencyKey *string
}

// Refresh makes a new report of an open recall: what was made, moved or shipped since is in it. FAILED_PRECONDITION where it is closed.
func (s *Service) Refresh(ctx context.Context, in Refreshment) (uuid.UUID, error) {
	if err := in.RecallID.Require(relay.Recall, "recallId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "refreshRecall", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		row, err := find(ctx, tx, in.RecallID)
		if err != nil {
			return uuid.Nil, err
		}
		if row, err = lock(ctx, tx, row); err != nil {
			return uuid.Nil, err
		}
		found, err := s.report(ctx, tx, row)
		if err != nil {
			return uuid.Nil, err
		}
		tx.Audit(audit.Entry{Site: row.SiteID, Action: audit.RefreshRecall, Subject: globalID(row), Label: row.Code, After: found})
		return row.ID, nil
	})
}
