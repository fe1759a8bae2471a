package epcis

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/epcis/document"
	"flowviz/internal/gs1"
	"flowviz/internal/lot"
)

// The types of others' lots: fixed ids, the same in every database (migrations/00004_scenario.sql).
var (
	goods        = uuid.MustParse("00000000-0000-7000-8000-000000000001")
	logisticUnit = uuid.MustParse("00000000-0000-7000-8000-000000000002")
)

// maxCode is how long a code may be in characters (rule 13). A longer one is an alert: many a Digital Link is.
const maxCode = 100

// lots ties items to lots and registers those that the site doesn't know. All spellings of a GS1 key are one lot, whose
// code is the one that came first.
func (im *importing) lots(ctx context.Context, events []*event, vocabulary document.Vocabulary) error {
	r := &registry{
		im: im, products: newProducts(vocabulary),
		keys: map[string]string{}, byCode: map[string]known{}, byKey: map[string]known{}, like: map[uuid.UUID]*lot.Attributes{},
	}
	if err := r.lookUp(ctx, events); err != nil {
		return err
	}
	for _, e := range events {
		said := said(e)
		for i := range e.items {
			it := &e.items[i]
			l, ok := r.find(it.code)
			if !ok {
				l = r.register(it.code, e.Time)
			}
			if it.lot, it.own = l.id, l.own; l.own {
				it.amount = amount{instance: it.instance} // what the site's own people recorded is what it weighs
			}
			r.describe(it, said)
		}
		var err error
		if e.items, err = gather(e.items); err != nil {
			return err
		}
	}
	return r.write(ctx)
}

type known struct {
	id  uuid.UUID
	own bool // registered by the site itself, not by an import
}

type registry struct {
	im       *importing
	products products
	keys     map[string]string // canonical GS1 keys by code; "" for other codes
	byCode   map[string]known
	byKey    map[string]known

	rows []db.CopyLotsParams
	like map[uuid.UUID]*lot.Attributes // what the document says of lots
	told []uuid.UUID                   // those lots, in the order in which they came
}

func (r *registry) lookUp(ctx context.Context, events []*event) error {
	var codes, keys []string
	for _, e := range events {
		for _, it := range e.items {
			if _, ok := r.keys[it.code]; ok {
				continue
			}
			key, ok := gs1.Canonical(it.code)
			if ok {
				keys = append(keys, key)
			}
			r.keys[it.code] = key
			codes = append(codes, it.code)
		}
	}
	rows, err := r.im.q.LotsByCodesOrKeys(ctx, db.LotsByCodesOrKeysParams{SiteID: r.im.site, Codes: codes, GS1Keys: keys})
	for _, row := range rows {
		l := known{row.ID, row.Source != db.LotSourceIMPORT}
		r.byCode[row.Code] = l
		if row.GS1Key != nil {
			r.byKey[*row.GS1Key] = l
		}
	}
	return err
}

func (r *registry) find(code string) (l known, ok bool) {
	if key := r.keys[code]; key != "" {
		if l, ok = r.byKey[key]; ok {
			return l, true
		}
	}
	l, ok = r.byCode[code]
	return l, ok
}

// register makes a lot. What it measures, what remains and when it began is settled when all is told.
func (r *registry) register(code string, at time.Time) known {
	im, key := r.im, r.keys[code]
	l := known{id: im.newID()}
	im.fresh[l.id] = true
	r.byCode[code] = l
	if key != "" {
		r.byKey[key] = l
	}
	r.rows = append(r.rows, db.CopyLotsParams{
		ID: l.id, SiteID: im.site, Code: code, GS1Key: textOrNil(key), LotTypeID: typeOf(code, key),
		Status: db.LotStatusRELEASED, Source: db.LotSourceIMPORT, OccurredAt: at, RegisteredAt: im.now,
	})
	if n := utf8.RuneCountInString(code); n > maxCode {
		im.alert(db.AlertKindOUTOFBOUNDS, l.id, "the code %s has %d characters, and %d is the most that this system's own have", code, n, maxCode)
	}
	return l
}

// typeOf tells logistic units from goods, also by an SSCC with a wrong number of digits or check digit: they are found in real documents.
func typeOf(code, key string) uuid.UUID {
	if strings.HasPrefix(key, "00/") || strings.HasPrefix(code, "urn:epc:id:sscc:") || strings.HasPrefix(code, "https://id.gs1.org/00/") {
		return logisticUnit
	}
	return goods
}

// said is what an event's own master data (ILMD) tells of the lots that are born in it: nothing where that was declared wrong.
func said(e *event) (like lot.Attributes) {
	if e.wrong {
		return like
	}
	for _, f := range e.ILMD {
		switch f.Name {
		case "lotNumber":
			like.SupplierLotCode = textOrNil(f.Value)
		case "bestBeforeDate", "itemExpirationDate":
			if t, ok := date(f.Value, e.Offset); ok && (like.BestBefore == nil || t.Before(*like.BestBefore)) {
				like.BestBefore = &t
			}
		}
	}
	return like
}

// date reads a time, or a day, which begins at midnight by the clock of the place. ok is false for what is neither: nothing
// is made up.
func date(value, offset string) (t time.Time, ok bool) {
	for _, try := range []struct{ layout, text string }{
		{time.RFC3339Nano, value}, {"2006-01-02Z07:00", value + offset}, {time.DateOnly, value},
	} {
		if t, err := time.Parse(try.layout, try.text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// describe notes what the document says that a lot is like.
func (r *registry) describe(it *item, said lot.Attributes) {
	like, ok := r.like[it.lot]
	if !ok {
		like = &lot.Attributes{}
		r.like[it.lot] = like
		r.told = append(r.told, it.lot)
		if p := r.products.of(it.code); p != nil {
			like.Description, like.Species = textOrNil(p.Name), textOrNil(p.Species)
		}
	}
	if it.role == born {
		like.SupplierLotCode = cmp.Or(said.SupplierLotCode, like.SupplierLotCode)
		like.BestBefore = cmp.Or(said.BestBefore, like.BestBefore)
	}
}

func (r *registry) write(ctx context.Context) error {
	there := db.DescribeImportedLotsParams{SiteID: r.im.site}
	fresh := 0
	for _, id := range r.told {
		like, err := json.Marshal(r.like[id])
		if err != nil {
			return err
		}
		switch {
		case r.im.fresh[id]: // registered in this very order
			r.rows[fresh].Attributes = like
			fresh++
		case string(like) != "{}":
			there.Ids, there.Attributes = append(there.Ids, id), append(there.Attributes, string(like))
		}
	}
	if _, err := r.im.q.CopyLots(ctx, r.rows); err != nil {
		return err
	}
	if len(there.Ids) == 0 {
		return nil
	}
	return r.im.q.DescribeImportedLots(ctx, there)
}
