package recall

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/deviation"
	"flowviz/internal/equipment"
	"flowviz/internal/event"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
)

// OpenMeaning is what the signature of an opening means.
const OpenMeaning = "openRecall"

// Opening is a recall to be opened.
type Opening struct {
	Kind   db.RecallKind
	Reason string
	Scope
	Password identity.Secret // of a REAL one

	IdempotencyKey *string
}

// Open opens a recall, and finds where its suspects are and all that was made of them. A REAL one holds them and exposes that, for one
// deviation; it takes a MANAGER and their signature. A MOCK one changes nothing else and waits for nobody; an AUDITOR may open it.
// NOT_FOUND names each lot that isn't there at the site, or what found none.
func (s *Service) Open(ctx context.Context, in Opening) (uuid.UUID, error) {
	code, err := equipment.Code(in.Equipment, "equipment")
	in.Equipment = code
	faults := appendFault(in.check(), err)
	faults = appendFault(faults, command.CheckReason("reason", in.Reason, command.MaxReason))
	if err := faults.Err(); err != nil {
		return uuid.Nil, err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	scope, err := json.Marshal(in.fields())
	if err != nil {
		return uuid.Nil, fmt.Errorf("encode the scope of a recall: %w", err)
	}
	var sign *identity.Signature
	if in.Kind == db.RecallKindREAL {
		if sign, err = s.sign(ctx, in.Password, OpenMeaning, string(scope), in.Reason); err != nil {
			return uuid.Nil, err
		}
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: OpenMeaning, Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		if err := writes(tx.Actor); err != nil {
			return uuid.Nil, err
		}
		at, err := in.site(ctx, tx, permission(in.Kind))
		if err != nil {
			return uuid.Nil, err
		}
		row := db.Recall{ID: tx.NewID(), SiteID: at.ID, Kind: in.Kind, Reason: in.Reason, Scope: scope, OpenedAt: tx.At, OpenedBy: tx.Actor.UserID}
		if sign != nil {
			row.OpenSignatureID = &sign.ID
			if err := sign.Save(ctx, tx.Queries); err != nil {
				return uuid.Nil, err
			}
		}
		return row.ID, s.open(ctx, tx, row, in.Scope, sign)
	})
}

func (s *Service) open(ctx context.Context, tx *command.Tx, row db.Recall, scope Scope, sign *identity.Signature) error {
	if row.Kind == db.RecallKindREAL {
		if err := tx.ExcludeBelow(ctx, row.SiteID); err != nil {
			return err
		}
	}
	suspects, err := s.suspects(ctx, tx, row.SiteID, scope)
	if err != nil {
		return err
	}
	if row.Kind == db.RecallKindREAL {
		if row.DeviationID, err = s.deviate(ctx, tx, row, scope); err != nil {
			return err
		}
	}
	if row.Code, err = site.NextCode(ctx, tx, row.SiteID, "RECALLS", "REC"); err != nil {
		return err
	}
	if err := tx.InsertRecall(ctx, db.InsertRecallParams{
		ID: row.ID, SiteID: row.SiteID, Code: row.Code, Kind: row.Kind, Reason: row.Reason, Scope: row.Scope, OpenedAt: row.OpenedAt, OpenedBy: row.OpenedBy,
		OpenSignatureID: row.OpenSignatureID, DeviationID: row.DeviationID, Suspects: suspects,
	}); err != nil {
		return err
	}
	if row.Kind == db.RecallKindREAL {
		if err := stop(ctx, tx, row, scope, suspects); err != nil {
			return err
		}
	}
	found, err := s.report(ctx, tx, row)
	if err != nil {
		return err
	}
	found["kind"], found["scope"], found["suspects"] = row.Kind, row.Scope, len(suspects)
	entry := audit.Entry{Site: row.SiteID, Action: audit.OpenRecall, Subject: globalID(row), Label: row.Code, Reason: row.Reason, After: found}
	if sign != nil {
		entry.Signature = &sign.Signature
	}
	tx.Audit(entry)
	tx.Tell(event.Event{Type: event.RecallOpened, Site: row.SiteID, Subject: globalID(row)})
	return nil
}

// deviate opens the deviation to which the holds of a REAL recall belong: as bad as its gate, where there is one.
func (s *Service) deviate(ctx context.Context, tx *command.Tx, row db.Recall, scope Scope) (*uuid.UUID, error) {
	var gate *scenario.GateOf
	if scope.GateID != nil {
		var err error
		if gate, _, err = s.gate(ctx, tx, scope.GateID.UUID); err != nil {
			return nil, err
		}
	}
	id, err := deviation.Open(ctx, tx, deviation.New{Site: row.SiteID, Gate: gate, Description: row.Reason})
	return &id, err
}

// stop holds the suspects, and exposes all that was made of them. What may have passed a gate wrongly is let go as at that gate.
func stop(ctx context.Context, tx *command.Tx, row db.Recall, scope Scope, suspects []uuid.UUID) error {
	ids := make([]relay.ID, len(suspects))
	for i, id := range suspects {
		ids[i] = relay.ID{Kind: relay.Lot, Site: row.SiteID, UUID: id}
	}
	uses, err := lot.Lock(ctx, tx, row.SiteID, ids, lot.Listed)
	if err != nil {
		return err
	}
	lots := make([]*lot.Use, len(suspects))
	for i, id := range suspects {
		lots[i] = uses[id]
	}
	o := hold.Opening{Lots: lots, Reason: row.Code + ": " + row.Reason, Deviation: *row.DeviationID, Recall: &row.ID}
	if scope.GateID != nil {
		o.Gate = &scope.GateID.UUID
	}
	_, err = hold.Open(ctx, tx, row.SiteID, o)
	return err
}

// sign asks the caller to show again who they are for what they do, and why.
func (s *Service) sign(ctx context.Context, password identity.Secret, meaning string, signed ...string) (*identity.Signature, error) {
	content, err := json.Marshal(append([]string{meaning}, signed...))
	if err != nil {
		return nil, fmt.Errorf("encode what is signed: %w", err)
	}
	sign, err := s.users.Sign(ctx, identity.ActorFrom(ctx), password, meaning, content)
	return &sign, err
}
