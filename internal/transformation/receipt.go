package transformation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// ShippedLot is a lot that another site of the company shipped here, and how much of it came: all that hasn't come yet where neither
// quantity is given.
type ShippedLot struct {
	Code       string // there, in any spelling
	QuantityKg *quantity.Decimal
	Quantity   *quantity.Decimal // pieces, of a lot that is counted
}

// receipt is what came of a lot.
type receipt struct {
	use        *lot.Use // at the site that shipped it
	kg, pieces *quantity.Decimal
}

// partnerField is how the caller wrote who it came from.
func (r *Recording) partnerField() string {
	if r.single {
		return "supplierId"
	}
	return "partnerId"
}

// shippedField is how the caller wrote a lot that another site shipped.
func shippedField(i int) string { return fmt.Sprintf("shippedLots[%d].", i) }

// findOrigins finds the sites that shipped what is received, and shows them to the rest of the command: their lots are theirs, whoever
// receives. It comes before the sites are locked. The supplier is a site where it has its GLN.
func findOrigins(ctx context.Context, tx *command.Tx, at db.Site, recordings []*Recording, path func(i int) string) ([]int32, error) {
	var faults fault.List
	var ids []uuid.UUID
	for i, r := range recordings {
		if len(r.ShippedLots) == 0 {
			continue
		}
		field := path(i) + r.partnerField()
		if r.PartnerID == nil {
			faults = append(faults, fault.BadInput(field, "name the site that shipped it: the partner with its GLN"))
		} else if err := r.PartnerID.Require(relay.Partner, field); err != nil {
			faults = append(faults, fault.Of(err))
		} else {
			ids = append(ids, r.PartnerID.UUID)
		}
	}
	if len(faults) > 0 || len(ids) == 0 {
		return nil, faults.Err()
	}
	if _, err := tx.Everywhere(ctx); err != nil {
		return nil, err
	}
	rows, err := tx.SitesOfPartners(ctx, db.SitesOfPartnersParams{PartnerIds: ids, SiteID: at.ID})
	if err != nil {
		return nil, err
	}
	var sites []int32
	for i, r := range recordings {
		if len(r.ShippedLots) == 0 {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(rows), func(row db.SitesOfPartnersRow) bool { return row.PartnerID != r.PartnerID.UUID })
		if len(of) != 1 {
			faults = append(faults, fault.New(fault.FailedPrecondition, path(i)+r.partnerField(), "its GLN is that of no other site of the company, or of several: leave shippedLots out, or correct the GLN"))
			continue
		}
		r.origin = of[0]
		sites = append(sites, of[0].ID)
	}
	return sites, faults.Err()
}

// receive finds the lots that came from other sites, and takes of them what came. A lot that wasn't shipped here doesn't exist for its
// receiver. More than was shipped is refused with the numbers, as is all of a lot that is stopped.
func (b *booking) receive(ctx context.Context) error {
	byOrigin := map[int32][]*entry{}
	var origins []int32
	for _, e := range b.entries {
		if len(e.ShippedLots) == 0 {
			continue
		}
		if byOrigin[e.origin.ID] == nil {
			origins = append(origins, e.origin.ID)
		}
		byOrigin[e.origin.ID] = append(byOrigin[e.origin.ID], e)
	}
	slices.Sort(origins)
	var faults fault.List
	for _, origin := range origins {
		refused, err := b.receiveFrom(ctx, origin, byOrigin[origin])
		if err != nil {
			return err
		}
		faults = append(faults, refused...)
	}
	return faults.Err()
}

func (b *booking) receiveFrom(ctx context.Context, origin int32, entries []*entry) (fault.List, error) {
	c, err := b.findConsignment(ctx, origin, entries)
	if err != nil {
		return nil, err
	}
	var faults fault.List
	for _, e := range entries {
		seen := map[uuid.UUID]bool{}
		for i, s := range e.ShippedLots {
			at := e.path + shippedField(i)
			use := c.find(s.Code)
			switch {
			case use == nil:
				faults = append(faults, fault.New(fault.NotFound, at+"code", "%s has shipped no such lot here", e.origin.Code))
				continue
			case seen[use.ID]:
				faults = append(faults, fault.BadInput(at+"code", "this lot is named already: give its whole quantity once"))
				continue
			}
			seen[use.ID] = true
			if stopped := stoppedAway(use, at+"code", e.origin.Code); len(stopped) > 0 {
				faults = append(faults, stopped...)
				continue
			}
			r, refused, err := c.take(use, s, at)
			if err != nil {
				return nil, err
			}
			if faults = append(faults, refused...); r != nil {
				e.receipts = append(e.receipts, r)
			}
		}
	}
	return faults, nil
}

// consignment is what a site has shipped here of some lots, and hasn't been received yet. The lots are locked.
type consignment struct {
	byCode, byKey map[string]*lot.Use
	left          map[uuid.UUID]quantity.Decimal // kilograms, or pieces of what is counted
}

func (b *booking) findConsignment(ctx context.Context, origin int32, entries []*entry) (*consignment, error) {
	p := db.LotsShippedToParams{FromSite: origin, ToSite: b.site.ID, Codes: []string{}, GS1Keys: []string{}}
	for _, e := range entries {
		for _, s := range e.ShippedLots {
			p.Codes = append(p.Codes, s.Code)
			if key, ok := lot.KeyOf(s.Code); ok {
				p.GS1Keys = append(p.GS1Keys, key)
			}
		}
	}
	rows, err := b.tx.LotsShippedTo(ctx, p)
	if err != nil || len(rows) == 0 {
		return &consignment{}, err
	}
	ids := make([]relay.ID, len(rows))
	keys := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i], keys[i] = relay.ID{Kind: relay.Lot, Site: origin, UUID: row.ID}, row.ID
	}
	uses, err := lot.Lock(ctx, b.tx, origin, ids, func(int) string { return "shippedLots" })
	if err != nil {
		return nil, err
	}
	before, err := b.tx.ReceivedOfLots(ctx, db.ReceivedOfLotsParams{LotIds: keys, SiteID: b.site.ID})
	if err != nil {
		return nil, err
	}
	received := map[uuid.UUID]db.ReceivedOfLotsRow{}
	for _, row := range before {
		received[row.LotID] = row
	}
	c := &consignment{map[string]*lot.Use{}, map[string]*lot.Use{}, map[uuid.UUID]quantity.Decimal{}}
	for _, row := range rows {
		use := uses[row.ID]
		c.byCode[row.Code] = use
		if row.GS1Key != nil {
			c.byKey[*row.GS1Key] = use
		}
		shipped, came := row.Kg, received[row.ID].Kg
		if use.Unit != nil {
			shipped, came = row.Pieces, received[row.ID].Pieces
		}
		if c.left[row.ID], err = shipped.Sub(came); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// find is the lot of a code, in any spelling; nil for none.
func (c *consignment) find(code string) *lot.Use {
	if use := c.byCode[code]; use != nil {
		return use
	}
	key, _ := lot.KeyOf(code)
	return c.byKey[key]
}

// take is what came of a lot.
func (c *consignment) take(use *lot.Use, s ShippedLot, at string) (*receipt, fault.List, error) {
	left, asked, field, unit := c.left[use.ID], s.QuantityKg, at+"quantityKg", "kg"
	if use.Unit != nil {
		asked, field, unit = s.Quantity, at+"quantity", *use.Unit
	}
	switch {
	case use.Unit != nil && s.QuantityKg != nil:
		return nil, fault.List{fault.BadInput(at+"quantityKg", "%s is counted: give quantity", use.Code)}, nil
	case use.Unit == nil && s.Quantity != nil:
		return nil, fault.List{fault.BadInput(at+"quantity", "%s is weighed: give quantityKg", use.Code)}, nil
	}
	if asked == nil {
		asked = &left
	}
	if asked.Cmp(left) > 0 || asked.Sign() <= 0 {
		return nil, fault.List{fault.New(fault.FailedPrecondition, field, "%s %s of %s are said to have come, and of what was shipped here %s have not come yet", asked, unit, use.Code, left)}, nil
	}
	after, err := left.Sub(*asked)
	if err != nil {
		return nil, nil, err
	}
	c.left[use.ID] = after
	if use.Unit != nil {
		return &receipt{use: use, pieces: asked}, nil, nil
	}
	return &receipt{use: use, kg: asked}, nil, nil
}

// stoppedAway says why nothing may be made of a lot that its site has shipped.
func stoppedAway(use *lot.Use, field, siteCode string) fault.List {
	var faults fault.List
	refuse := func(why string) {
		faults = append(faults, fault.New(fault.FailedPrecondition, field, "%s %s: set the goods apart until %s lets it go, or send them back", use.Code, why, siteCode))
	}
	if use.Lot.Lot.Status == db.LotStatusREJECTED {
		refuse("was rejected")
	}
	if use.Held {
		refuse("is held")
	}
	if use.Exposed {
		refuse("is exposed")
	}
	return faults
}

// known are attributes of a received lot completed by what its lots are like at the site that shipped them: it is the same goods. Where
// a reader doesn't see that site, its partner and the code there are what they see.
func (e *entry) known(a lot.Attributes) (lot.Attributes, error) {
	codes := make([]string, len(e.receipts))
	for i, r := range e.receipts {
		codes[i] = r.use.Code
		its, err := r.use.Attributes()
		if err != nil {
			return a, err
		}
		a.Allergens = union(a.Allergens, its.Allergens)
		if len(e.receipts) > 1 {
			continue
		}
		for into, value := range map[**string]*string{&a.Species: its.Species, &a.Category: its.Category, &a.State: its.State, &a.Sku: its.Sku} {
			if *into == nil {
				*into = value
			}
		}
		if a.BestBefore == nil {
			a.BestBefore = its.BestBefore
		}
	}
	if all := strings.Join(codes, ", "); a.SupplierLotCode == nil && len(codes) > 0 {
		a.SupplierLotCode = &all
	}
	return a, nil
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// receiptRow is what db.Queries.InsertReceipts writes, by the names that it reads.
type receiptRow struct {
	TransformationID uuid.UUID         `json:"transformation_id"`
	LotID            uuid.UUID         `json:"lot_id"`
	LotSiteID        int32             `json:"lot_site_id"`
	QuantityKg       *quantity.Decimal `json:"quantity_kg"`
	Quantity         *quantity.Decimal `json:"quantity"`
	Unit             *string           `json:"unit"`
}

// writeReceipts writes what came from other sites, once its transformations are there, and tells people of what weighs more than was shipped.
func (b *booking) writeReceipts(ctx context.Context) error {
	var rows []receiptRow
	var alerts []alert.New
	for _, e := range b.entries {
		for _, r := range e.receipts {
			rows = append(rows, receiptRow{e.id, r.use.ID, r.use.SiteID, r.kg, r.pieces, r.use.Unit})
		}
		if more, err := e.heavier(); err != nil {
			return err
		} else if more != "" {
			alerts = append(alerts, alert.New{Site: b.site.ID, Kind: db.AlertKindYIELDOUTOFBAND, Severity: db.AlertSeverityWARNING, Message: more, Lot: &e.made[0], Run: e.runKey()})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	encoded, err := array(rows)
	if err != nil {
		return err
	}
	if err := b.tx.InsertReceipts(ctx, db.InsertReceiptsParams{SiteID: b.site.ID, Receipts: encoded}); err != nil {
		return err
	}
	_, err = alert.Raise(ctx, b.tx, alerts...)
	return err
}

// heavier says that the lots made of a receipt weigh more than what was shipped of it; "" where they don't, or it isn't known. Two scales
// differ, so that it is no refusal.
func (e *entry) heavier() (string, error) {
	var sent, came quantity.Decimal
	var err error
	for _, r := range e.receipts {
		if r.kg == nil {
			return "", nil
		}
		if sent, err = sent.Add(*r.kg); err != nil {
			return "", err
		}
	}
	for _, o := range e.Outputs {
		if o.WeightKg == nil {
			continue
		}
		if came, err = came.Add(*o.WeightKg); err != nil {
			return "", err
		}
	}
	if len(e.receipts) == 0 || came.Cmp(sent) <= 0 {
		return "", nil
	}
	return fmt.Sprintf("%s kg were weighed of what came from %s, which shipped %s kg", came, e.origin.Code, sent), nil
}
