package epcis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/epcis/document"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Import takes the events of one document into a site, all or none of them; those that are there already change nothing.
// file names the document in faults and in what is stored.
//
// BAD_USER_INPUT for what can't be understood and CONFLICT for an event that is there with other content, each with file and
// line, come together as a fault.List. NOT_FOUND for an unknown site names those that exist.
func (s *Service) Import(ctx context.Context, siteCode, file string, data []byte) (Report, error) {
	doc, err := document.Parse(file, data)
	if err != nil {
		return Report{}, err
	}
	var report Report
	err = db.InTx(ctx, s.pool, identity.ActorFrom(ctx).Scope(), func(q *db.Queries) error {
		site, err := lockedSite(ctx, q, siteCode)
		if err != nil {
			return err
		}
		im := &importing{
			q: q, site: site.ID, heaviest: site.MaxLotKg, file: file, now: s.now().UTC(), newID: s.newID,
			fresh: map[uuid.UUID]bool{}, touched: map[uuid.UUID]bool{}, containers: map[uuid.UUID]bool{}, voided: map[uuid.UUID]bool{},
		}
		if report, err = im.run(ctx, doc); err != nil || report.Events == 0 {
			return err // what was known already changes nothing
		}
		return s.log.Record(ctx, q, imported(site.ID, siteCode, report, data))
	})
	if err != nil {
		return Report{}, sumTooLarge(file, err)
	}
	return report, nil
}

// imported is what the site's log keeps of a document: one event, however many the document tells of. Each of these is stored
// as it was told, and the digest says by which file.
func imported(site int32, code string, r Report, data []byte) audit.Entry {
	digest := sha256.Sum256(data)
	return audit.Entry{
		Site: site, Action: audit.ImportEpcis, Subject: relay.ID{Kind: relay.Site, Site: site}, Label: code,
		After: audit.Fields{
			"file": r.File, "sha256": hex.EncodeToString(digest[:]), "events": r.Events, "lots": r.Lots, "transformations": r.Transformations,
			"links": r.Links, "voided": r.Voided, "alerts": r.Alerts,
		},
	}
}

// lockedSite finds a site and waits until nobody else works there. Two imports of the same events would both find that they are new; and
// an import links lots that are there, draws from them and exposes them, on which commands rely while they share the site.
func lockedSite(ctx context.Context, q *db.Queries, code string) (db.Site, error) {
	site, err := q.SiteByCode(ctx, code)
	if db.NoRows(err) {
		return db.Site{}, unknownSite(ctx, q, code)
	}
	if err != nil {
		return db.Site{}, err
	}
	return site, q.LockSites(ctx, db.LockSitesParams{Class: command.SiteLocks, Sites: []int32{site.ID}})
}

func unknownSite(ctx context.Context, q *db.Queries, code string) error {
	sites, err := q.Sites(ctx)
	if err != nil {
		return err
	}
	if len(sites) == 0 {
		return fault.New(fault.NotFound, "site", "there is no site %q, nor any other yet", code)
	}
	codes := make([]string, len(sites))
	for i, s := range sites {
		codes[i] = s.Code
	}
	return fault.New(fault.NotFound, "site", "there is no site %q: name one of %s", code, strings.Join(codes, ", "))
}

// sumTooLarge says where a number came from that a column can't hold. Each quantity of a document fits, as its parser sees to.
func sumTooLarge(file string, err error) error {
	const numericValueOutOfRange = "22003" // PostgreSQL 17, appendix A
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == numericValueOutOfRange {
		return fault.List{fault.BadInput(file, "the quantities of one lot add up to more than 999,999,999.999, which is the most")}
	}
	return err
}

// importing is one document on its way into the tables, inside one transaction.
type importing struct {
	q        *db.Queries
	site     int32
	heaviest quantity.Decimal // kilograms of a lot there, by its bound
	file     string
	now      time.Time
	newID    func() uuid.UUID

	made       []*transformation  // recorded by this import
	voided     map[uuid.UUID]bool // transformations that are out of force since this import
	fresh      map[uuid.UUID]bool // lots that this import registers
	touched    map[uuid.UUID]bool // lots of others about which something is said or taken back
	containers map[uuid.UUID]bool // those of them that hold others
	alerts     []db.CopyAlertsParams
}

func (im *importing) run(ctx context.Context, doc *document.Document) (Report, error) {
	in, err := im.take(ctx, doc.Events)
	if err != nil {
		return Report{}, err
	}
	report := Report{File: im.file, Events: in.told, Known: in.known}
	if len(in.events) == 0 {
		return report, nil
	}
	if err := im.store(ctx, in.events, doc.Vocabulary); err != nil {
		return Report{}, err
	}
	if report.Voided, err = im.void(ctx, in.wrong); err != nil {
		return Report{}, err
	}
	if err := im.q.ReplaceByCorrective(ctx, im.site); err != nil {
		return Report{}, err
	}
	if report.Links, err = im.link(ctx, report.Voided > 0); err != nil {
		return Report{}, err
	}
	if err := im.contain(ctx); err != nil {
		return Report{}, err
	}
	if err := im.settle(ctx); err != nil {
		return Report{}, err
	}
	if _, err := im.q.CopyAlerts(ctx, im.alerts); err != nil {
		return Report{}, err
	}
	report.Lots, report.Transformations, report.Alerts = len(im.fresh), len(im.made), len(im.alerts)
	return report, nil
}

// store writes events, and the partners, lots and transformations that they tell of.
func (im *importing) store(ctx context.Context, events []*event, vocabulary document.Vocabulary) error {
	for _, e := range events {
		if err := e.read(); err != nil {
			return err
		}
	}
	partners, err := im.partners(ctx, events, vocabulary)
	if err != nil {
		return err
	}
	if err := im.lots(ctx, events, vocabulary); err != nil {
		return err
	}
	if err := im.transformations(ctx, events, partners); err != nil {
		return err
	}
	return im.events(ctx, events)
}

// events writes what was told, and what it says about each lot.
func (im *importing) events(ctx context.Context, events []*event) error {
	rows := make([]db.CopyEpcisEventsParams, len(events))
	var items []db.CopyEpcisItemsParams
	for i, e := range events {
		rows[i] = db.CopyEpcisEventsParams{
			Identity: e.identity, SiteID: im.site, Digest: e.Digest, TransformationKey: textOrNil(e.TransformationID),
			File: im.file, Line: int32(e.Line), OccurredAt: e.Time, ImportedAt: im.now, Content: string(e.Content),
		}
		if e.transformation != nil {
			rows[i].TransformationID = &e.transformation.id
		}
		for _, it := range e.items {
			if !it.own {
				im.touch(it.lot, it.role)
			}
			items = append(items, db.CopyEpcisItemsParams{
				EventIdentity: e.identity, LotID: it.lot, Role: string(it.role), SiteID: im.site, Instance: it.instance,
				QuantityKg: it.kg, Quantity: it.count, Unit: it.unit,
			})
		}
	}
	if _, err := im.q.CopyEpcisEvents(ctx, rows); err != nil {
		return err
	}
	_, err := im.q.CopyEpcisItems(ctx, items)
	return err
}

func (im *importing) touch(lot uuid.UUID, r role) {
	im.touched[lot] = true
	if r == container || r == emptied {
		im.containers[lot] = true
	}
}

// ids are a set's members in an order that is the same in each import: rows are locked in it.
func ids(set map[uuid.UUID]bool) []uuid.UUID {
	return slices.SortedFunc(maps.Keys(set), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}

func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
