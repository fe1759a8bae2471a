package epcis

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
)

// transformation is one that is to be recorded: what one event tells, or several with the same transformationID.
type transformation struct {
	id              uuid.UUID
	kind            db.TransformationKind
	occurred        time.Time // when it was done: the last of its events
	partner         *uuid.UUID
	items           []item
	inputs, outputs []item
}

func (t *transformation) add(at time.Time, items ...item) {
	t.items = append(t.items, items...)
	if at.After(t.occurred) {
		t.occurred = at
	}
}

// sides tells what went in from what came out, each lot once on a side.
func (t *transformation) sides() (err error) {
	var in, out []item
	for _, it := range t.items {
		switch {
		case it.role == used:
			it.role = ""
			in = append(in, it)
		case it.role != born && it.role != seen:
			continue
		case t.kind == db.TransformationKindSHIP || t.kind == db.TransformationKindWASTE:
			it.role = ""
			in = append(in, it)
		default:
			it.role = ""
			out = append(out, it)
		}
	}
	if t.inputs, err = gather(in); err != nil {
		return err
	}
	t.outputs, err = gather(out)
	return err
}

// transformations makes and writes those that events tell of. Events that tell more of one that is recorded already put a new one in its
// place, told in full: what was known at a time stays known.
func (im *importing) transformations(ctx context.Context, events []*event, partners map[string]uuid.UUID) error {
	before, err := im.recorded(ctx, events)
	if err != nil {
		return err
	}
	byKey := map[string]*transformation{}
	var all []*transformation
	var old []replacement
	for _, e := range events {
		if e.kind == "" || len(e.items) == 0 {
			continue
		}
		t := byKey[e.TransformationID]
		if t == nil || e.TransformationID == "" {
			t = &transformation{id: im.newID(), kind: e.kind}
			all = append(all, t)
		}
		if key := e.TransformationID; key != "" && byKey[key] == nil {
			byKey[key] = t
			if rows := before[key]; len(rows) > 0 {
				t.addStored(rows)
				old = append(old, replacement{rows[0].TransformationID, t, rows, fmt.Sprintf("told in full by a later event of %s", key)})
			}
		}
		t.add(e.Time, e.items...)
		if id, ok := partners[partnerOf(e)]; ok && t.partner == nil {
			t.partner = &id
		}
		e.transformation = t
	}
	if err := im.record(ctx, all); err != nil {
		return err
	}
	return im.replace(ctx, old)
}

// recorded finds what is stored of the transformations that events tell more of, by their transformationID.
func (im *importing) recorded(ctx context.Context, events []*event) (map[string][]db.EpcisItemsInForceRow, error) {
	var keys []string
	for _, e := range events {
		if e.kind != "" && e.TransformationID != "" {
			keys = append(keys, e.TransformationID)
		}
	}
	byKey := map[string][]db.EpcisItemsInForceRow{}
	if len(keys) == 0 {
		return byKey, nil
	}
	rows, err := im.q.EpcisItemsInForce(ctx, db.EpcisItemsInForceParams{SiteID: im.site, TransformationKeys: keys})
	for _, r := range rows {
		byKey[*r.TransformationKey] = append(byKey[*r.TransformationKey], r)
	}
	return byKey, err
}

func (t *transformation) addStored(rows []db.EpcisItemsInForceRow) {
	for _, r := range rows {
		t.add(r.OccurredAt, item{
			lot: r.LotID, role: role(r.Role),
			amount: amount{instance: r.Instance, kg: r.QuantityKg, count: r.Quantity, unit: r.Unit},
		})
	}
}

// record writes transformations, without their links: see link.
func (im *importing) record(ctx context.Context, all []*transformation) error {
	var rows []db.CopyTransformationsParams
	var inputs []db.CopyTransformationInputsParams
	var outputs []db.CopyTransformationOutputsParams
	for _, t := range all {
		if err := t.sides(); err != nil {
			return err
		}
		rows = append(rows, db.CopyTransformationsParams{
			ID: t.id, SiteID: im.site, Kind: t.kind, OccurredAt: t.occurred, RecordedAt: im.now, PartnerID: t.partner,
		})
		for _, it := range t.inputs {
			inputs = append(inputs, db.CopyTransformationInputsParams{
				TransformationID: t.id, LotID: it.lot, SiteID: im.site, QuantityKg: it.kg, Quantity: it.count, Unit: it.unit,
			})
		}
		for _, it := range t.outputs {
			outputs = append(outputs, db.CopyTransformationOutputsParams{
				TransformationID: t.id, LotID: it.lot, SiteID: im.site, QuantityKg: it.kg, Quantity: it.count, Unit: it.unit,
			})
		}
	}
	im.made = append(im.made, all...)
	if _, err := im.q.CopyTransformations(ctx, rows); err != nil {
		return err
	}
	if _, err := im.q.CopyTransformationInputs(ctx, inputs); err != nil {
		return err
	}
	_, err := im.q.CopyTransformationOutputs(ctx, outputs)
	return err
}

// replacement voids a transformation. What is still true of it is told by another one, nil where nothing is.
type replacement struct {
	old    uuid.UUID
	by     *transformation
	events []db.EpcisItemsInForceRow // that by tells
	reason string
}

func (im *importing) replace(ctx context.Context, all []replacement) error {
	if len(all) == 0 {
		return nil
	}
	void := db.VoidTransformationsParams{SiteID: im.site, VoidedAt: &im.now}
	move := db.SetEpcisTransformationsParams{SiteID: im.site}
	for _, r := range all {
		by := uuid.Nil
		if r.by != nil {
			by = r.by.id
		}
		im.voided[r.old] = true
		void.Ids, void.Reasons, void.ReplacedByIds = append(void.Ids, r.old), append(void.Reasons, r.reason), append(void.ReplacedByIds, by)
		for _, e := range r.events {
			move.Identities, move.TransformationIds = append(move.Identities, e.Identity), append(move.TransformationIds, by)
		}
	}
	if err := im.q.VoidTransformations(ctx, void); err != nil {
		return err
	}
	if err := im.q.UnlinkTransformations(ctx, void.Ids); err != nil {
		return err
	}
	return im.q.SetEpcisTransformations(ctx, move)
}

// void takes events out of force that were declared wrong, and tells how many; and with them what they told of transformations.
func (im *importing) void(ctx context.Context, declared []wrong) (int, error) {
	if len(declared) == 0 {
		return 0, nil
	}
	reasons := map[string]string{}
	arg := db.VoidEpcisEventsParams{SiteID: im.site, VoidedAt: &im.now}
	for _, w := range declared {
		if _, twice := reasons[w.identity]; twice {
			continue
		}
		reasons[w.identity] = w.reason
		arg.Identities = append(arg.Identities, w.identity)
		for _, c := range w.corrections {
			arg.WrongIds, arg.CorrectiveIds = append(arg.WrongIds, w.identity), append(arg.CorrectiveIds, c)
		}
	}
	events, err := im.q.VoidEpcisEvents(ctx, arg)
	if err != nil {
		return 0, err
	}
	lots, err := im.q.EpcisLotsByEvents(ctx, db.EpcisLotsByEventsParams{SiteID: im.site, Identities: arg.Identities})
	if err != nil {
		return 0, err
	}
	for _, l := range lots {
		im.touch(l.LotID, role(l.Role))
	}
	why := map[uuid.UUID]string{}
	var hit []uuid.UUID
	for _, e := range events {
		if id := e.TransformationID; id != nil && why[*id] == "" {
			why[*id] = reasons[e.Identity]
			hit = append(hit, *id)
		}
	}
	return len(events), im.retell(ctx, hit, why)
}

// retell voids transformations some of whose events are out of force, and records what the others of them tell.
func (im *importing) retell(ctx context.Context, hit []uuid.UUID, why map[uuid.UUID]string) error {
	if len(hit) == 0 {
		return nil
	}
	rows, err := im.q.EpcisItemsInForce(ctx, db.EpcisItemsInForceParams{SiteID: im.site, TransformationIds: hit})
	if err != nil {
		return err
	}
	left := map[uuid.UUID][]db.EpcisItemsInForceRow{}
	for _, r := range rows {
		left[r.TransformationID] = append(left[r.TransformationID], r)
	}
	var all []*transformation
	var old []replacement
	for _, id := range hit {
		r := replacement{old: id, reason: why[id]}
		if stay := left[id]; len(stay) > 0 {
			r.by, r.events = &transformation{id: im.newID(), kind: db.TransformationKindPROCESS}, stay // only these are told in several events
			r.by.addStored(stay)
			all = append(all, r.by)
		}
		old = append(old, r)
	}
	if err := im.record(ctx, all); err != nil {
		return err
	}
	return im.replace(ctx, old)
}
