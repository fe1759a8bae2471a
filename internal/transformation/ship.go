package transformation

import (
	"context"
	"time"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
)

// Shipment is lots that leave to a customer, with all that remains of them.
type Shipment struct {
	LotIDs     []relay.ID
	PartnerID  relay.ID
	RunID      *relay.ID
	OccurredAt *time.Time

	IdempotencyKey *string
}

// ShipLots lets lots leave the site; it takes an OPERATOR. FAILED_PRECONDITION names each lot that is stopped, and each gate whose
// later result isn't there yet: of the lots, or of what they were made of.
func (s *Service) ShipLots(ctx context.Context, in Shipment) (Recorded, error) {
	if n := len(in.LotIDs); n < 1 || n > maxBatch {
		return Recorded{}, fault.Bounded("lotIds", n, maxBatch, "give 1 to %d", maxBatch)
	}
	r := &Recording{
		Kind: db.TransformationKindSHIP, RunID: in.RunID, PartnerID: &in.PartnerID, OccurredAt: in.OccurredAt, listed: "lotIds[%d]",
	}
	for _, id := range in.LotIDs {
		r.Inputs = append(r.Inputs, Draw{LotID: id})
	}
	recorded, err := command.Do(ctx, s.commands, command.Call{Mutation: "shipLots", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) ([]Recorded, error) {
		if err := in.LotIDs[0].Require(relay.Lot, "lotIds[0]"); err != nil {
			return nil, err
		}
		site, err := tx.SiteOf(ctx, in.LotIDs[0], "lotIds[0]", identity.Operate)
		if err != nil {
			return nil, err
		}
		if err := tx.Share(ctx, site.ID); err != nil {
			return nil, err
		}
		return s.Book(ctx, tx, site, []*Recording{r}, func(int) string { return "" })
	})
	return one(recorded, err)
}

// mayLeave refuses to ship while a gate with positive release lacks its result: what it applies to, and all that was made of it,
// stays on the site.
func (b *booking) mayLeave(ctx context.Context) error {
	var faults fault.List
	for _, e := range b.entries {
		if e.Kind != db.TransformationKindSHIP {
			continue
		}
		for i, d := range e.draws {
			waiting, err := lot.WaitsFor(ctx, b.tx.Queries, d.use.ID)
			if err != nil {
				return err
			}
			for _, w := range waiting {
				faults = append(faults, fault.New(fault.FailedPrecondition, e.inputField(i),
					"%s can't leave: %s lacks the result of gate %s, which comes later", d.use.Code, w.Code, w.Number))
			}
		}
	}
	return faults.Err()
}
