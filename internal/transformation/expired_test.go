package transformation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/transformation"
)

// TestExpiredIsTold uses a lot on its last day, by the clock of its site, and the day after, twice.
func TestExpiredIsTold(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	last := time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC)
	made, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
		SiteCode: p.Site.Code, ScenarioKey: new("chilled-ready-meal"),
		NewLot: transformation.NewLot{LotType: "WIP", WeightKg: linetest.Kg("10"), Attributes: &lot.Attributes{BestBefore: &last}},
	})
	if err != nil {
		t.Fatal(err)
	}
	wip := made.Lots[0]
	told := func() (messages []string) {
		rows, err := p.Owner.Query(t.Context(), "SELECT message FROM alert WHERE kind = 'RULE_BROKEN' AND lot_id = $1 AND message LIKE '%best before%' ORDER BY id", wip)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var m string
			if err := rows.Scan(&m); err != nil {
				t.Fatal(err)
			}
			messages = append(messages, m)
		}
		return messages
	}
	use := func() uuid.UUID { return p.Make("TRAY", "1", p.Of(wip, "1")) }
	p.Pass(39 * time.Hour) // 23:00 on 2 October
	use()
	if m := told(); len(m) != 0 {
		t.Errorf("on its last day: %q", m)
	}
	p.Pass(2 * time.Hour)
	use()
	use()
	if m := told(); len(m) != 1 || !strings.Contains(m[0], "best before or use by 2026-10-02, went into a PROCESS") {
		t.Errorf("a day later: %q", m)
	}
}
