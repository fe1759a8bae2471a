package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

func TestRecordKeepsWhoWhatAndWhy(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	site := newSite(t, pool, "DUNA")
	entry, signature := renamed(site), newID()
	entry.Signature = &db.Signature{ID: signature, UserID: person, Meaning: "released", ContentHash: make([]byte, 32), SignedAt: noon.Truncate(time.Microsecond)}
	must(t, db.InTx(somebody(t.Context()), pool, db.Scope{}, func(q *db.Queries) error {
		return errors.Join(
			q.InsertUser(t.Context(), db.InsertUserParams{ID: person, Email: "mia@example.com", FullName: "Mia", CreatedAt: noon}),
			q.InsertSignature(t.Context(), db.InsertSignatureParams(*entry.Signature)),
			recorder().Record(somebody(t.Context()), q, entry))
	}))

	page, err := audit.NewFinder(pool).Page(t.Context(), nil, relay.PageArgs{})
	must(t, err)
	if len(page.Edges) != 1 {
		t.Fatalf("%d events", len(page.Edges))
	}
	e := page.Edges[0].Node
	want := db.AuditEvent{
		ID: e.ID, SiteID: site, Sequence: 1, OccurredAt: noon.Truncate(1000), UserID: &person, Address: new("192.0.2.7"), RequestID: new("r-1"),
		Action: "REGISTER_PARTNER", SubjectKind: "Partner", SubjectID: entry.Subject.UUID, SubjectLabel: "Farm",
		Before: json.RawMessage(`{"name":"Farm \u003c1\u003e"}`), After: json.RawMessage(`{"gln":null,"name":"Farm","share":12.5}`),
		Reason: new("a new sign"), SignatureID: &signature, PrevHash: make([]byte, 32), Hash: e.Hash,
	}
	if diff := cmp.Diff(want, e.AuditEvent); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if id, ok := e.Subject(); !ok || id != entry.Subject {
		t.Errorf("subject %v, %v", id, ok)
	}
	intact(t, pool, site, 1)
}

func TestProgramsAndTokensAct(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	site, token := newSite(t, pool, "DUNA"), newID()
	must(t, record(identity.WithOrigin(t.Context(), identity.Origin{Program: "flowviz import epcis"}), pool, renamed(site)))
	must(t, record(identity.WithActor(t.Context(), &identity.Actor{Token: token}), pool, renamed(site)))
	page, err := audit.NewFinder(pool).Page(t.Context(), nil, relay.PageArgs{})
	must(t, err)
	newest, oldest := page.Edges[0].Node, page.Edges[1].Node
	if oldest.Program == nil || *oldest.Program != "flowviz import epcis" || oldest.UserID != nil {
		t.Errorf("the program: %+v", oldest)
	}
	if newest.TokenID == nil || *newest.TokenID != token || newest.UserID != nil || newest.Program != nil {
		t.Errorf("the token: %+v", newest)
	}
}

func nobody(ctx context.Context) context.Context { return ctx }

func TestRefusedEvents(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	site := newSite(t, pool, "DUNA")
	hold, blank, list := renamed(site), renamed(site), renamed(site)
	hold.Action, hold.Reason = audit.HoldLot, ""
	blank.Action, blank.Reason = "VOID_TRANSFORMATION", " \n"
	list.After = []string{"a"}
	for name, test := range map[string]struct {
		as    func(context.Context) context.Context
		entry audit.Entry
		code  fault.Code
		field string
	}{
		"nobody":                       {nobody, renamed(site), fault.Unauthenticated, ""},
		"a hold without a reason":      {somebody, hold, fault.BadUserInput, "reason"},
		"a correction, blank reason":   {somebody, blank, fault.BadUserInput, "reason"},
		"values that aren't an object": {somebody, list, "", ""},
		"an unknown site":              {somebody, renamed(site + 1), "", ""},
	} {
		err := record(test.as(t.Context()), pool, test.entry)
		if f := fault.Of(err); err == nil || test.code != "" && (f == nil || f.Code != test.code || f.Field != test.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	intact(t, pool, site, 0)
}

// TestRolledBackLeavesNothing: the event is there with its change, or not at all, and its number is the next one's.
func TestRolledBackLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	site := newSite(t, pool, "DUNA")
	ctx, broken := somebody(t.Context()), errors.New("broken")
	err := db.InTx(ctx, pool, db.Scope{}, func(q *db.Queries) error {
		return errors.Join(recorder().Record(ctx, q, renamed(site)), broken)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	intact(t, pool, site, 0)
	must(t, record(ctx, pool, renamed(site)))
	intact(t, pool, site, 1)
}

// TestManyWriters: fifty at once, some of them at two sites in either order, leave sequences without gaps.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	duna, tisza := newSite(t, pool, "DUNA"), newSite(t, pool, "TISZ")
	const writers, each = 50, 4
	cfg := pool.Config()
	cfg.MaxConns = writers // all of them at once
	wide, err := pgxpool.NewWithConfig(t.Context(), cfg)
	must(t, err)
	t.Cleanup(wide.Close)
	errs := make(chan error, writers)
	var wait sync.WaitGroup
	for i := range writers {
		wait.Go(func() {
			ctx, first, second := somebody(t.Context()), duna, tisza
			if i%2 == 1 {
				first, second = tisza, duna
			}
			for range each {
				if err := record(ctx, wide, renamed(first), renamed(duna), renamed(second)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	intact(t, pool, duna, 2*writers*each)
	intact(t, pool, tisza, writers*each)
}

func TestReasons(t *testing.T) {
	t.Parallel()
	for action, want := range map[audit.Action]bool{
		audit.HoldLot: true, audit.ReleaseLot: true, audit.RejectLot: true, "CORRECT_LOT": true, "VOID_TRANSFORMATION": true, "HOLD_RUN": true,
		audit.ReturnScenario: true, audit.DeprecateScenario: true, audit.PublishScenario: false,
		audit.RegisterPartner: false, audit.ImportEpcis: false, "HOLDER_ADD": false,
	} {
		if action.NeedsReason() != want {
			t.Errorf("%s: %v", action, !want)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	duna, tisza := newSite(t, pool, "DUNA"), newSite(t, pool, "TISZ")
	ctx := somebody(t.Context())
	entry := renamed(duna)
	must(t, record(ctx, pool, entry, renamed(tisza)))
	must(t, record(identity.WithOrigin(ctx, identity.Origin{}), pool, audit.Entry{Site: duna, Action: audit.HoldLot, Reason: "a smell", Subject: relay.ID{Kind: relay.Lot, Site: duna, UUID: newID()}}))
	other := relay.ID{Kind: relay.User, UUID: uuid.Max}
	me := relay.ID{Kind: relay.User, UUID: person}
	elsewhere := entry.Subject
	elsewhere.Site = tisza
	for name, test := range map[string]struct {
		filter audit.Filter
		want   int
	}{
		"none":              {audit.Filter{}, 3},
		"site":              {audit.Filter{Site: new("DUNA")}, 2},
		"subject":           {audit.Filter{Subject: &entry.Subject}, 1},
		"subject elsewhere": {audit.Filter{Subject: &elsewhere}, 0},
		"actor":             {audit.Filter{Actor: &me}, 3},
		"another actor":     {audit.Filter{Actor: &other}, 0},
		"action":            {audit.Filter{Action: []string{"HOLD_LOT"}}, 1},
		"from then":         {audit.Filter{Occurred: &relay.TimeRange{From: new(noon.Truncate(1000))}}, 3},
		"before then":       {audit.Filter{Occurred: &relay.TimeRange{Before: new(noon.Truncate(1000))}}, 0},
	} {
		page, err := audit.NewFinder(pool).Page(t.Context(), &test.filter, relay.PageArgs{First: new(int32(2))})
		must(t, err)
		total, err := page.TotalCount(t.Context())
		must(t, err)
		if int(total) != test.want || len(page.Edges) != min(test.want, 2) {
			t.Errorf("%s: %d of %d", name, len(page.Edges), total)
		}
	}
	if _, err := audit.NewFinder(pool).Page(t.Context(), &audit.Filter{Actor: &entry.Subject}, relay.PageArgs{}); err == nil || !strings.Contains(err.Error(), "actor") {
		t.Errorf("a partner as actor: %v", err)
	}
}
