package recall

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// CloseMeaning is what the signature of a closing means.
const CloseMeaning = "closeRecall"

const maxConclusion = 2_000 // characters

// Signed is what is signed at the closing, behind its meaning.
func Signed(id relay.ID, conclusion *string) []string {
	if conclusion == nil {
		return []string{id.String()}
	}
	return []string{id.String(), *conclusion}
}

// Closing ends a recall for good.
type Closing struct {
	RecallID   relay.ID
	Conclusion *string // what came of it; nil where nobody says
	Password   identity.Secret

	IdempotencyKey *string
}

// Close ends a recall for good, with a last report; it takes a signature, and a MANAGER for a REAL one, whose exposures end then.
// FAILED_PRECONDITION names each suspect that the recall holds still, since who closes a recall lets no lot go, and is where it is closed already.
func (s *Service) Close(ctx context.Context, in Closing) (uuid.UUID, error) {
	faults := appendFault(nil, in.RecallID.Require(relay.Recall, "recallId"))
	if in.Conclusion != nil {
		faults = appendFault(faults, command.CheckReason("conclusion", *in.Conclusion, maxConclusion))
	}
	if err := faults.Err(); err != nil {
		return uuid.Nil, err
	}
	conclusion := trimmed(in.Conclusion)
	sign, err := s.sign(ctx, in.Password, CloseMeaning, Signed(in.RecallID, conclusion)...)
	if err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: CloseMeaning, Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		row, err := toClose(ctx, tx, in.RecallID)
		if err != nil {
			return uuid.Nil, err
		}
		if err := sign.Save(ctx, tx.Queries); err != nil {
			return uuid.Nil, err
		}
		if err := tx.CloseRecall(ctx, db.CloseRecallParams{
			ClosedAt: &tx.At, ClosedBy: &tx.Actor.UserID, Conclusion: conclusion, CloseSignatureID: &sign.ID, ID: row.ID, SiteID: row.SiteID,
		}); err != nil {
			return uuid.Nil, err
		}
		found, err := s.report(ctx, tx, row)
		if err != nil {
			return uuid.Nil, err
		}
		if row.Kind == db.RecallKindREAL {
			if found["exposuresEnded"], err = hold.EndRecall(ctx, tx, row.SiteID, row.ID); err != nil {
				return uuid.Nil, err
			}
		}
		found["closedAt"], found["conclusion"] = tx.At, conclusion
		tx.Audit(audit.Entry{
			Site: row.SiteID, Action: audit.CloseRecall, Subject: globalID(row), Label: row.Code, Signature: &sign.Signature, Before: audit.Fields{"closedAt": nil}, After: found,
		})
		tx.Tell(event.Event{Type: event.RecallClosed, Site: row.SiteID, Subject: globalID(row)})
		return row.ID, nil
	})
}

// toClose finds a recall, and locks it: a REAL one with the sites that it reaches.
func toClose(ctx context.Context, tx *command.Tx, id relay.ID) (db.Recall, error) {
	row, err := find(ctx, tx, id)
	if err != nil {
		return row, err
	}
	if err := tx.Actor.Require(permission(row.Kind), row.SiteID); err != nil {
		return row, err
	}
	if row.Kind == db.RecallKindREAL {
		if err := tx.ExcludeBelow(ctx, row.SiteID); err != nil {
			return row, err
		}
	}
	if row, err = lock(ctx, tx, row); err != nil {
		return row, err
	}
	held, err := tx.SuspectsHeld(ctx, db.SuspectsHeldParams{RecallID: row.ID, SiteID: row.SiteID})
	if err != nil {
		return row, err
	}
	var faults fault.List
	for _, code := range held {
		faults = append(faults, fault.New(fault.FailedPrecondition, "recallId", "%s is still held by %s: release or reject it first", code, row.Code))
	}
	return row, faults.Err()
}

func trimmed(text *string) *string {
	if text == nil {
		return nil
	}
	return new(strings.TrimSpace(*text))
}
