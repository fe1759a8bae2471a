package hold

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/deviation"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
)

// Service opens and ends holds.
type Service struct {
	commands *command.Executor
	users    *identity.Service
}

// NewService changes holds by commands; users asks for signatures.
func NewService(commands *command.Executor, users *identity.Service) *Service {
	return &Service{commands, users}
}

const (
	maxEvaluation = 2_000 // characters
	maxLots       = 1_000
)

// Opening is what is held, and why.
type Opening struct {
	Lots      []*lot.Use // of one site
	Reason    string
	Deviation uuid.UUID  // that all of it is about (deviation.Open)
	Decision  *uuid.UUID // that found it; nil where a person holds
	Gate      *uuid.UUID // where a reading or a recall found it; nil where a decision or a person did
	Recall    *uuid.UUID // whose suspects they are, all of them: it exposes in the place of the holds; nil for none
}

// Open holds lots and exposes all that was made of them, also what is consumed or shipped. The caller has taken their site for itself
// and those below (command.Tx.ExcludeBelow) before it read them: nobody can consume a lot between its hold and the exposure of what it
// became, also where that is at another site.
func Open(ctx context.Context, tx *command.Tx, site int32, o Opening) (holds []uuid.UUID, err error) {
	if err := tx.ExcludeBelow(ctx, site); err != nil { // a caller that took the site alone must not miss what is elsewhere
		return nil, err
	}
	return OpenAtBirth(ctx, tx, site, o)
}

// OpenAtBirth holds lots that the transaction has made itself: nobody else knows them yet, and so nobody has to be kept from using them meanwhile.
func OpenAtBirth(ctx context.Context, tx *command.Tx, site int32, o Opening) (holds []uuid.UUID, err error) {
	p := db.InsertHoldsParams{
		SiteID: site, Reason: strings.TrimSpace(o.Reason), DeviationID: &o.Deviation, DecisionID: o.Decision, GateID: o.Gate,
		RecallID: o.Recall, HeldAt: tx.At, HeldBy: tx.Actor.UserID,
	}
	for _, l := range o.Lots {
		p.Ids, p.LotIds = append(p.Ids, tx.NewID()), append(p.LotIds, l.ID)
	}
	if err := tx.InsertHolds(ctx, p); err != nil {
		return nil, err
	}
	expose := exposeByHolds
	if o.Recall != nil {
		expose = exposeByRecall
	}
	exposed, err := expose(ctx, tx, site, o, p.Ids)
	if err != nil {
		return nil, err
	}
	for i, l := range o.Lots {
		after := audit.Fields{"held": true}
		if n, ok := exposed[p.Ids[i]]; ok {
			after["exposedLots"] = n
		}
		tx.Audit(audit.Entry{
			Site: site, Action: audit.HoldLot, Subject: l.GlobalID(), Label: l.Code, Reason: p.Reason, Before: audit.Fields{"held": l.Held}, After: after,
		})
		if !l.Held {
			tx.Tell(statusChanged(l))
		}
	}
	return p.Ids, nil
}

// exposeByHolds exposes what was made of each lot to its own hold, and says how many of the site that are.
func exposeByHolds(ctx context.Context, tx *command.Tx, site int32, o Opening, holds []uuid.UUID) (map[uuid.UUID]int64, error) {
	reached, err := tx.ExposeDescendants(ctx, db.ExposeDescendantsParams{HoldIds: holds, Reason: db.ExposureReasonHOLD, ExposedAt: tx.At})
	if err != nil {
		return nil, err
	}
	exposed, elsewhere := byCause(reached, site)
	for i, l := range o.Lots {
		n := exposed[holds[i]]
		exposed[holds[i]] = n // also where it is none
		if n > 0 {
			tellExposed(tx, l, db.ExposureReasonHOLD, n)
		}
	}
	if elsewhere {
		err = tellElsewhere(ctx, tx, site, holds, event.LotExposed, audit.ExposeLot)
	}
	return exposed, err
}

func tellExposed(tx *command.Tx, cause *lot.Use, reason db.ExposureReason, lots int64) {
	tx.Tell(event.Event{
		Type: event.LotExposed, Site: cause.SiteID, Subject: cause.GlobalID(), Run: cause.RunID, Data: map[string]any{"reason": reason, "lots": lots},
	})
}

// byCause counts the lots of a site that each cause reached, and says whether any is at another site: how many there is not for those
// who read this site's log.
func byCause(reached []db.ExposeDescendantsRow, site int32) (lots map[uuid.UUID]int64, elsewhere bool) {
	lots = make(map[uuid.UUID]int64, len(reached))
	for _, r := range reached {
		if r.SiteID == site {
			lots[r.CauseID] = r.Lots
		} else {
			elsewhere = true
		}
	}
	return lots, elsewhere
}

// tellElsewhere puts what exposes, or exposes no more, into the logs and streams of the other sites that it reached: about the lots through
// which it came there, since their people don't see the cause.
func tellElsewhere(ctx context.Context, tx *command.Tx, site int32, causes []uuid.UUID, what event.Type, action audit.Action) error {
	borders, err := tx.ExposedBorders(ctx, causes)
	if err != nil {
		return err
	}
	told := map[uuid.UUID]bool{}
	for _, b := range borders {
		if b.SiteID == site || told[b.LotID] {
			continue
		}
		told[b.LotID] = true
		subject := relay.ID{Kind: relay.Lot, Site: b.SiteID, UUID: b.LotID}
		tx.Audit(audit.Entry{Site: b.SiteID, Action: action, Subject: subject, Label: b.Code, After: audit.Fields{"causes": len(causes)}})
		tx.Tell(event.Event{Type: what, Site: b.SiteID, Subject: subject})
	}
	return nil
}

func statusChanged(l *lot.Use) event.Event {
	return event.Event{Type: event.LotStatusChanged, Site: l.SiteID, Subject: l.GlobalID(), Run: l.RunID, Data: map[string]any{"before": l.Status(), "held": l.Held}}
}

// Holding is lots that a person holds: a supplier phones.
type Holding struct {
	LotIDs []relay.ID
	Reason string

	IdempotencyKey *string
}

// HoldLots holds lots of one site without any gate, and opens one deviation for them all; it takes an OPERATOR, since to stop something is
// easy. All that was made of them is exposed.
func (s *Service) HoldLots(ctx context.Context, in Holding) ([]uuid.UUID, error) {
	if n := len(in.LotIDs); n < 1 || n > maxLots {
		return nil, fault.Bounded("lotIds", n, maxLots, "give 1 to %d", maxLots)
	}
	if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {
		return nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "holdLots", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) ([]uuid.UUID, error) {
		lots, site, err := lockAll(ctx, tx, in.LotIDs)
		if err != nil {
			return nil, err
		}
		if _, err := byPerson(ctx, tx, site, lots, in.Reason); err != nil {
			return nil, err
		}
		ids := make([]uuid.UUID, len(lots))
		for i, l := range lots {
			ids[i] = l.ID
		}
		return ids, nil
	})
}

// byPerson holds lots because somebody says so, which is one deviation however many they are.
func byPerson(ctx context.Context, tx *command.Tx, site int32, lots []*lot.Use, reason string) ([]uuid.UUID, error) {
	run := lots[0].RunID
	for _, l := range lots {
		if run == nil || l.RunID == nil || *l.RunID != *run {
			run = nil
		}
	}
	id, err := deviation.Open(ctx, tx, deviation.New{Site: site, Run: run, Description: reason})
	if err != nil {
		return nil, err
	}
	return Open(ctx, tx, site, Opening{Lots: lots, Reason: reason, Deviation: id})
}

// lockAll takes the lots' site for the command alone and reads the lots, each once, in the order given.
func lockAll(ctx context.Context, tx *command.Tx, ids []relay.ID) (lots []*lot.Use, site int32, err error) {
	if err := ids[0].Require(relay.Lot, "lotIds[0]"); err != nil {
		return nil, 0, err
	}
	at, err := tx.SiteOf(ctx, ids[0], "lotIds[0]", identity.Operate)
	if err != nil {
		return nil, 0, err
	}
	if err := tx.ExcludeBelow(ctx, at.ID); err != nil {
		return nil, 0, err
	}
	uses, err := lot.Lock(ctx, tx, at.ID, ids, lot.Listed)
	if err != nil {
		return nil, 0, err
	}
	for _, id := range ids {
		if use := uses[id.UUID]; use != nil {
			lots = append(lots, use)
			delete(uses, id.UUID)
		}
	}
	return lots, at.ID, nil
}
