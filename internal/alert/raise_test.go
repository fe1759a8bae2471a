package alert_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/relay"
)

func idle(site int32, subject string) alert.New {
	return alert.New{Site: site, Kind: db.AlertKindRUNIDLE, Severity: db.AlertSeverityWARNING, Message: "nothing moves", Subject: subject}
}

func TestRaiseOnceASubject(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	other := idle(1, "a")
	other.Kind = db.AlertKindFAILRATE
	first := p.raise(t, idle(1, "a"), idle(1, "b"), idle(1, "a"), idle(2, "a"), other, idle(1, ""), idle(1, ""))
	if len(first) != 6 || first[0].Subject == nil || *first[0].Subject != "a" || first[5].Subject != nil || !first[0].RaisedAt.Equal(p.now) {
		t.Errorf("%d raised", len(first))
	}
	if again := p.raise(t, idle(1, "b"), idle(1, "c"), idle(1, "")); len(again) != 2 || *again[0].Subject != "c" {
		t.Errorf("raised again: %d", len(again))
	}
	if n := p.count(t, "event WHERE type = 'ALERT_RAISED' AND subject_kind = 'Alert'"); n != 8 {
		t.Errorf("%d events, not 8", n)
	}
	_, err := p.alerts.Acknowledge(p.ctx, alert.Acknowledgement{AlertID: first[0].GlobalID()})
	must(t, err)
	if later := p.raise(t, idle(1, "a"), idle(1, "b")); len(later) != 1 || *later[0].Subject != "a" {
		t.Errorf("after its acknowledgement: %d", len(later))
	}
}

// TestRaiseAtOnce: two replicas that find the same raise one alert.
func TestRaiseAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	var all sync.WaitGroup
	var raised atomic.Int32
	for range 20 {
		all.Go(func() { raised.Add(int32(len(p.raise(t, idle(1, "a"), idle(1, "b"))))) })
	}
	all.Wait()
	if n := p.count(t, "alert"); n != 2 || raised.Load() != 2 {
		t.Errorf("%d alerts, %d raised, not 2", n, raised.Load())
	}
}

func TestRaiseThousands(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	var many []alert.New
	for i := range 5000 {
		many = append(many, idle(1, fmt.Sprint(i)))
	}
	if n := len(p.raise(t, many...)); n != 5000 {
		t.Errorf("%d raised", n)
	}
}

func TestAcknowledgeTwice(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	raised := p.raise(t, idle(1, "a"))[0]
	p.now = p.now.Add(time.Minute)
	id, err := p.alerts.Acknowledge(p.ctx, alert.Acknowledgement{AlertID: raised.GlobalID()})
	if err != nil || id != raised.ID {
		t.Fatal(id, err)
	}
	other := p.as(t, "other@example.com")
	p.now = p.now.Add(time.Minute)
	if id, err := p.alerts.Acknowledge(other, alert.Acknowledgement{AlertID: raised.GlobalID()}); err != nil || id != raised.ID {
		t.Error(id, err)
	}
	var at time.Time
	var by string
	must(t, p.owner.QueryRow(t.Context(), "SELECT acknowledged_at, email FROM alert JOIN app_user u ON u.id = acknowledged_by").Scan(&at, &by))
	if !at.Equal(p.now.Add(-time.Minute)) || by != "operator@example.com" {
		t.Errorf("acknowledged at %s by %s", at, by)
	}
	for from, want := range map[string]int{"event WHERE type = 'ALERT_ACKNOWLEDGED'": 1, "audit_event WHERE action = 'ACKNOWLEDGE_ALERT'": 1} {
		if n := p.count(t, from); n != want {
			t.Errorf("%d × %s", n, from)
		}
	}
}

// TestAcknowledgeByASlowClock: an alert of a replica whose clock is ahead.
func TestAcknowledgeByASlowClock(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	raised := p.raise(t, idle(1, "a"))[0]
	p.now = p.now.Add(-time.Second)
	_, err := p.alerts.Acknowledge(p.ctx, alert.Acknowledgement{AlertID: raised.GlobalID()})
	must(t, err)
}

func TestAcknowledgeAll(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	raised := p.raise(t, idle(1, "a"), idle(1, "b"), idle(1, "c"))
	_, err := p.alerts.Acknowledge(p.ctx, alert.Acknowledgement{AlertID: raised[1].GlobalID()})
	must(t, err)
	given := []relay.ID{raised[2].GlobalID(), raised[0].GlobalID(), raised[1].GlobalID(), raised[0].GlobalID()}
	got, err := p.alerts.AcknowledgeAll(p.ctx, alert.Acknowledgements{AlertIDs: given})
	must(t, err)
	for i, id := range given {
		if got[i] != id.UUID {
			t.Errorf("%d: %s, not %s", i, got[i], id.UUID)
		}
	}
	if n := p.count(t, "alert WHERE acknowledged_at IS NULL"); n != 0 {
		t.Errorf("%d are open", n)
	}
	if n := p.count(t, "audit_event WHERE action = 'ACKNOWLEDGE_ALERT'"); n != 3 {
		t.Errorf("%d audit events, not 3", n)
	}
}

func TestAcknowledgeIsRefused(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	raised := p.raise(t, idle(1, "a"), idle(2, "a"), idle(3, "a"))
	for name, c := range map[string]struct {
		ids  []relay.ID
		want map[string]fault.Code
	}{
		"each by its place": {
			[]relay.ID{raised[0].GlobalID(), raised[1].GlobalID(), raised[2].GlobalID(), {Kind: relay.Alert, Site: 1, UUID: newID()}, {Kind: relay.Alert, Site: 2, UUID: raised[0].ID}},
			map[string]fault.Code{"alertIds[1]": fault.Forbidden, "alertIds[2]": fault.NotFound, "alertIds[3]": fault.NotFound, "alertIds[4]": fault.NotFound},
		},
		"no alert": {[]relay.ID{{Kind: relay.Lot, Site: 1, UUID: raised[0].ID}}, map[string]fault.Code{"alertIds[0]": fault.BadUserInput}},
		"none":     {nil, map[string]fault.Code{"alertIds": fault.BadUserInput}},
		"too many": {make([]relay.ID, 1001), map[string]fault.Code{"alertIds": fault.BadUserInput}},
	} {
		_, err := p.alerts.AcknowledgeAll(p.ctx, alert.Acknowledgements{AlertIDs: c.ids})
		var list fault.List
		if !errors.As(err, &list) {
			list = fault.List{fault.Of(err)}
		}
		for _, f := range list {
			if c.want[f.Field] != f.Code {
				t.Errorf("%s: %s %s", name, f.Code, f)
			}
		}
		if len(list) != len(c.want) {
			t.Errorf("%s: %d faults, not %d", name, len(list), len(c.want))
		}
	}
	if _, err := p.alerts.Acknowledge(p.ctx, alert.Acknowledgement{AlertID: raised[1].GlobalID()}); !fault.Is(err, fault.Forbidden) || fault.Of(err).Field != "alertId" {
		t.Error(err)
	}
	if n := p.count(t, "alert WHERE acknowledged_at IS NOT NULL"); n != 0 {
		t.Errorf("%d were acknowledged", n)
	}
}

// TestARefusedCommandRaisesNothing: an alert is a part of what was done.
func TestARefusedCommandRaisesNothing(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	broken := errors.New("broken")
	_, err := command.Do(p.ctx, p.commands, command.Call{Mutation: "raise"}, func(tx *command.Tx) (int, error) {
		_, err := alert.Raise(p.ctx, tx, idle(1, "a"))
		return 0, errors.Join(err, broken)
	})
	if !errors.Is(err, broken) || p.count(t, "alert") != 0 || p.count(t, "event") != 0 {
		t.Error(err)
	}
}
