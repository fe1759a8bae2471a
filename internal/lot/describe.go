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
			return uuid.Nil, fault.New(fault.FailedPrecondition, "lotId", "something was made of %s, and has inherited what was known then: correct what made it (voidTransformation)", use.Code)
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
	tellDescribed(tx, use, was, is)
	return nil
}

func tellDescribed(tx *command.Tx, use *Use, was, is Attributes) {
	tx.Audit(audit.Entry{
		Site: use.SiteID, Action: audit.DescribeLot, Subject: use.GlobalID(), Label: use.Code,
		Before: audit.Fields{"attributes": was}, After: audit.Fields{"attributes": is},
	})
	tx.Tell(event.Event{Type: event.LotChanged, Site: use.SiteID, Subject: use.GlobalID(), Run: use.RunID})
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

// Redescription is what a lot is like after a correction, as its Use has it.
type Redescription struct {
	use     *Use
	was, is Attributes
}

// Correct gives a lot in use other attributes; Redescribe writes them.
func (u *Use) Correct(is Attributes) (Redescription, error) {
	was, err := u.Attributes()
	if err != nil {
		return Redescription{}, err
	}
	if u.Lot.Lot.Attributes, err = json.Marshal(is); err != nil {
		return Redescription{}, fmt.Errorf("encode attributes: %w", err)
	}
	return Redescription{u, *was, is}, nil
}

// Redescribe writes what lots are like after a correction, also those of which something was made. Their sites are the command's alone.
func Redescribe(ctx context.Context, tx *command.Tx, lots []Redescription) error {
	if len(lots) == 0 {
		return nil
	}
	type row struct {
		ID         uuid.UUID       `json:"id"`
		Attributes json.RawMessage `json:"attributes"`
	}
	rows := make([]row, len(lots))
	for i, l := range lots {
		rows[i] = row{l.use.ID, l.use.Lot.Lot.Attributes}
		tellDescribed(tx, l.use, l.was, l.is)
	}
	encoded, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode attributes: %w", err)
	}
	return tx.RedescribeLots(ctx, encoded)
}

// Corrected are the attributes with what is really so in the place of what was said.
func (a Attributes) Corrected(by Attributes) Attributes {
	for into, value := range map[**string]*string{
		&a.Species: by.Species, &a.Category: by.Category, &a.State: by.State, &a.Sku: by.Sku, &a.Description: by.Description, &a.SupplierLotCode: by.SupplierLotCode,
	} {
		if value != nil {
			*into = value
		}
	}
	if by.BestBefore != nil {
		a.BestBefore = by.BestBefore
	}
	if by.Allergens != nil {
		a.Allergens = slices.Sorted(slices.Values(by.Allergens))
	}
	return a
}

// Equal reports whether two lots are alike, in whatever order their allergens are named.
func (a Attributes) Equal(b Attributes) bool {
	same := func(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }
	dated := a.BestBefore == b.BestBefore || a.BestBefore != nil && b.BestBefore != nil && a.BestBefore.Equal(*b.BestBefore)
	return dated && same(a.Species, b.Species) && same(a.Category, b.Category) && same(a.State, b.State) && same(a.Sku, b.Sku) &&
		same(a.Description, b.Description) && same(a.SupplierLotCode, b.SupplierLotCode) &&
		slices.Equal(slices.Sorted(slices.Values(a.Allergens)), slices.Sorted(slices.Values(b.Allergens)))
}
