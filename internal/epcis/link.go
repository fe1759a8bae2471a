package epcis

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
)

// maxPairs bounds the pairs of parent and child that one document may tie: each input of a transformation with each output.
// A plant's year has about a million; two lists of 50,000 in one event would have 2,500 million.
const maxPairs = 5_000_000

// pair is a parent → child link that a transformation implies.
type pair struct {
	link
	transformation uuid.UUID
}

// link writes the genealogy of the transformations that are in force, and tells how many pairs. A pair that would close a cycle is left
// out, with an alert: the transformation keeps it as its input and output. Where events were voided, pairs that were left out before get
// another chance.
func (im *importing) link(ctx context.Context, voided bool) (int, error) {
	pairs, err := im.pairs()
	if err != nil {
		return 0, err
	}
	announced := len(pairs) // the alerts about those behind are there already
	if voided {
		refused, err := im.q.RefusedLinks(ctx, im.site)
		if err != nil {
			return 0, err
		}
		for _, r := range refused {
			if !im.isNew(r.TransformationID) {
				pairs = append(pairs, pair{link{r.ParentID, r.ChildID}, r.TransformationID})
			}
		}
	}
	if len(pairs) == 0 {
		return 0, nil
	}
	there, err := im.linksBelow(ctx, pairs)
	if err != nil {
		return 0, err
	}
	links := make([]link, len(pairs))
	for i, p := range pairs {
		links[i] = p.link
	}
	var rows []db.CopyGenealogyParams
	children := map[uuid.UUID]bool{}
	var cut []link
	for i, closes := range closing(there, links) {
		p := pairs[i]
		if !closes {
			rows = append(rows, db.CopyGenealogyParams{
				ChildID: p.child, ParentID: p.parent, TransformationID: p.transformation, SiteID: im.site, ParentSiteID: im.site,
			})
			children[p.child] = true
		} else if i < announced {
			cut = append(cut, p.link)
		}
	}
	if _, err := im.q.CopyGenealogy(ctx, rows); err != nil {
		return 0, err
	}
	if err := im.q.ExposeChildren(ctx, db.ExposeChildrenParams{LotIds: ids(children), ExposedAt: im.now}); err != nil {
		return 0, err
	}
	return len(rows), im.alertCycles(ctx, cut)
}

// pairs are those of the new transformations in force, each once a transformation.
func (im *importing) pairs() ([]pair, error) {
	var all []pair
	for _, t := range im.made {
		if im.voided[t.id] {
			continue
		}
		if len(all)+len(t.inputs)*len(t.outputs) > maxPairs {
			return nil, fault.List{fault.BadInput(im.file,
				"its transformations tie more than %d pairs of input and output: split it, and tell large transformations in several", maxPairs)}
		}
		for _, out := range t.outputs {
			for _, in := range t.inputs {
				all = append(all, pair{link{in.lot, out.lot}, t.id})
			}
		}
	}
	return all, nil
}

func (im *importing) isNew(id uuid.UUID) bool {
	for _, t := range im.made {
		if t.id == id {
			return true
		}
	}
	return false
}

// linksBelow are the stored links on the ways on from the children: a cycle can close through no others. From lots that are new there is
// no way yet.
func (im *importing) linksBelow(ctx context.Context, pairs []pair) ([]link, error) {
	from := map[uuid.UUID]bool{}
	for _, p := range pairs {
		if !im.fresh[p.child] {
			from[p.child] = true
		}
	}
	if len(from) == 0 {
		return nil, nil
	}
	rows, err := im.q.LinksBelow(ctx, ids(from))
	links := make([]link, len(rows))
	for i, r := range rows {
		links[i] = link{r.ParentID, r.ChildID}
	}
	return links, err
}

// alertCycles tells of the links that were left out, once each.
func (im *importing) alertCycles(ctx context.Context, cut []link) error {
	if len(cut) == 0 {
		return nil
	}
	ends := map[uuid.UUID]bool{}
	for _, l := range cut {
		ends[l.parent], ends[l.child] = true, true
	}
	rows, err := im.q.LotRowsByIDs(ctx, ids(ends))
	if err != nil {
		return err
	}
	code := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		code[r.ID] = r.Code
	}
	said := map[link]bool{}
	for _, l := range cut {
		switch {
		case said[l]:
			continue
		case l.parent == l.child:
			im.alert(db.AlertKindRULEBROKEN, l.child, "%s is told to be made of itself: the genealogy leaves that out", code[l.child])
		default:
			im.alert(db.AlertKindRULEBROKEN, l.child, "%s is told to be made of %s, which was made of it: the genealogy leaves that out", code[l.child], code[l.parent])
		}
		said[l] = true
	}
	return nil
}
