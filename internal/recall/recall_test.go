package recall_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

// family is three generations: wip went into tray and a sample, the tray with other into rework; more of the tray was sold, and some wasted.
type family struct{ wip, other, tray, rework, sold, sample uuid.UUID }

func (p plant) family() (f family) {
	p.t.Helper()
	f.wip, f.other = p.Make("WIP", "10"), p.Make("WIP", "10")
	f.tray = p.Make("TRAY", "5", p.Of(f.wip, "5"))
	f.rework = p.Make("REWORK", "4", p.Of(f.tray, "2"), p.Of(f.other, "2"))
	f.sold = p.Make("REWORK", "2.5", p.Of(f.tray, "2.5"))
	f.sample = p.Make("SAMPLE", "0.5", p.Of(f.wip, "0.5"))
	_, err := p.Transformations.Record(p.As(p.Operator), transformation.Recording{
		SiteCode: p.Site.Code, Kind: db.TransformationKindWASTE, Inputs: []transformation.Draw{p.Of(f.tray, "0.3")},
	})
	p.must(err)
	p.ship(f.sold)
	return f
}

// rows are all that the database holds beside recalls, the log and the stream, a line a table.
func (p plant) rows() string {
	p.t.Helper()
	tables, err := p.Owner.Query(p.t.Context(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^(recall|river_|audit_event$|event$|site_head$|code_counter$|idempotency_key$|signature$|password_guess$)' ORDER BY 1`)
	p.must(err)
	var names []string
	for tables.Next() {
		var name string
		p.must(tables.Scan(&name))
		names = append(names, name)
	}
	p.must(tables.Err())
	var all strings.Builder
	for _, name := range names {
		var hash string
		p.must(p.Owner.QueryRow(p.t.Context(), fmt.Sprintf("SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM %s t", name)).Scan(&hash))
		fmt.Fprintf(&all, "%s %s\n", name, hash)
	}
	return all.String()
}

func TestMockChangesNothing(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	f := p.family()
	before := p.rows()
	id, err := p.try(p.auditor, db.RecallKindMOCK, recall.Scope{LotIDs: p.ids(f.wip)})
	p.must(err)
	p.refresh(id)
	p.must(p.close(p.auditor, id))
	if diff := cmp.Diff(before, p.rows()); diff != "" {
		t.Errorf("it changed (-before +after):\n%s", diff)
	}
	for from, want := range map[string]int{
		"recall_report": 3, "recall_report_lots s, generate_series(0, 32767) n WHERE get_bit(s.bits, n) = 1": 3 * 5, "event WHERE type IN ('RECALL_OPENED', 'RECALL_CLOSED')": 2,
		"audit_event WHERE action IN ('OPEN_RECALL', 'REFRESH_RECALL', 'CLOSE_RECALL')": 3, "signature": 1,
		"recall WHERE code = 'REC-20261001-DUNA-0001' AND conclusion = 'all of it was found'": 1,
	} {
		if n := p.count(from); n != want {
			t.Errorf("%d rows of %s, not %d", n, from, want)
		}
	}
}

// TestReportLots: they come by pages. A cursor of a lot that the reader doesn't see is refused: an empty page would say that there are no more.
func TestReportLots(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	report := p.report(p.open(db.RecallKindMOCK, recall.Scope{LotIDs: p.ids(p.family().wip)})).ID
	page := func(after uuid.UUID) ([]*lot.Lot, error) {
		snapshot := db.NewSnapshot(t.Context(), p.App, p.Manager.Scope())
		defer snapshot.Close()
		first := int32(2)
		args := relay.PageArgs{First: &first}
		if after != uuid.Nil {
			cursor := relay.KeyCursor(relay.Lot, after)
			args.After = &cursor
		}
		asked, err := args.Page(relay.Lot)
		p.must(err)
		found, err := recall.NewFinder(snapshot).LotsPage(t.Context(), []uuid.UUID{report}, asked)
		return found[report], err
	}
	seen, after := map[uuid.UUID]bool{}, uuid.Nil
	for {
		lots, err := page(after)
		p.must(err)
		if len(lots) == 0 {
			break
		}
		after = lots[min(len(lots), 2)-1].ID // a page has one more, which says that there is a next one
		for _, l := range lots {
			seen[l.ID] = true
		}
	}
	if len(seen) != 5 {
		t.Errorf("the pages have %d lots", len(seen))
	}
	if lots, err := page(uuid.New()); err == nil || fault.Of(err).Code != fault.BadUserInput || fault.Of(err).Field != "after" || len(lots) != 0 {
		t.Errorf("a cursor of no lot: %d lots, %v", len(lots), err)
	}
}

// TestReport: what is where, to the gram. Of 10 kg of wip 4.5 are left, 0.5 are a sample; the tray went on: 2 kg into 4 of rework, 2.5 were sold, 0.3
// thrown away, and 0.2 are left.
func TestReport(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	f := p.family()
	id := p.open(db.RecallKindMOCK, recall.Scope{LotIDs: p.ids(f.wip, f.wip, f.tray)})
	if diff := cmp.Diff([5]string{"9.200", "2.500", "0.300", "0.000", "100.00"}, p.figures(id)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n := p.report(id).LotCount(); n != 5 {
		t.Errorf("%d lots", n)
	}
	// A stocktake misses 1 kg of the rework; what was sold after the report isn't in it.
	_, err := p.Lots.TakeStock(p.As(p.Manager), lot.Stocktake{LotID: p.LotID(f.rework), RemainingKg: linetest.Kg("3"), Reason: "the scale says three kilograms"})
	p.must(err)
	p.ship(f.rework)
	if got := p.figures(id); got[0] != "9.200" {
		t.Errorf("the stored report says %v", got)
	}
	p.Pass(4*time.Hour + time.Second)
	p.refresh(id)
	if diff := cmp.Diff([5]string{"5.200", "5.500", "0.300", "1.000", "91.67"}, p.figures(id)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	r := p.report(id)
	if r.DurationSeconds() != 4*60*60+1 || r.WithinTarget() || !r.WithinLimit() {
		t.Errorf("%d s, within 4 h: %v, within 24 h: %v", r.DurationSeconds(), r.WithinTarget(), r.WithinLimit())
	}
	// What left without a partner is outside, and missing.
	p.exec("UPDATE transformation SET partner_id = NULL WHERE kind = 'SHIP' AND id = (SELECT transformation_id FROM transformation_input WHERE lot_id = $1 ORDER BY transformation_id DESC LIMIT 1)", f.rework)
	p.refresh(id)
	if diff := cmp.Diff([5]string{"5.200", "5.500", "0.300", "4.000", "66.67"}, p.figures(id)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRealStopsAndExposes(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	f := p.family()
	id := p.open(db.RecallKindREAL, recall.Scope{LotIDs: p.ids(f.wip, f.tray)})
	for _, lot := range []uuid.UUID{f.wip, f.tray} {
		if !p.Lot(lot).Held {
			t.Errorf("%s isn't held", p.Lot(lot).Code)
		}
	}
	for from, want := range map[string]int{
		"exposure WHERE reason = 'RECALL' AND ended_at IS NULL": 5, "exposure": 5, // each lot once, though two suspects are in three of them
		"hold WHERE recall_id IS NOT NULL AND deviation_id IS NOT NULL AND ended_at IS NULL": 2, "deviation": 1, "event WHERE type = 'LOT_EXPOSED'": 1,
		"audit_event WHERE action = 'HOLD_LOT'": 2, "audit_event WHERE action = 'OPEN_RECALL' AND signature_id IS NOT NULL": 1,
	} {
		if n := p.count(from); n != want {
			t.Errorf("%d rows of %s, not %d", n, from, want)
		}
	}
	_, err := p.TryMake("REWORK", "1", p.Of(f.rework, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is exposed")
	linetest.Refused(t, p.close(p.Manager, id), fault.FailedPrecondition, "recallId", p.Lot(f.wip).Code+" is still held")
	p.release(f.wip)
	_, err = p.TryMake("TRAY", "1", p.Of(f.wip, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is exposed")
	linetest.Refused(t, p.close(p.Manager, id), fault.FailedPrecondition, "recallId", p.Lot(f.tray).Code+" is still held")

	p.must(func() error {
		_, err := p.Holds.RejectLot(p.As(p.Manager), hold.Rejection{LotID: p.LotID(f.tray), Reason: "glass was found in it", Password: linetest.Password})
		return err
	}())
	p.must(p.close(p.Manager, id))
	if n := p.count("exposure WHERE reason = 'RECALL' AND ended_at IS NULL"); n != 0 {
		t.Errorf("%d lots are exposed to a closed recall", n)
	}
	if n := p.count("event WHERE type = 'EXPOSURE_ENDED' AND subject_id = $1 AND (data ->> 'lots')::integer = 5", f.wip); n != 1 {
		t.Errorf("%d events tell that", n)
	}
	if _, err := p.TryMake("TRAY", "1", p.Of(f.wip, "1")); err != nil {
		t.Errorf("what was let go can be used: %v", err)
	}
	_, err = p.TryMake("REWORK", "1", p.Of(f.rework, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is exposed") // to the tray, which was rejected
	linetest.Refused(t, p.close(p.Manager, id), fault.FailedPrecondition, "recallId", "is closed")
	_, err = p.Recalls.Refresh(p.As(p.Manager), recall.Refreshment{RecallID: p.recallID(id)})
	linetest.Refused(t, err, fault.FailedPrecondition, "recallId", "is closed")
}

// TestRecalledExposureIsCleared by somebody else than who recalled.
func TestRecalledExposureIsCleared(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	f := p.family()
	p.open(db.RecallKindREAL, recall.Scope{LotIDs: p.ids(f.wip)})
	c := hold.Clearance{LotID: p.LotID(f.rework), CauseLotID: p.LotID(f.wip), Reason: "it was sieved, and nothing was found", Password: linetest.Password}
	_, err := p.Holds.ClearExposure(p.As(p.Manager), c)
	linetest.Refused(t, err, fault.FailedPrecondition, "causeLotId", "somebody else")
	_, err = p.Holds.ClearExposure(p.As(p.Second), c)
	p.must(err)
	if n := p.count("exposure WHERE lot_id = $1 AND ended_at IS NULL", f.rework); n != 0 {
		t.Error("it is exposed")
	}
}

func TestWhoMayRecall(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	scope := recall.Scope{LotIDs: p.ids(p.Make("WIP", "10"))}
	_, err := p.try(p.auditor, db.RecallKindREAL, scope)
	linetest.Refused(t, err, fault.Forbidden, "", "MANAGER or ADMIN")
	_, err = p.try(p.Operator, db.RecallKindMOCK, scope)
	linetest.Refused(t, err, fault.Forbidden, "", "MANAGER, AUDITOR or ADMIN")
	reads := *p.auditor
	reads.Token, reads.ReadOnly = uuid.New(), true
	_, err = p.try(&reads, db.RecallKindMOCK, scope)
	linetest.Refused(t, err, fault.Forbidden, "", "only read")
	_, err = p.Recalls.Open(p.As(p.Manager), recall.Opening{Kind: db.RecallKindREAL, Reason: phoned, Scope: scope, Password: "not my password at all"})
	linetest.Refused(t, err, fault.BadUserInput, "password", "not your password")
	id := p.open(db.RecallKindREAL, scope)
	linetest.Refused(t, p.close(p.auditor, id), fault.Forbidden, "", "MANAGER or ADMIN")
	_, err = p.Recalls.Refresh(p.As(&reads), recall.Refreshment{RecallID: p.recallID(id)})
	linetest.Refused(t, err, fault.Forbidden, "", "only read")
	if n := p.count("recall"); n != 1 {
		t.Errorf("%d recalls", n)
	}
}

func TestScopeIsRefused(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	wip := p.LotID(p.Make("WIP", "10"))
	none := relay.ID{Kind: relay.Lot, Site: p.Site.ID, UUID: uuid.New()}
	tisz := p.AddSite("TISZ")
	elsewhere := relay.ID{Kind: relay.Lot, Site: tisz.ID, UUID: wip.UUID}
	gate, at := relay.ID{Kind: relay.QcGate, UUID: uuid.New()}, p.Now()
	for name, tc := range map[string]struct {
		scope       recall.Scope
		code        fault.Code
		field, part string
	}{
		"nothing":              {recall.Scope{}, fault.BadUserInput, "lotIds", "what is suspect"},
		"a site alone":         {recall.Scope{SiteCode: new("DUNA")}, fault.BadUserInput, "lotIds", "what is suspect"},
		"another kind":         {recall.Scope{LotIDs: []relay.ID{wip, p.Supplier}}, fault.BadUserInput, "lotIds[1]", "the id of a Partner"},
		"no such lot":          {recall.Scope{LotIDs: []relay.ID{wip, none}}, fault.NotFound, "lotIds[1]", "no such lot"},
		"another site's":       {recall.Scope{LotIDs: []relay.ID{wip, elsewhere}}, fault.NotFound, "lotIds[1]", "no such lot"},
		"of an unknown site":   {recall.Scope{LotIDs: []relay.ID{elsewhere}}, fault.NotFound, "lotIds[0]", "no such"},
		"no site":              {recall.Scope{SupplierLotCode: new("L-1")}, fault.BadUserInput, "siteCode", "which site"},
		"an unknown site":      {recall.Scope{SiteCode: new("TISZ"), SupplierLotCode: new("L-1")}, fault.NotFound, "siteCode", "no site"},
		"a lot for a supplier": {recall.Scope{SupplierID: &wip}, fault.BadUserInput, "supplierId", "the id of a Lot"},
		"a lot for a gate":     {recall.Scope{SiteCode: new("DUNA"), GateID: &wip, Time: &relay.TimeRange{From: &at}}, fault.BadUserInput, "gateId", "the id of a Lot"},
		"no such gate":         {recall.Scope{SiteCode: new("DUNA"), GateID: &gate, Time: &relay.TimeRange{From: &at}}, fault.NotFound, "gateId", "no such"},
		"no time":              {recall.Scope{SiteCode: new("DUNA"), Equipment: new("MD-1")}, fault.BadUserInput, "time", "from when"},
		"time backwards":       {recall.Scope{LotIDs: []relay.ID{wip}, Time: &relay.TimeRange{From: &at, Before: &at}}, fault.BadUserInput, "time", "ends before"},
		"found none":           {recall.Scope{SiteCode: new("DUNA"), SupplierLotCode: new("L-1")}, fault.NotFound, "supplierLotCode", "no lot"},
		"came from nobody":     {recall.Scope{SupplierID: &p.Supplier}, fault.NotFound, "supplierId", "no lot"},
	} {
		for _, kind := range db.AllRecallKindValues() {
			if _, err := p.try(p.Manager, kind, tc.scope); err == nil {
				t.Errorf("%s: opened", name)
			} else {
				linetest.Refused(t, err, tc.code, tc.field, tc.part)
			}
		}
	}
	_, err := p.Recalls.Open(p.As(p.Manager), recall.Opening{Kind: db.RecallKindMOCK, Reason: " why? "})
	linetest.Refused(t, err, fault.BadUserInput, "reason", "10 to 500")
	linetest.Refused(t, err, fault.BadUserInput, "lotIds", "what is suspect")
	_, err = p.Recalls.Close(p.As(p.Manager), recall.Closing{RecallID: wip, Conclusion: new("?")})
	linetest.Refused(t, err, fault.BadUserInput, "recallId", "the id of a Lot")
	linetest.Refused(t, err, fault.BadUserInput, "conclusion", "10 to 2000")
	linetest.Refused(t, p.close(p.Manager, uuid.New()), fault.NotFound, "recallId", "no such Recall")
}

// TestRecallOfOthersIsNotThere for who is no member of its site.
func TestRecallOfOthersIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	id := p.open(db.RecallKindMOCK, recall.Scope{LotIDs: p.ids(p.Make("WIP", "10"))})
	stranger := *p.Manager
	stranger.Memberships = map[int32]identity.Role{p.AddSite("TISZ").ID: db.RoleADMIN}
	linetest.Refused(t, p.close(&stranger, id), fault.NotFound, "recallId", "no such Recall")
	moved := p.recallID(id)
	moved.Site++
	_, err := p.Recalls.Refresh(p.As(&stranger), recall.Refreshment{RecallID: moved})
	linetest.Refused(t, err, fault.NotFound, "recallId", "no such Recall")
}

// TestManySuspectsOneRowEach: lots that went into one another are each exposed once, to a suspect that is in them.
func TestManySuspectsOneRowEach(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	var lots []uuid.UUID
	for range 4 {
		lots = append(lots, p.Make("WIP", "10"))
	}
	for i := range 6 {
		lots = append(lots, p.Make("TRAY", "1", p.Of(lots[i%4], "0.1"), p.Of(lots[(i+1)%4], "0.1")))
	}
	for i := range 8 {
		lots = append(lots, p.Make("REWORK", "1", p.Of(lots[4+i%6], "0.1"), p.Of(lots[4+(i+2)%6], "0.1")))
	}
	p.open(db.RecallKindREAL, recall.Scope{LotIDs: p.ids(lots[1:6]...)})
	if n := p.count(`(WITH RECURSIVE up AS (
			SELECT x.lot_id, x.cause_lot_id, x.lot_id AS id FROM exposure x UNION SELECT up.lot_id, up.cause_lot_id, g.parent_id FROM up JOIN lot_genealogy g ON g.child_id = up.id
		) SELECT lot_id FROM exposure EXCEPT SELECT lot_id FROM up WHERE id = cause_lot_id) x`); n != 0 {
		t.Errorf("%d lots are exposed to what isn't in them", n)
	}
	below := `(WITH RECURSIVE below AS (
		SELECT lot_id AS id FROM recall_suspect UNION SELECT g.child_id FROM below JOIN lot_genealogy g ON g.parent_id = below.id) SELECT id FROM below) x`
	if want, got := p.count(below), p.count("exposure"); got != want || want < 12 {
		t.Errorf("%d rows for %d lots", got, want)
	}
}

// TestMockWaitsForNobody: an exercise is opened, refreshed and closed while its site is somebody else's alone.
func TestMockWaitsForNobody(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	f := p.family()
	_, err := command.Do(p.As(p.Operator), p.Commands, command.Call{Mutation: "holdLots"}, func(tx *command.Tx) (none struct{}, err error) {
		if err := tx.Exclude(t.Context(), p.Site.ID); err != nil {
			return none, err
		}
		if _, err := lot.Lock(t.Context(), tx, p.Site.ID, p.ids(f.wip), lot.Listed); err != nil {
			return none, err
		}
		opened := make(chan error, 1)
		go func() {
			id, err := p.try(p.Manager, db.RecallKindMOCK, recall.Scope{LotIDs: p.ids(f.wip)})
			if err == nil {
				_, err = p.Recalls.Refresh(p.As(p.auditor), recall.Refreshment{RecallID: p.recallID(id)})
			}
			if err == nil {
				err = p.close(p.Manager, id)
			}
			opened <- err
		}()
		if p.Waits(opened) {
			t.Error("it waits")
		}
		return none, nil
	})
	p.must(err)
}

// TestNothingEscapesARecall recalls lots while others consume them.
func TestNothingEscapesARecall(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	var lots []uuid.UUID
	for range 5 {
		lots = append(lots, p.Make("PREP", "10"))
	}
	var wg sync.WaitGroup
	for _, id := range lots {
		wg.Go(func() {
			for range 10 {
				if _, err := p.TryMake("KIT", "0.5", p.Of(id, "0.5")); err != nil {
					linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is held")
				}
			}
		})
	}
	for _, half := range [][]uuid.UUID{lots[:3], lots[2:]} {
		wg.Go(func() {
			if _, err := p.try(p.Manager, db.RecallKindREAL, recall.Scope{LotIDs: p.ids(half...)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := p.count(`lot_genealogy g WHERE NOT EXISTS (SELECT FROM exposure e WHERE e.lot_id = g.child_id AND e.cause_lot_id = g.parent_id AND e.reason = 'RECALL')`); n != 0 {
		t.Errorf("%d lots escaped", n)
	}
	if n := p.count("recall WHERE code IN ('REC-20261001-DUNA-0001', 'REC-20261001-DUNA-0002')"); n != 2 {
		t.Errorf("%d recalls", n)
	}
}

// TestClosedOnce: of many who close it at the same moment one does, and nobody refreshes it afterwards.
func TestClosedOnce(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	id := p.open(db.RecallKindMOCK, recall.Scope{LotIDs: p.ids(p.Make("WIP", "10"))})
	errs := make([]error, 6)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = p.close(p.Manager, id) })
	}
	wg.Wait()
	closed := 0
	for _, err := range errs {
		if err == nil {
			closed++
		} else {
			linetest.Refused(t, err, fault.FailedPrecondition, "recallId", "is closed")
		}
	}
	if closed != 1 || p.count("recall_report") != 2 || p.count("audit_event WHERE action = 'CLOSE_RECALL'") != 1 {
		t.Errorf("closed %d times, %d reports", closed, p.count("recall_report"))
	}
}

func TestSentAgain(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	in := recall.Opening{Kind: db.RecallKindREAL, Reason: phoned, Scope: recall.Scope{LotIDs: p.ids(p.Make("WIP", "10"))}, Password: linetest.Password, IdempotencyKey: new("once")}
	first, err := p.Recalls.Open(p.As(p.Manager), in)
	p.must(err)
	if again, err := p.Recalls.Open(p.As(p.Manager), in); err != nil || again != first || p.count("recall") != 1 || p.count("hold") != 1 {
		t.Errorf("sent again: %v, %v", again, err)
	}
	in.Equipment = new("MD-1")
	in.Time = &relay.TimeRange{From: new(p.Now())}
	_, err = p.Recalls.Open(p.As(p.Manager), in)
	linetest.Refused(t, err, fault.Conflict, "idempotencyKey", "another")
}

func TestScopes(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	receive := func(code string, equipment *string) uuid.UUID {
		t.Helper()
		made, err := p.Transformations.RegisterLot(p.As(p.Operator), registration(p, code, equipment))
		p.must(err)
		p.Pass(time.Minute)
		return made.Lots[0]
	}
	began := p.Now()
	first, second, third := receive("L-1", new("MIXER-1")), receive("L-2", new("MIXER-1")), receive("L-1", nil)
	plain := p.Make("WIP", "10")
	end := p.Now()
	for name, tc := range map[string]struct {
		scope recall.Scope
		want  []uuid.UUID
	}{
		"a supplier's lot":               {recall.Scope{SiteCode: new("DUNA"), SupplierLotCode: new("L-1")}, []uuid.UUID{first, third}},
		"of a supplier":                  {recall.Scope{SupplierID: &p.Supplier, SupplierLotCode: new("L-2")}, []uuid.UUID{second}},
		"all of a supplier":              {recall.Scope{SupplierID: &p.Supplier}, []uuid.UUID{first, second, third}},
		"of a supplier in a time":        {recall.Scope{SupplierID: &p.Supplier, Time: &relay.TimeRange{From: new(began.Add(time.Minute))}}, []uuid.UUID{second, third}},
		"equipment":                      {recall.Scope{SiteCode: new("DUNA"), Equipment: new("MIXER-1"), Time: &relay.TimeRange{From: &began, Before: &end}}, []uuid.UUID{first, second}},
		"equipment in a time":            {recall.Scope{SiteCode: new("DUNA"), Equipment: new("MIXER-1"), Time: &relay.TimeRange{From: &began, Before: new(began.Add(time.Minute))}}, []uuid.UUID{first}},
		"lots, and those of a condition": {recall.Scope{LotIDs: p.ids(plain, second), SupplierLotCode: new("L-1")}, []uuid.UUID{first, second, third, plain}},
	} {
		want := slices.Clone(tc.want)
		slices.SortFunc(want, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
		if diff := cmp.Diff(want, p.suspects(p.open(db.RecallKindMOCK, tc.scope))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
