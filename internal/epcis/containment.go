package epcis

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
)

// contain writes anew what the containers hold that the document tells of, and held: an earlier event that comes late may change
// what follows.
func (im *importing) contain(ctx context.Context) error {
	if len(im.containers) == 0 {
		return nil
	}
	containers := ids(im.containers)
	told, err := im.q.PackingByContainers(ctx, containers)
	if err != nil {
		return err
	}
	stays, err := containments(told)
	if err != nil {
		return err
	}
	rows := make([]db.CopyContainmentsParams, len(stays))
	for i, s := range stays {
		rows[i] = db.CopyContainmentsParams{
			ContainerID: s.container, LotID: s.lot, SiteID: im.site, AddedAt: s.added, RemovedAt: s.removed,
			QuantityKg: s.kg, Quantity: s.count, Unit: s.unit,
		}
	}
	if err := im.q.DeleteContainments(ctx, containers); err != nil {
		return err
	}
	_, err = im.q.CopyContainments(ctx, rows)
	return err
}

// stay is a lot in a container for a time.
type stay struct {
	container, lot uuid.UUID
	added          time.Time
	removed        *time.Time // nil while it is inside
	amount
}

// containments works out what was in containers from when to when, from what events say, by container and then by time.
//
// ADD puts in, DELETE takes out, all where it names nothing. OBSERVE says that something is inside, be it that nobody told
// when it came there. A DELETE of less than what is inside leaves the rest.
func containments(told []db.PackingByContainersRow) ([]stay, error) {
	p := &packer{}
	for i, t := range told {
		if i == 0 || t.ContainerID != told[i-1].ContainerID {
			p.open = map[uuid.UUID]*stay{}
		}
		if err := p.step(t); err != nil {
			return nil, err
		}
	}
	out := make([]stay, 0, len(p.all))
	for _, s := range p.all {
		if s.removed == nil || s.removed.After(s.added) { // else in and out at one instant: never inside
			out = append(out, *s)
		}
	}
	return out, nil
}

type packer struct {
	all  []*stay
	open map[uuid.UUID]*stay // what is in the container now, by lot
}

func (p *packer) step(t db.PackingByContainersRow) (err error) {
	if role(t.ContainerRole) == emptied {
		for lot := range p.open {
			p.take(lot, t.OccurredAt)
		}
		return nil
	}
	if t.LotID == nil || *t.LotID == t.ContainerID {
		return nil
	}
	there := p.open[*t.LotID]
	told := amount{instance: *t.Instance, kg: t.QuantityKg, count: t.Quantity, unit: t.Unit}
	switch as := role(*t.Role); {
	case there == nil && as != unpacked:
		p.put(stay{container: t.ContainerID, lot: *t.LotID, added: t.OccurredAt, amount: told})
	case there != nil && as == packed:
		there.amount, err = there.plus(told)
	case there != nil && as == unpacked:
		p.take(*t.LotID, t.OccurredAt)
		if rest, ok := there.less(told); ok {
			p.put(stay{container: t.ContainerID, lot: *t.LotID, added: t.OccurredAt, amount: rest})
		}
	}
	return err
}

func (p *packer) put(s stay) {
	p.open[s.lot] = &s
	p.all = append(p.all, &s)
}

func (p *packer) take(lot uuid.UUID, at time.Time) {
	p.open[lot].removed = &at
	delete(p.open, lot)
}

// less is what is left of an amount when another one is taken away; ok is false where that is nothing, or can't be known.
func (a amount) less(b amount) (rest amount, ok bool) {
	if a.kg != nil && b.kg != nil {
		left, err := a.kg.Sub(*b.kg)
		return amount{kg: &left}, err == nil && left.Sign() > 0
	}
	if a.count != nil && b.count != nil && *a.unit == *b.unit {
		left, err := a.count.Sub(*b.count)
		return amount{count: &left, unit: a.unit}, err == nil && left.Sign() > 0
	}
	return amount{}, false
}
