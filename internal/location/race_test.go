package location_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// plant is a site with its manager.
type plant struct {
	owner   *pgxpool.Pool
	site    int32
	ctx     context.Context //nolint:containedctx // the manager's, for all that a test does
	service *location.Service
}

func newPlant(t *testing.T) *plant {
	t.Helper()
	p := &plant{owner: dbtest.New(t, nil)}
	var err error
	if p.site, err = db.New(p.owner).InsertSite(t.Context(), db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	manager := &identity.Actor{UserID: newID(), Memberships: map[int32]identity.Role{p.site: db.RoleMANAGER}}
	p.ctx = identity.WithActor(t.Context(), manager)
	app := dbtest.AsApp(t, p.owner, nil)
	t.Cleanup(app.Close)
	p.service = location.NewService(command.NewExecutor(app, audit.NewRecorder(newID, time.Now), newID, time.Now))
	return p
}

// buffer makes a freezer for 10 kg.
func (p *plant) buffer(t *testing.T, code string) uuid.UUID {
	t.Helper()
	id, err := p.service.Create(p.ctx, location.Creation{
		SiteCode: "DUNA", Code: code, Name: "Freezer", Kind: db.LocationKindBUFFER, LotTypes: []string{"GOODS"}, CapacityKg: new(quantity.FromInt(10)),
		TemperatureMinC: new(quantity.FromInt(-25)), TemperatureMaxC: new(quantity.FromInt(-18)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// lots makes so many of 10 kg.
func (p *plant) lots(t *testing.T, n int) []relay.ID {
	t.Helper()
	ids := make([]relay.ID, n)
	rows := make([]db.CopyLotsParams, n)
	for i := range n {
		ids[i] = relay.ID{Kind: relay.Lot, Site: p.site, UUID: newID()}
		rows[i] = db.CopyLotsParams{
			ID: ids[i].UUID, SiteID: p.site, Code: ids[i].UUID.String(), LotTypeID: uuid.MustParse("00000000-0000-7000-8000-000000000001"),
			Status: db.LotStatusRELEASED, Source: db.LotSourcePERSON, WeightKg: new(quantity.FromInt(10)), RemainingKg: new(quantity.FromInt(10)), Attributes: []byte("{}"),
		}
	}
	if _, err := db.New(p.owner).CopyLots(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	return ids
}

func (p *plant) usedKg(t *testing.T, buffer uuid.UUID) quantity.Decimal {
	t.Helper()
	used, err := location.NewFinder(p.owner).UsedKg(t.Context(), []uuid.UUID{buffer})
	if err != nil {
		t.Fatal(err)
	}
	return used[buffer]
}

// TestMovesAtOnceNeverOverfill moves lots of 10 kg, one by one and four at once, into buffers of 10 kg: exactly one comes into each.
func TestMovesAtOnceNeverOverfill(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	for n := range 25 {
		code := fmt.Sprint("FRZ", n)
		buffer := p.buffer(t, code)
		if came := moveAtOnce(p.ctx, t, p.service, p.lots(t, 4), code); came != 1 {
			t.Errorf("%d lots came, not 1", came)
		}
		if kg := p.usedKg(t, buffer); kg.Cmp(quantity.FromInt(10)) != 0 {
			t.Errorf("%s kg lie there", kg)
		}
	}
}

// TestEndOrMove: of the end of a buffer and a move into it at the same time, one is refused. Nothing lies where all has ended.
func TestEndOrMove(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	for n := range 25 {
		code := fmt.Sprint("FRZ", n)
		buffer, lot := p.buffer(t, code), p.lots(t, 1)
		var ended, moved error
		var both sync.WaitGroup
		both.Go(func() {
			_, ended = p.service.End(p.ctx, location.End{LocationID: relay.ID{Kind: relay.Location, Site: p.site, UUID: buffer}})
		})
		both.Go(func() { _, moved = p.service.Move(p.ctx, location.Move{LotIDs: lot, LocationCode: code}) })
		both.Wait()
		refused := ended
		if moved != nil {
			refused = moved
		}
		if (ended == nil) == (moved == nil) || !fault.Is(refused, fault.FailedPrecondition) {
			t.Errorf("end: %v, move: %v", ended, moved)
		}
		if kg := p.usedKg(t, buffer); (kg.Sign() > 0) != (moved == nil) {
			t.Errorf("%s kg lie there after %v", kg, moved)
		}
	}
}

// moveAtOnce says how many moves were not refused.
func moveAtOnce(ctx context.Context, t *testing.T, service *location.Service, ids []relay.ID, code string) int32 {
	t.Helper()
	var came atomic.Int32
	var all sync.WaitGroup
	begin := make(chan struct{})
	for _, id := range ids {
		all.Go(func() {
			<-begin
			_, err := service.Move(ctx, location.Move{LotIDs: []relay.ID{id}, LocationCode: code})
			switch {
			case err == nil:
				came.Add(1)
			case !fault.Is(err, fault.FailedPrecondition) || fault.Of(err).Field != "locationCode":
				t.Error(err)
			}
		})
	}
	close(begin)
	all.Wait()
	return came.Load()
}
