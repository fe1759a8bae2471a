package linetest_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/scenario"
	"flowviz/internal/transformation"
)

// However often and wherever a registration is sent again under its key, also at the same moment to two replicas, one lot is made and every
// answer is that one.
func TestProveIdempotency(t *testing.T) {
	t.Parallel()
	const retries = 20
	keys := size(1_000, 25)
	p := linetest.New(t)
	pool := dbtest.AsApp(t, p.Owner, nil)
	t.Cleanup(pool.Close)
	replica := transformation.NewService(command.NewExecutor(pool, audit.NewRecorder(linetest.NewID, p.Now), linetest.NewID, p.Now), scenario.NewLibrary())
	wip := p.Make("WIP", "1000")
	register := func(at *transformation.Service, key int, kg string) (transformation.Recorded, error) {
		return at.RegisterLot(p.As(p.Operator), transformation.Registration{
			SiteCode: p.Site.Code, ScenarioKey: new("chilled-ready-meal"), IdempotencyKey: new(fmt.Sprintf("key %d", key)),
			NewLot: transformation.NewLot{LotType: "TRAY", WeightKg: linetest.Kg(kg), Inputs: []transformation.Draw{p.Of(wip, "0.5")}},
		})
	}
	var mu sync.Mutex
	made := map[int][]uuid.UUID{}
	together(keys*retries, func(client, i int) {
		key := i / retries
		recorded, err := register([]*transformation.Service{p.Transformations, replica}[client%2], key, "0.5")
		if err != nil {
			t.Errorf("key %d: %v", key, err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		made[key] = append(made[key], recorded.Lots[0])
	})
	distinct := map[uuid.UUID]bool{}
	for key, lots := range made {
		distinct[lots[0]] = true
		if slices.ContainsFunc(lots, func(id uuid.UUID) bool { return id != lots[0] }) {
			t.Errorf("key %d gave several lots: %v", key, lots)
		}
	}
	for what, query := range map[string]string{
		"lots":             `SELECT count(*) FROM lot l JOIN lot_type t ON t.id = l.lot_type_id WHERE t.code = 'TRAY'`,
		"drawn half kilos": `SELECT (2 * (weight_kg - remaining_kg))::int FROM lot WHERE weight_kg = 1000`,
		"audit events":     `SELECT count(*) FROM audit_event e JOIN lot l ON l.id = e.subject_id JOIN lot_type t ON t.id = l.lot_type_id WHERE t.code = 'TRAY' AND action = 'REGISTER_LOT'`,
		"domain events":    `SELECT count(*) FROM event e JOIN lot l ON l.id = e.subject_id JOIN lot_type t ON t.id = l.lot_type_id WHERE t.code = 'TRAY' AND e.type = 'LOT_REGISTERED'`,
	} {
		var n int
		if err := p.Owner.QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if n != keys || len(distinct) != keys {
			t.Errorf("%d %s of %d lots for %d keys", n, what, len(distinct), keys)
		}
	}
	_, err := register(replica, 0, "0.4")
	linetest.Refused(t, err, fault.Conflict, "idempotencyKey", "another registerLot")
	t.Logf("prove: %d keys × %d tries by %d clients at two replicas: %d lots, draws, audit events and domain events, another input is a CONFLICT", keys, retries, clients, keys)
}
