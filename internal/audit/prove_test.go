package audit_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/audit/audittest"
)

// size is how much TestProveAudit does: at how many places each kind of tampering is tried, and how many rows are verified.
func size() (places, rows int) {
	if dbtest.Full() {
		return 100, 1_000_000
	}
	return 4, 20_000
}

// verifyLimit is what verifying a million rows may take, on two cores.
const verifyLimit = 30 * time.Second

// The log that is tampered with, and how often it was signed.
const (
	logRows  = 600
	interval = 100
)

// tampering is something that the database's owner can do to a log. The owner moves the head along, as anybody would who
// knows of it.
type tampering struct {
	name string
	// do changes the log at an event and says which event is the first bad one, and what is wrong there.
	do func(t *tamperer, at int64) (first int64, problems []audit.Problem)
}

var tamperings = []tampering{
	{"a value changed", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`UPDATE audit_event SET after = json_build_object('name', 'Farn') WHERE site_id = $1 AND sequence = $2`, t.site, at)
		return at, one(audit.Changed)
	}},
	{"the spelling of a number changed", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`UPDATE audit_event SET after = replace(after::text, '12.5', '12.50')::json WHERE site_id = $1 AND sequence = $2`, t.site, at)
		return at, one(audit.Changed)
	}},
	{"the reason taken away", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`UPDATE audit_event SET reason = NULL WHERE site_id = $1 AND sequence = $2`, t.site, at)
		return at, one(audit.Changed)
	}},
	{"another person", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`UPDATE audit_event SET user_id = $3 WHERE site_id = $1 AND sequence = $2`, t.site, at, uuid.Max)
		return at, one(audit.Changed)
	}},
	{"a signature made another person's", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.resign("user_id = $3", at, uuid.Max)
		return at, one(audit.Changed)
	}},
	{"a signature that means something else", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.resign("meaning = $3", at, "rejectLot")
		return at, one(audit.Changed)
	}},
	{"a signature of something else", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.resign("content_hash = $3", at, make([]byte, 32))
		return at, one(audit.Changed)
	}},
	{"a signature of another time", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.resign("signed_at = $3", at, noon.Add(-time.Hour))
		return at, one(audit.Changed)
	}},
	{"a signature removed", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`DELETE FROM signature USING audit_event a WHERE a.signature_id = signature.id AND a.site_id = $1 AND a.sequence = $2`, t.site, at)
		return at, one(audit.Changed)
	}},
	{"a microsecond later", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`UPDATE audit_event SET occurred_at = occurred_at + interval '1 microsecond' WHERE site_id = $1 AND sequence = $2`, t.site, at)
		return at, one(audit.Changed)
	}},
	{"a value changed, with a hash of its own", func(t *tamperer, at int64) (int64, []audit.Problem) {
		log := t.read()
		log[at-1].After = []byte(`{"name":"Farn"}`)
		t.rewrite(log, at-1, at)
		if at == logRows { // the head fits too: only the checkpoint there knows better
			return at, one(audit.Rewritten)
		}
		return at, []audit.Problem{audit.Replaced, audit.Rewritten} // the latter where a checkpoint stands there
	}},
	{"an event removed", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`DELETE FROM audit_event WHERE site_id = $1 AND sequence = $2`, t.site, at)
		return at, []audit.Problem{audit.Missing, audit.Cut}
	}},
	{"an event removed, and those after it numbered anew", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`DELETE FROM audit_event WHERE site_id = $1 AND sequence = $2`, t.site, at)
		t.exec(`UPDATE audit_event SET sequence = sequence - 1 WHERE site_id = $1 AND sequence > $2`, t.site, at)
		t.head()
		return at, []audit.Problem{audit.Changed, audit.Cut}
	}},
	{"an event added, and those after it numbered anew", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`UPDATE audit_event SET sequence = sequence + 1 WHERE site_id = $1 AND sequence >= $2`, t.site, at)
		t.copyEvent(at+1, at)
		log := t.read()
		t.rewrite(log, at-1, at)
		// The event itself fits to what is before it; that it doesn't belong shows at what is after it, or at a checkpoint.
		return at, []audit.Problem{audit.Changed, audit.Replaced, audit.Rewritten}
	}},
	{"two events exchanged", func(t *tamperer, at int64) (int64, []audit.Problem) {
		at = min(at, logRows-1)
		t.exec(`UPDATE audit_event SET sequence = 2 * $2::bigint + 1 - sequence WHERE site_id = $1 AND sequence IN ($2::bigint, $2::bigint + 1)`, t.site, at)
		return at, one(audit.Changed)
	}},
	{"an event there twice", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.copyEvent(at, at)
		return at, []audit.Problem{audit.Repeated, audit.Changed} // the latter where the copy comes first
	}},
	{"an event moved to another site", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`UPDATE audit_event SET site_id = $3 WHERE site_id = $1 AND sequence = $2`, t.site, at, t.elsewhere)
		return at, []audit.Problem{audit.Missing, audit.Cut}
	}},
	{"the tail cut off, with the head", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.exec(`DELETE FROM audit_event WHERE site_id = $1 AND sequence >= $2`, t.site, at)
		t.head()
		return at, one(audit.Cut)
	}},
	{"rewritten from there to the end, with the head", func(t *tamperer, at int64) (int64, []audit.Problem) {
		log := t.read()
		log[at-1].After = []byte(`{"name":"Farn"}`)
		t.rewrite(log, at-1, logRows)
		return (at + interval - 1) / interval * interval, one(audit.Rewritten) // at the next checkpoint
	}},
	{"an event written after the head", func(t *tamperer, at int64) (int64, []audit.Problem) {
		t.copyEvent(at, logRows+1)
		return logRows + 1, one(audit.Added)
	}},
}

func one(p audit.Problem) []audit.Problem { return []audit.Problem{p} }

// tamperer is the database's owner, in a transaction that is rolled back.
type tamperer struct {
	*testing.T
	tx              pgx.Tx
	site, elsewhere int32
}

func (t *tamperer) exec(sql string, args ...any) {
	t.Helper()
	_, err := t.tx.Exec(t.Context(), sql, args...)
	must(t, err)
}

// resign changes the signature of an event.
func (t *tamperer) resign(set string, at int64, to any) {
	t.Helper()
	t.exec(`UPDATE signature s SET `+set+` FROM audit_event a WHERE a.signature_id = s.id AND a.site_id = $1 AND a.sequence = $2`, t.site, at, to)
}

// copyEvent writes an event once more, under another id and number.
func (t *tamperer) copyEvent(from, to int64) {
	t.Helper()
	t.exec(`INSERT INTO audit_event SELECT (json_populate_record(a, json_build_object('id', $3::uuid, 'sequence', $4::bigint))).*
		FROM audit_event a WHERE site_id = $1 AND sequence = $2`, t.site, from, newID(), to)
}

// read is the whole log.
func (t *tamperer) read() []db.ChainedEvent {
	t.Helper()
	var log []db.ChainedEvent
	for e, err := range db.AuditChain(t.Context(), t.tx, t.site) {
		must(t, err)
		log = append(log, *e)
	}
	return log
}

// rewrite stores events from one to before another, with the hashes that they should have after the one before them.
func (t *tamperer) rewrite(log []db.ChainedEvent, from, to int64) {
	t.Helper()
	batch := &pgx.Batch{}
	for i := from; i < to; i++ {
		e := &log[i]
		e.PrevHash = make([]byte, 32)
		if i > 0 {
			e.PrevHash = log[i-1].Hash
		}
		e.Hash = audit.Hash(e.PrevHash, e)
		batch.Queue(`UPDATE audit_event SET prev_hash = $2, hash = $3, after = $4 WHERE id = $1`, e.ID, e.PrevHash, e.Hash, e.After)
	}
	must(t, t.tx.SendBatch(t.Context(), batch).Close())
	t.head()
}

// head makes the site's head that of its last event.
func (t *tamperer) head() {
	t.Helper()
	t.exec(`UPDATE site_head h SET (audit_sequence, audit_hash) = (
			SELECT coalesce(max(sequence), 0), coalesce((array_agg(hash ORDER BY sequence DESC))[1], decode(repeat('00', 32), 'hex'))
			FROM audit_event a WHERE a.site_id = h.site_id)
		WHERE site_id = $1`, t.site)
}

// TestProveAudit is what `make prove-audit` shows, and its figures.
func TestProveAudit(t *testing.T) {
	t.Parallel()
	places, rows := size()
	proveTampering(t, places)
	took := proveSpeed(t, rows)
	t.Logf("prove: %d kinds of tampering at %d places each, all found; %d events verified in %.1f s (limit %v for a million)",
		len(tamperings), places, rows, took.Seconds(), verifyLimit)
}

// proveTampering: each kind of tampering, at many places, is found where it is.
func proveTampering(t *testing.T, places int) {
	t.Helper()
	pool, store, clock, ctx, keys := dbtest.New(t, nil), audit.NewFolder(t.TempDir()), &ticking{noon}, somebody(t.Context()), newKeys(t)
	site, elsewhere := newSite(t, pool, "DUNA"), newSite(t, pool, "TISZ")
	signing := checkpointer(t, pool, store, keys, clock)
	// The owner does away with what is in the way.
	_, err := pool.Exec(ctx, `ALTER TABLE audit_event DROP CONSTRAINT audit_event_sequence_key, DROP CONSTRAINT audit_event_pkey;
		ALTER TABLE signature DROP CONSTRAINT signature_user_fkey;
		CREATE INDEX ON audit_event (site_id, sequence); CREATE INDEX ON audit_event (id)`)
	must(t, err)
	for range logRows / interval {
		manySigned(ctx, t, pool, site, interval)
		must(t, signing.Run(ctx))
		clock.pass(time.Hour)
	}
	checkpoints, err := store.All(ctx, "DUNA")
	must(t, err)
	if len(checkpoints) != logRows/interval {
		t.Fatalf("%d checkpoints", len(checkpoints))
	}
	draw := rand.New(rand.NewPCG(1, 2))
	for _, kind := range tamperings {
		for i := range places {
			at := draw.Int64N(logRows) + 1
			switch i {
			case 0:
				at = 1
			case 1:
				at = logRows
			case 2:
				at = interval
			}
			tryTampering(ctx, t, pool, site, elsewhere, kind, at, checkpoints, keys)
		}
	}
	intactWith(t, pool, store, keys)
}

// manySigned records n events, each of which somebody signed.
func manySigned(ctx context.Context, t *testing.T, pool *pgxpool.Pool, site int32, n int) {
	t.Helper()
	must(t, db.InTx(ctx, pool, db.Scope{}, func(q *db.Queries) error {
		entries := make([]audit.Entry, n)
		for i := range entries {
			id := newID()
			signature := db.Signature{ID: id, UserID: person, Meaning: "releaseLot", ContentHash: bytes.Repeat(id[:], 2), SignedAt: noon.Truncate(time.Microsecond)}
			if err := q.InsertSignature(ctx, db.InsertSignatureParams(signature)); err != nil {
				return err
			}
			entries[i] = renamed(site)
			entries[i].Signature = &signature
		}
		return recorder().Record(ctx, q, entries...)
	}))
}

func tryTampering(
	ctx context.Context, t *testing.T, pool *pgxpool.Pool, site, elsewhere int32, kind tampering, at int64, checkpoints []*audit.Checkpoint, keys *audit.Keys,
) {
	t.Helper()
	tx, err := pool.Begin(ctx)
	must(t, err)
	defer tx.Rollback(ctx)
	first, problems := kind.do(&tamperer{t, tx, site, elsewhere}, at)
	report, err := audit.VerifyIn(ctx, tx, site, checkpoints, keys)
	must(t, err)
	switch {
	case report.Intact():
		t.Errorf("%s, at %d: not found", kind.name, at)
	case !slices.Contains(problems, report.Flaw.Problem):
		t.Errorf("%s, at %d: %+v instead of %v", kind.name, at, report.Flaw, problems)
	case report.Flaw.Sequence != first && !(kind.name == "an event added, and those after it numbered anew" && report.Flaw.Sequence == first+1):
		t.Errorf("%s, at %d: %+v instead of event %d", kind.name, at, report.Flaw, first)
	}
}

// intactWith checks that nothing stayed of what was tried.
func intactWith(t *testing.T, pool *pgxpool.Pool, store audit.Store, keys *audit.Keys) {
	t.Helper()
	reports, err := audit.NewVerifier(pool, store, keys).All(t.Context(), "DUNA")
	must(t, err)
	if r := reports[0]; !r.Intact() || r.Events != logRows || r.Checkpoints != logRows/interval {
		t.Errorf("the untouched log: %+v, flaw %+v", r, r.Flaw)
	}
}

// proveSpeed verifies a long log, and finds a change in its last row.
func proveSpeed(t *testing.T, rows int) time.Duration {
	t.Helper()
	pool := dbtest.New(t, nil)
	site := newSite(t, pool, "DUNA")
	audittest.Long(t, pool, site, rows)
	verifier := audit.NewVerifier(pool, nil, nil)
	began := time.Now()
	reports, err := verifier.All(t.Context(), "DUNA")
	took := time.Since(began)
	must(t, err)
	if r := reports[0]; !r.Intact() || r.Events != int64(rows) {
		t.Errorf("%+v, flaw %+v", r, r.Flaw)
	}
	if dbtest.Full() && took > verifyLimit {
		t.Errorf("%d rows took %v, more than %v", rows, took, verifyLimit)
	}
	_, err = pool.Exec(t.Context(), `UPDATE audit_event SET reason = 'another' WHERE site_id = $1 AND sequence = $2`, site, rows)
	must(t, err)
	reports, err = verifier.All(t.Context(), "DUNA")
	must(t, err)
	if r := reports[0]; r.Intact() || r.Flaw.Sequence != int64(rows) || r.Flaw.Problem != audit.Changed {
		t.Errorf("a change of the last row: %+v", r.Flaw)
	}
	return took
}
