package transformation

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/partner"
	"flowviz/internal/relay"
)

// findPartners refuses suppliers and customers that the site doesn't have.
func (b *booking) findPartners(ctx context.Context) error {
	named := map[string]relay.ID{} // by field
	var fields []string
	name := func(field string, id *relay.ID) {
		if _, ok := named[field]; id != nil && !ok {
			named[field], fields = *id, append(fields, field)
		}
	}
	for _, e := range b.entries {
		if !e.single { // what is registered has its output's supplier
			name(e.field("partnerId"), e.PartnerID)
		}
		for i, o := range e.Outputs {
			name(e.path+e.outputPath(i)+"supplierId", o.SupplierID)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	var faults fault.List
	ids := make([]uuid.UUID, 0, len(fields))
	for _, field := range fields {
		if err := named[field].Require(relay.Partner, field); err != nil {
			faults = append(faults, fault.Of(err))
		}
		ids = append(ids, named[field].UUID)
	}
	rows, err := b.tx.PartnersByIDs(ctx, ids)
	if err != nil {
		return err
	}
	there := map[uuid.UUID]db.Partner{}
	for _, p := range rows {
		if p.SiteID == b.site.ID {
			there[p.ID] = p
		}
	}
	for _, field := range fields {
		found, ok := there[named[field].UUID]
		switch {
		case named[field].Kind != relay.Partner:
		case !ok:
			faults = append(faults, fault.New(fault.NotFound, field, "there is no such Partner at %s", b.site.Code))
		default:
			if err := partner.Current(found, field); err != nil {
				faults = append(faults, fault.Of(err))
			}
		}
	}
	return faults.Err()
}
