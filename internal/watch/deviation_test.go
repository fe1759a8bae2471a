package watch_test

import (
	"testing"
	"time"

	"flowviz/db"
	"flowviz/internal/hold"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
)

// TestADeviationIsOverdue: it is told once, and again where another date was set and has passed; not when it is closed.
func TestADeviationIsOverdue(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	lot := p.Make("WIP", "10")
	_, err := p.Holds.HoldLots(p.As(p.Operator), hold.Holding{LotIDs: []relay.ID{p.LotID(lot)}, Reason: "the supplier phoned"})
	p.must(err)
	p.Pass(7 * 24 * time.Hour)
	p.look("due now", db.AlertKindDEVIATIONOVERDUE)
	p.Pass(time.Second)
	const first = "WARNING: DEV-20261001-DUNA-0001 was due on 2026-10-08 08:00 UTC and isn't closed: the supplier phoned"
	p.look("overdue", db.AlertKindDEVIATIONOVERDUE, first)
	p.Pass(time.Minute)
	p.look("told", db.AlertKindDEVIATIONOVERDUE)
	p.acknowledge()
	p.Pass(time.Hour)
	p.look("acknowledged", db.AlertKindDEVIATIONOVERDUE)
	p.exec("UPDATE deviation SET due_at = $1, severity = 'CRITICAL'", p.Now().Add(time.Hour))
	p.look("put off", db.AlertKindDEVIATIONOVERDUE)
	p.Pass(2 * time.Hour)
	p.look("overdue again", db.AlertKindDEVIATIONOVERDUE, "CRITICAL: DEV-20261001-DUNA-0001 was due on 2026-10-08 10:01 UTC and isn't closed: the supplier phoned")
	p.acknowledge()
	p.exec(`WITH s AS (INSERT INTO signature VALUES ($1, $2, 'closeDeviation', sha256(''), now()) RETURNING id)
		UPDATE deviation SET cause = 'x', corrective_action = 'x', verification = 'x', verified_at = now(), verified_by = $2, due_at = due_at + interval '1 minute',
		close_reason = 'x', closed_at = now(), closed_by = $2, signature_id = (SELECT id FROM s)`, linetest.NewID(), p.Manager.UserID)
	p.Pass(time.Hour)
	p.look("closed", db.AlertKindDEVIATIONOVERDUE)
}
