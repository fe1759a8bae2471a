package scenario

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Publication is a reviewed version that new runs are to follow.
type Publication struct {
	ScenarioID relay.ID
	Password   identity.Secret // of the caller; "" for a user of an identity provider

	IdempotencyKey *string
}

// Published is a version that new runs follow, and the one that they followed until now; nil for none.
type Published struct {
	ID       uuid.UUID
	Replaced *uuid.UUID
}

// Publish makes a version in REVIEW the PUBLISHED one of its key, at the same instant as the one before it becomes DEPRECATED, so that there
// is always one to start. It takes a MANAGER, who signs for this very content; runs go on with the version that they
// pinned. FAILED_PRECONDITION where it isn't in REVIEW, CONFLICT where it was rewritten while it was signed, BAD_USER_INPUT for a
// wrong password and for what the format has come to refuse.
func (s *Service) Publish(ctx context.Context, in Publication) (Published, error) {
	if err := mayManage(ctx); err != nil {
		return Published{}, err
	}
	if err := in.ScenarioID.Require(relay.Scenario, "scenarioId"); err != nil {
		return Published{}, err
	}
	signature, err := s.sign(ctx, in)
	if err != nil {
		return Published{}, err
	}
	call := command.Call{Mutation: "publishScenario", Key: in.IdempotencyKey, Input: in}
	return command.DoEverywhere(ctx, s.commands, call, func(tx *command.Tx, sites []int32) (Published, error) {
		all, next, err := lock(ctx, tx, in.ScenarioID)
		if err != nil {
			return Published{}, err
		}
		if err := next.publishable(signature); err != nil {
			return Published{}, err
		}
		if err := signature.Save(ctx, tx.Queries); err != nil {
			return Published{}, err
		}
		replaced, err := all.deprecatePublished(ctx, tx, sites, next.Version)
		if err != nil {
			return Published{}, err
		}
		entry := audit.Entry{Action: audit.PublishScenario, Signature: &signature.Signature}
		return Published{ID: next.ID, Replaced: replaced}, move(ctx, tx, sites, next, db.ScenarioStatusPUBLISHED, entry)
	})
}

// signedAs is what the signature of a publication means.
const signedAs = "publishScenario"

// sign asks the caller to show again who they are, for the content that is stored now.
func (s *Service) sign(ctx context.Context, in Publication) (identity.Signature, error) {
	actor := identity.ActorFrom(ctx)
	var found *Scenario
	if err := db.InTx(ctx, s.pool, actor.Scope(), func(q *db.Queries) (err error) {
		found, err = read(ctx, q, in.ScenarioID.UUID)
		return err
	}); err != nil {
		return identity.Signature{}, err
	}
	content, err := found.signed()
	if err != nil {
		return identity.Signature{}, err
	}
	return s.users.Sign(ctx, actor, in.Password, signedAs, content)
}

// signed is what a signature covers: a JSON array of its meaning, the version's id in the API and the definition as it is stored, without
// white space.
func (s *Scenario) signed() ([]byte, error) {
	content, err := json.Marshal([]any{signedAs, s.GlobalID().String(), s.Definition})
	if err != nil {
		return nil, fmt.Errorf("encode what is signed: %w", err)
	}
	return content, nil
}

// publishable refuses what isn't in review, isn't what was signed, or isn't whole by the format of today.
func (s *Scenario) publishable(signature identity.Signature) error {
	if err := s.require(db.ScenarioStatusREVIEW, "published"); err != nil {
		return err
	}
	content, err := s.signed()
	if err != nil {
		return err
	}
	if !signature.Binds(signedAs, content) {
		return fault.New(fault.Conflict, "scenarioId", "%s %s was rewritten while you signed: read it again", s.Key, s.Version)
	}
	_, err = parse(s.Definition)
	return err
}

// deprecatePublished ends the version that new runs follow until now, and returns its id; nil for none.
func (v versions) deprecatePublished(ctx context.Context, tx *command.Tx, sites []int32, by string) (*uuid.UUID, error) {
	for _, row := range v {
		if row.Status != db.ScenarioStatusPUBLISHED {
			continue
		}
		entry := audit.Entry{Action: audit.DeprecateScenario, Reason: "version " + by + " is published in its place"}
		return &row.ID, move(ctx, tx, sites, &Scenario{row}, db.ScenarioStatusDEPRECATED, entry)
	}
	return nil, nil //nolint:nilnil // none was published
}
