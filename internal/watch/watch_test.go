package watch_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/transformation"
	"flowviz/internal/watch"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// post is a plant with a run of the ready meals, and somebody who watches it.
type post struct {
	*linetest.Plant
	t       *testing.T
	watcher *watch.Watcher
	run     uuid.UUID
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{Plant: linetest.New(t), t: t}
	p.watcher = watch.New(p.App, p.Commands, scenario.NewLibrary(), p.Now)
	var err error
	p.run, err = p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "chilled-ready-meal", SiteCode: "DUNA"})
	p.must(err)
	return p
}

func (p *post) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// exec writes as the owner.
func (p *post) exec(sql string, args ...any) {
	p.t.Helper()
	_, err := p.Owner.Exec(p.t.Context(), sql, args...)
	p.must(err)
}

// enter takes the run to a phase now, past all gates on the way.
func (p *post) enter(phase int) {
	p.t.Helper()
	p.exec("UPDATE run SET phase_since = $1, phase_id = (SELECT id FROM phase WHERE scenario_id = run.scenario_id AND number = $2)", p.Now(), phase)
}

// make registers a lot in the run now; an AUTO one has no weight.
func (p *post) make(lotType string, source db.LotSource) {
	p.t.Helper()
	p.exec(`INSERT INTO lot (id, site_id, code, lot_type_id, status, source, weight_kg, remaining_kg, run_id, phase_id, occurred_at, registered_at)
		SELECT $1, r.site_id, $5, t.id, 'RELEASED', $2::lot_source, CASE WHEN $2 <> 'AUTO' THEN 1 END, CASE WHEN $2 <> 'AUTO' THEN 1 END, r.id, r.phase_id, $3, $3
		FROM run r JOIN lot_type t ON t.scenario_id = r.scenario_id AND t.code = $4`, linetest.NewID(), source, p.Now(), lotType, linetest.NewID().String())
}

// announce registers a lot in the run now that nobody has made.
func (p *post) announce(lotType string) uuid.UUID {
	p.t.Helper()
	p.make(lotType, db.LotSourceAUTO)
	var id uuid.UUID
	p.must(p.Owner.QueryRow(p.t.Context(), "UPDATE lot SET announced = true WHERE source = 'AUTO' AND registered_at = $1 RETURNING id", p.Now()).Scan(&id))
	return id
}

// fulfil makes an announced lot now, of something else that is of the same SKU.
func (p *post) fulfil(id uuid.UUID, of, sku string) {
	p.t.Helper()
	input := p.Make(of, "5")
	p.exec("UPDATE lot SET attributes = jsonb_build_object('sku', $1::text) WHERE id = $2", sku, input)
	_, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{SiteCode: "DUNA", RunID: new(p.RunID(p.run)), NewLot: transformation.NewLot{
		LotID: new(p.LotID(id)), WeightKg: linetest.Kg("5"), Inputs: []transformation.Draw{p.Of(input, "")}, Attributes: &lot.Attributes{Sku: &sku},
	}})
	p.must(err)
}

// decide decides about the line at a gate now, or about a check of earlier.
func (p *post) decide(gate, decision string, checkedAt time.Time, supersedes *uuid.UUID) uuid.UUID {
	p.t.Helper()
	id := linetest.NewID()
	var deviation *uuid.UUID
	if decision != "PASS" {
		deviation = &id
		p.exec(`INSERT INTO deviation (id, site_id, code, severity, description, opened_at, opened_by, due_at)
			VALUES ($1, $2, $3, 'MAJOR', 'as the tests have it', $4, $5, $4::timestamptz + interval '7 days')`, id, p.Site.ID, id.String(), p.Now(), p.Operator.UserID)
	}
	p.exec(`INSERT INTO qc_decision (id, site_id, gate_id, run_id, decision, notes, decided_at, checked_at, decided_by, supersedes_id, deviation_id)
		SELECT $1, r.site_id, g.id, r.id, $2, 'as the tests have it', $3, $4, $5, $6, $8 FROM run r JOIN qc_gate g ON g.scenario_id = r.scenario_id AND g.number = $7::text::numeric`,
		id, decision, p.Now(), checkedAt, p.Operator.UserID, supersedes, gate, deviation)
	return id
}

func (p *post) pass(gate string) { p.t.Helper(); p.decide(gate, "PASS", p.Now(), nil) }

// look looks, and must raise these alerts of a kind and no others.
func (p *post) look(what string, kind db.AlertKind, want ...string) {
	p.t.Helper()
	const raised = "SELECT coalesce(array_agg(severity || ': ' || message ORDER BY id), '{}') FROM alert WHERE kind = $1 AND raised_at = $2"
	p.must(p.watcher.Look(p.t.Context()))
	var got []string
	p.must(p.Owner.QueryRow(p.t.Context(), raised, kind, p.Now()).Scan(&got))
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		p.t.Errorf("%s (-want +raised):\n%s", what, diff)
	}
}

// acknowledge acknowledges all alerts.
func (p *post) acknowledge() {
	p.t.Helper()
	p.exec("UPDATE alert SET acknowledged_at = $1, acknowledged_by = $2 WHERE acknowledged_at IS NULL", p.Now(), p.Operator.UserID)
}

func (p *post) count(from string, args ...any) (n int) {
	p.t.Helper()
	p.must(p.Owner.QueryRow(p.t.Context(), "SELECT count(*) FROM "+from, args...).Scan(&n))
	return n
}

func TestAnHourlyCheckIsMissed(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.Pass(3 * time.Hour)
	p.enter(8)
	p.look("just begun", db.AlertKindCHECKMISSED)
	p.Pass(time.Hour)
	p.look("due now", db.AlertKindCHECKMISSED)
	p.Pass(time.Minute)
	p.look("overdue", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check for 1 h 1 min, one is due each 60 min")
	p.Pass(time.Minute)
	p.look("told", db.AlertKindCHECKMISSED)
	p.Pass(2 * time.Hour)
	p.look("nobody looks at it", db.AlertKindCHECKMISSED)
	p.acknowledge()
	p.look("the third one is missed since", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check for 3 h 2 min, one is due each 60 min")
	p.Pass(time.Minute)
	p.acknowledge()
	p.look("acknowledged", db.AlertKindCHECKMISSED)
	p.pass("8")
	p.Pass(time.Hour)
	p.look("checked", db.AlertKindCHECKMISSED)
	p.Pass(time.Second)
	p.look("overdue again", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check for 1 h 0 min, one is due each 60 min")
	if a, e := p.count("audit_event WHERE action = 'RAISE_ALERT' AND program = 'flowviz serve'"), p.count("event WHERE type = 'ALERT_RAISED'"); a != p.count("alert") || a != e {
		t.Errorf("%d events in the log, %d told, of %d alerts", a, e, p.count("alert"))
	}
}

func TestALineThatStandsIsNotChecked(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.enter(8)
	in := run.Change{RunID: p.RunID(p.run), Reason: "the sealer is broken"}
	_, err := p.Runs.Hold(p.As(p.Operator), in)
	p.must(err)
	p.Pass(5 * time.Hour)
	p.look("it stands", db.AlertKindCHECKMISSED)
	p.look("it stands", db.AlertKindRUNIDLE)
	_, err = p.Runs.Resume(p.As(p.Manager), in)
	p.must(err)
	p.Pass(time.Hour)
	p.look("it has begun again", db.AlertKindCHECKMISSED)
	p.Pass(time.Minute)
	p.look("it runs for more than an hour", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check for 1 h 1 min, one is due each 60 min")
	p.look("it runs for less than two", db.AlertKindRUNIDLE)
}

func TestTheFirstAndTheLastCheckAreMissed(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.enter(8)
	p.make("FG", db.LotSourceAUTO)
	p.look("nobody has measured it", db.AlertKindCHECKMISSED)
	p.make("FG", db.LotSourcePERSON)
	p.Pass(time.Minute)
	p.look("no check before", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check before the first lot")
	p.pass("8")
	p.acknowledge()
	p.Pass(time.Minute)
	p.make("FG", db.LotSourceDEVICE)
	p.Pass(time.Minute)
	p.look("all is well", db.AlertKindCHECKMISSED)
	p.enter(9)
	p.pass("9")
	p.Pass(time.Minute)
	p.look("no check after", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check after the last lot")
	p.acknowledge()
	p.Pass(time.Minute)
	p.look("told for good", db.AlertKindCHECKMISSED)

	p.exec("UPDATE alert SET raised_at = '2026-09-01', acknowledged_at = '2026-09-01'")
	p.exec("UPDATE run SET status = 'COMPLETED', ended_at = $1", p.Now())
	p.Pass(23 * time.Hour)
	p.look("it ended today", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check after the last lot")
	p.exec("UPDATE alert SET raised_at = '2026-09-01', acknowledged_at = '2026-09-01'")
	p.Pass(2 * time.Hour)
	p.look("it ended yesterday", db.AlertKindCHECKMISSED)
}

// TestTheCheckAtAChangeoverIsMissed: the lots say to which product the line has changed.
func TestTheCheckAtAChangeoverIsMissed(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.enter(8)
	p.pass("8")
	of := func(sku string) {
		t.Helper()
		p.Pass(time.Minute)
		p.make("FG", db.LotSourcePERSON)
		p.exec("UPDATE lot SET attributes = jsonb_strip_nulls(jsonb_build_object('sku', nullif($1, ''))) WHERE registered_at = $2", sku, p.Now())
	}
	const missed = "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check when the line changed to another product"
	of("STEW")
	of("STEW")
	of("")
	of("STEW")
	p.look("one product", db.AlertKindCHECKMISSED)
	p.Pass(time.Minute)
	p.pass("8")
	of("SOUP")
	p.look("checked before the other", db.AlertKindCHECKMISSED)
	of("STEW")
	of("STEW")
	p.look("changed back", db.AlertKindCHECKMISSED, missed)
	p.acknowledge()
	p.Pass(time.Minute)
	p.look("told", db.AlertKindCHECKMISSED)
	p.pass("8")
	of("SOUP")
	p.Pass(time.Minute)
	p.look("checked before the third", db.AlertKindCHECKMISSED)
	of("STEW")
	p.look("changed again", db.AlertKindCHECKMISSED, missed)
	p.acknowledge()
	of("SOUP")
	p.enter(9)
	p.pass("9")
	p.look("the line is elsewhere", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check after the last lot")
}

// TestAnAnnouncedLotIsOnTheLineWhenItIsMade: not when its run announced it.
func TestAnAnnouncedLotIsOnTheLineWhenItIsMade(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.enter(8)
	announced := p.announce("FG")
	p.Pass(10 * time.Minute)
	p.pass("8")
	p.Pass(50 * time.Minute)
	p.fulfil(announced, "TRAY", "STEW")
	p.look("a check before the first lot", db.AlertKindCHECKMISSED)
	p.enter(9)
	p.pass("9")
	p.look("none after the last one", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check after the last lot")
}

// TestAnAnnouncedLotChangesTheLineWhenItIsMade: it comes after what was made meanwhile.
func TestAnAnnouncedLotChangesTheLineWhenItIsMade(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.enter(8)
	announced := p.announce("FG")
	p.Pass(time.Minute)
	p.pass("8")
	p.Pass(time.Minute)
	p.make("FG", db.LotSourcePERSON)
	p.exec("UPDATE lot SET attributes = jsonb_build_object('sku', 'SOUP') WHERE registered_at = $1", p.Now())
	p.Pass(time.Minute)
	p.fulfil(announced, "TRAY", "STEW")
	p.look("changed", db.AlertKindCHECKMISSED, "CRITICAL: RUN-20261001-DUNA-0001, gate 8 Seal and label: no check when the line changed to another product")
}

func TestTooManyFail(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for range 9 {
		p.pass("8")
	}
	old := p.decide("8", "FAIL", p.Now(), nil)
	p.look("a tenth", db.AlertKindFAILRATE)
	p.decide("9", "FAIL", p.Now(), nil)
	p.Pass(time.Minute)
	p.look("more", db.AlertKindFAILRATE, "WARNING: 2 of the last hour's 11 decisions failed, more than a tenth")
	p.acknowledge()
	p.Pass(time.Minute)
	p.look("told within the hour", db.AlertKindFAILRATE)
	p.Pass(2 * time.Hour)
	p.decide("8", "FAIL", p.Now().Add(-2*time.Hour), &old)
	p.look("a correction of an older one", db.AlertKindFAILRATE)
	wrong := p.decide("8", "FAIL", p.Now(), nil)
	p.decide("8", "PASS", p.Now(), &wrong)
	p.Pass(time.Minute)
	p.look("corrected", db.AlertKindFAILRATE)
	p.decide("8", "FAIL", p.Now(), nil)
	p.look("the next hour's", db.AlertKindFAILRATE, "WARNING: 1 of the last hour's 2 decisions failed, more than a tenth")
}

func TestARunIsIdle(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.Pass(2 * time.Hour)
	p.look("two hours", db.AlertKindRUNIDLE)
	p.Pass(5 * time.Minute)
	p.look("more", db.AlertKindRUNIDLE, "WARNING: RUN-20261001-DUNA-0001 has registered no lot for 2 h 5 min")
	p.acknowledge()
	p.Pass(time.Minute)
	p.look("told", db.AlertKindRUNIDLE)
	p.make("RAW", db.LotSourcePERSON)
	p.Pass(time.Hour)
	p.look("it has one", db.AlertKindRUNIDLE)
	p.Pass(61 * time.Minute)
	p.look("idle again", db.AlertKindRUNIDLE, "WARNING: RUN-20261001-DUNA-0001 has registered no lot for 2 h 1 min")
	if n := p.count("alert WHERE kind = 'RUN_IDLE' AND run_id = $1", p.run); n != 2 {
		t.Errorf("%d are of the run", n)
	}
}

// TestARunIsNotIdleThatMakesWhatItAnnounced: what was announced hours ago and is made now is a lot of now.
func TestARunIsNotIdleThatMakesWhatItAnnounced(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.enter(8)
	announced := p.announce("FG")
	p.Pass(90 * time.Minute)
	p.fulfil(announced, "TRAY", "STEW")
	p.Pass(31 * time.Minute)
	p.look("it has made one", db.AlertKindRUNIDLE)
	p.Pass(90 * time.Minute)
	p.look("idle since", db.AlertKindRUNIDLE, "WARNING: RUN-20261001-DUNA-0001 has registered no lot for 2 h 1 min")
}

// TestLookAtOnce: several replicas look, and one alert is raised.
func TestLookAtOnce(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.Pass(3 * time.Hour)
	failed := make(chan error, 5)
	for range cap(failed) {
		go func() { failed <- p.watcher.Look(context.WithoutCancel(t.Context())) }()
	}
	for range cap(failed) {
		p.must(<-failed)
	}
	if n := p.count("alert WHERE kind = 'RUN_IDLE'"); n != 1 {
		t.Errorf("%d alerts", n)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	tisz := p.AddSite("TISZ")
	key := func(key string) {
		t.Helper()
		_, err := command.Do(p.As(p.Manager), p.Commands, command.Call{Mutation: "say", Key: &key}, func(tx *command.Tx) (int, error) {
			for range 3 {
				tx.Tell(event.Event{Type: event.MasterDataChanged, Site: p.Site.ID, Subject: relay.ID{Kind: relay.Site, Site: p.Site.ID}})
			}
			return 0, nil
		})
		p.must(err)
	}
	key("old")
	p.exec("INSERT INTO event (id, site_id, sequence, type, occurred_at, subject_kind, subject_id) VALUES ($1, $2, 1, 'X', $3, 'Site', $1)", uuid.New(), tisz.ID, p.Now())
	before := p.count("event WHERE site_id = $1", p.Site.ID)
	p.Pass(24*time.Hour + time.Second)
	key("new")
	p.must(p.watcher.Forget(t.Context()))
	if n := p.count("idempotency_key"); n != 1 || p.count("event WHERE site_id = $1", p.Site.ID) != before+3 {
		t.Errorf("a day later: %d keys", n)
	}
	p.Pass(6 * 24 * time.Hour)
	// An event of a clock that went wrong, behind one that is kept: what is kept has no gap.
	key("newest")
	p.exec("UPDATE event SET occurred_at = '2026-09-01' WHERE site_id = $1 AND sequence = (SELECT max(sequence) FROM event WHERE site_id = $1)", p.Site.ID)
	p.must(p.watcher.Forget(t.Context()))
	var first, last int
	p.must(p.Owner.QueryRow(t.Context(), "SELECT min(sequence), max(sequence) FROM event WHERE site_id = $1", p.Site.ID).Scan(&first, &last))
	if first != before+1 || last != before+6 || p.count("event WHERE site_id = $1", p.Site.ID) != 6 || p.count("event WHERE site_id = $1", tisz.ID) != 0 {
		t.Errorf("a week later %d to %d are kept, %d of the other site", first, last, p.count("event WHERE site_id = $1", tisz.ID))
	}
	p.Pass(30 * 24 * time.Hour)
	p.must(p.watcher.Forget(t.Context()))
	if n := p.count("event"); n != 0 {
		t.Errorf("%d are kept for ever", n)
	}
}
