package alert

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// maxBatch is how many alerts are acknowledged at once.
const maxBatch = 1000

// Service changes alerts.
type Service struct{ commands *command.Executor }

// NewService changes alerts by commands.
func NewService(commands *command.Executor) *Service { return &Service{commands} }

// Acknowledgement says that somebody has seen an alert.
type Acknowledgement struct {
	AlertID relay.ID

	IdempotencyKey *string
}

// Acknowledgements say that somebody has seen several alerts.
type Acknowledgements struct {
	AlertIDs []relay.ID

	IdempotencyKey *string
}

// Acknowledge notes that the caller has seen an alert, and returns its id; it takes an OPERATOR. An alert that was acknowledged keeps
// the first acknowledgement, and nothing is written. NOT_FOUND on alertId where there is none for the caller, FORBIDDEN where
// they are less at its site.
func (s *Service) Acknowledge(ctx context.Context, a Acknowledgement) (uuid.UUID, error) {
	ids, err := s.acknowledge(ctx, command.Call{Mutation: "acknowledgeAlert", Key: a.IdempotencyKey, Input: a}, []relay.ID{a.AlertID},
		func(int) string { return "alertId" })
	if err != nil {
		return uuid.Nil, err
	}
	return ids[0], nil
}

// AcknowledgeAll is Acknowledge for 1 to 1,000 alerts, of which each counts once: all or none. It returns their ids in the order given.
// Faults name each alert.
func (s *Service) AcknowledgeAll(ctx context.Context, a Acknowledgements) ([]uuid.UUID, error) {
	if n := len(a.AlertIDs); n < 1 || n > maxBatch {
		return nil, fault.Bounded("alertIds", n, maxBatch, "give 1 to %d alerts, not %d", maxBatch, n)
	}
	return s.acknowledge(ctx, command.Call{Mutation: "acknowledgeAlerts", Key: a.IdempotencyKey, Input: a}, a.AlertIDs,
		func(i int) string { return fmt.Sprintf("alertIds[%d]", i) })
}

func (s *Service) acknowledge(ctx context.Context, call command.Call, ids []relay.ID, field func(i int) string) ([]uuid.UUID, error) {
	keys := make([]uuid.UUID, len(ids))
	var faults fault.List
	for i, id := range ids {
		keys[i] = id.UUID
		if id.Kind != relay.Alert {
			faults = append(faults, fault.BadInput(field(i), "this is the id of a %s: give one of an %s", id.Kind, relay.Alert))
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return command.Do(ctx, s.commands, call, func(tx *command.Tx) ([]uuid.UUID, error) {
		if err := mayAcknowledge(ctx, tx, ids, keys, field); err != nil {
			return nil, err
		}
		seen, err := tx.AcknowledgeAlerts(ctx, db.AcknowledgeAlertsParams{Ids: keys, AcknowledgedAt: tx.At, AcknowledgedBy: &tx.Actor.UserID})
		if err != nil {
			return nil, err
		}
		for _, a := range wrap(seen) {
			tx.Audit(audit.Entry{
				Site: a.SiteID, Action: audit.AcknowledgeAlert, Subject: a.GlobalID(), Label: a.Message,
				After: audit.Fields{"acknowledgedAt": a.AcknowledgedAt},
			})
			tx.Tell(event.Event{Type: event.AlertAcknowledged, Site: a.SiteID, Subject: a.GlobalID(), Run: a.RunID})
		}
		return keys, nil
	})
}

// mayAcknowledge names each alert that isn't there for the caller, or that they may not acknowledge.
func mayAcknowledge(ctx context.Context, tx *command.Tx, ids []relay.ID, keys []uuid.UUID, field func(i int) string) error {
	found, err := tx.AlertsByIDs(ctx, keys)
	if err != nil {
		return err
	}
	sites := make(map[uuid.UUID]int32, len(found))
	for _, a := range found {
		sites[a.ID] = a.SiteID
	}
	var faults fault.List
	for i, id := range ids {
		site, ok := sites[id.UUID]
		if !ok || site != id.Site {
			faults = append(faults, fault.New(fault.NotFound, field(i), "there is no such alert"))
			continue
		}
		if err := tx.Actor.Require(identity.Operate, site); err != nil {
			forbidden := *fault.Of(err)
			forbidden.Field = field(i)
			faults = append(faults, &forbidden)
		}
	}
	return faults.Err()
}
