package command

import (
	"context"
	"strings"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// MayChange reads what looking for a thing gave: NOT_FOUND on field where it isn't there for the actor, FORBIDDEN where they don't
// manage its site.
func (tx *Tx) MayChange(err error, id relay.ID, field string) error {
	switch {
	case db.NoRows(err):
		return fault.New(fault.NotFound, field, "there is no such %s", id.Kind)
	case err != nil:
		return err
	}
	return tx.Actor.Require(identity.Manage, id.Site)
}

// Text is what a change makes of a text that may be absent: nil leaves it as it was, an empty one takes it away.
func Text(was, given *string) *string {
	if given == nil {
		return was
	}
	if text := strings.TrimSpace(*given); text != "" {
		return &text
	}
	return nil
}

// Everywhere lets the rest of the command write at all sites, and names them: what concerns the company, such as a product, stands
// in the log of each site, also of those that the actor doesn't see.
func (tx *Tx) Everywhere(ctx context.Context) ([]int32, error) { return tx.WidenScope(ctx) }

// Changed records what became different of a site's master data, and tells it; nothing where nothing did. before is nil where
// the thing is new.
func (tx *Tx) Changed(entry audit.Entry, before, after audit.Fields) error {
	if entry.After = after; before != nil {
		was, is, err := audit.Difference(before, after)
		if err != nil || len(is) == 0 {
			return err
		}
		entry.Before, entry.After = was, is
	}
	tx.Audit(entry)
	tx.Tell(event.Event{Type: event.MasterDataChanged, Site: entry.Site, Subject: entry.Subject})
	return nil
}
