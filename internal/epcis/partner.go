package epcis

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/epcis/document"
	"flowviz/internal/gs1"
)

// maxName is how long a partner's name may be in characters (migrations/00003_partner.sql).
const maxName = 200

// partnerOf is the identifier of whom an event's goods went to or came from; "" where it doesn't say.
func partnerOf(e *event) string {
	switch {
	case e.kind == db.TransformationKindSHIP:
		return party(e.Destinations)
	case e.kind == db.TransformationKindRECEIVE, e.Kind == document.Object:
		return party(e.Sources)
	}
	return ""
}

// party is the owner among references, or else who has the goods, or else where they are.
func party(refs []document.Reference) string {
	for _, kind := range []string{"owning_party", "possessing_party", "location"} {
		for _, r := range refs {
			if r.Type == kind && r.ID != "" {
				return r.ID
			}
		}
	}
	return ""
}

// partners finds those that the transformations name, by GLN or else by identifier, and registers the others. The result is
// by identifier.
func (im *importing) partners(ctx context.Context, events []*event, vocabulary document.Vocabulary) (map[string]uuid.UUID, error) {
	var identifiers []string
	ids := map[string]uuid.UUID{}
	for _, e := range events {
		id := partnerOf(e)
		if _, ok := ids[id]; !ok && id != "" {
			ids[id] = uuid.Nil
			identifiers = append(identifiers, id)
		}
	}
	if len(identifiers) == 0 {
		return ids, nil
	}
	glns := make([]string, 0, len(identifiers))
	for _, id := range identifiers {
		if gln := gln(id); gln != "" {
			glns = append(glns, gln)
		}
	}
	rows, err := im.q.PartnersByNames(ctx, db.PartnersByNamesParams{SiteID: im.site, Glns: glns, Identifiers: identifiers})
	if err != nil {
		return nil, err
	}
	there := map[string]uuid.UUID{} // by GLN and by identifier, which never look alike
	for _, r := range rows {
		for _, name := range []*string{r.Identifier, r.GLN} {
			if name != nil {
				there[*name] = r.ID
			}
		}
	}
	return ids, im.nameAll(ctx, identifiers, ids, there, masterData(vocabulary))
}

// nameAll fills in ids: partners that are there learn what the document knows of them, the others are registered.
func (im *importing) nameAll(ctx context.Context, identifiers []string, ids, there map[string]uuid.UUID, about map[string]*document.Element) error {
	var fresh []db.CopyPartnersParams
	learn := db.CompletePartnersParams{SiteID: im.site}
	for _, identifier := range identifiers {
		gln := gln(identifier)
		id, ok := there[gln]
		if !ok {
			id, ok = there[identifier]
		}
		name, address := describe(about[identifier])
		switch {
		case !ok:
			id = im.newID()
			there[identifier] = id
			if gln != "" {
				there[gln] = id
			}
			if name == "" {
				name = identifier
			}
			fresh = append(fresh, db.CopyPartnersParams{
				ID: id, SiteID: im.site, Name: shorten(name), GLN: textOrNil(gln), Identifier: &identifier, Address: textOrNil(address),
			})
		case name != "" || address != "":
			learn.Ids, learn.Names, learn.Addresses = append(learn.Ids, id), append(learn.Names, shorten(name)), append(learn.Addresses, address)
		}
		ids[identifier] = id
	}
	if _, err := im.q.CopyPartners(ctx, fresh); err != nil {
		return err
	}
	if len(learn.Ids) == 0 {
		return nil
	}
	return im.q.CompletePartners(ctx, learn)
}

// masterData is what the document says of parties and locations, by identifier; as a party it says more of a partner.
func masterData(v document.Vocabulary) map[string]*document.Element {
	about := make(map[string]*document.Element, len(v.Parties)+len(v.Locations))
	for _, list := range [][]document.Element{v.Locations, v.Parties} {
		for i := range list {
			about[list[i].ID] = &list[i]
		}
	}
	return about
}

func describe(e *document.Element) (name, address string) {
	if e == nil {
		return "", ""
	}
	var parts []string
	for _, p := range []string{e.Address.Street, e.Address.PostalCode, e.Address.City, e.Address.State, e.Address.Country} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return e.Name, strings.Join(parts, ", ")
}

// gln is the GLN that an identifier of a party or location holds; "" for others.
func gln(identifier string) string {
	key, err := gs1.Parse(identifier)
	if err != nil {
		return ""
	}
	return key.GLN + key.PartyGLN // at most one of them is set
}

// shorten cuts a name to what fits.
func shorten(name string) string {
	if runes := []rune(name); len(runes) > maxName {
		return string(runes[:maxName])
	}
	return name
}
