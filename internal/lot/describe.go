package lot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Description is what a lot is like, as far as nobody has said yet.
type Description struct {
	LotID      relay.ID
	Attributes Attributes

	IdempotencyKey *string
}

// Describe gives a lot attributes that it lacks, such as one on which a limit at its gate depends; it takes an OPERATOR. FAILED_PRECONDITION
// where an attribute is known already and is another, and where something was made of the lot: that has inherited what was
// known then.
func (s *Service) Describe(ctx context.Context, d Description) (uuid.UUID, error) {
	if err := d.Attributes.Check("attributes.").Err(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "describeLot", Key: d.IdempotencyKey, Input: d}, func(tx *command.Tx) (uuid.UUID, error) {
		use, _, err := LockOne(ctx, tx, d.LotID, identity.Operate, tx.Share)
		if err != nil {
			return uuid.Nil, err
		}
		used, err := tx.HasChildren(ctx, db.HasChildrenParams{LotID: use.ID, SiteID: use.SiteID})
		if err != nil {
			return uuid.Nil, err
		}
		if used {
			return uuid.Nil, fault.New(fault.FailedPrecondition, "lotId", "something was made of %s, and has inherited what was known then", use.Code)
		}
		was, err := use.Attributes()
		if err != nil {
			return uuid.Nil, err
		}
		is, faults := was.Completed(d.Attributes, "attributes.")
		if err := append(faults, use.Gone("lotId")...).Err(); err != nil {
			return uuid.Nil, err
		}
		return use.ID, describe(ctx, tx, use, *was, is)
	})
}

func describe(ctx context.Context, tx *command.Tx, use *Use, was, is Attributes) error {
	encoded, err := json.Marshal(is)
	if err != nil {
		return fmt.Errorf("encode attributes: %w", err)
	}
	if err := tx.DescribeLot(ctx, db.DescribeLotParams{Attributes: encoded, ID: use.ID, SiteID: use.SiteID}); err != nil {
		return err
	}
	tx.Audit(audit.Entry{
		Site: use.SiteID, Action: audit.DescribeLot, Subject: use.GlobalID(), Label: use.Code,
		Before: audit.Fields{"attributes": was}, After: audit.Fields{"attributes": is},
	})
	tx.Tell(event.Event{Type: event.LotChanged, Site: use.SiteID, Subject: use.GlobalID(), Run: use.RunID})
	return nil
}

// Completed are the attributes with those that were unknown; what is known and said to be another is refused. path stands before the names of
// its fields.
func (a Attributes) Completed(by Attributes, path string) (Attributes, fault.List) {
	var faults fault.List
	known := func(field string, is any) {
		faults = append(faults, fault.New(fault.FailedPrecondition, path+field, "it is %v already", is))
	}
	for _, text := range []struct {
		field string
		is    **string
		given *string
	}{
		{"species", &a.Species, by.Species},
		{"category", &a.Category, by.Category},
		{"state", &a.State, by.State},
		{"sku", &a.Sku, by.Sku},
		{"description", &a.Description, by.Description},
		{"supplierLotCode", &a.SupplierLotCode, by.SupplierLotCode},
	} {
		switch {
		case text.given == nil:
		case *text.is == nil:
			*text.is = text.given
		case **text.is != *text.given:
			known(text.field, **text.is)
		}
	}
	switch {
	case by.BestBefore == nil:
	case a.BestBefore == nil:
		a.BestBefore = by.BestBefore
	case !a.BestBefore.Equal(*by.BestBefore):
		known("bestBefore", a.BestBefore.Format(time.RFC3339))
	}
	switch {
	case len(by.Allergens) == 0:
	case len(a.Allergens) == 0:
		a.Allergens = by.Allergens
	case !slices.Equal(slices.Sorted(slices.Values(a.Allergens)), slices.Sorted(slices.Values(by.Allergens))):
		known("allergens", a.Allergens)
	}
	return a, faults
}
