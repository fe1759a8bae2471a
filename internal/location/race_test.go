package location_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

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

// TestMovesAtOnceNeverOverfill moves lots of 10 kg, one by one and four at once, into buffers of 10 kg: exactly one comes into each.
func TestMovesAtOnceNeverOverfill(t *testing.T) {
	t.Parallel()
	const buffers, lots = 25, 4
	owner := dbtest.New(t, nil)
	q := db.New(owner)
	site, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	manager := &identity.Actor{UserID: newID(), Memberships: map[int32]identity.Role{site: db.RoleMANAGER}}
	ctx := identity.WithActor(t.Context(), manager)
	app := dbtest.AsApp(t, owner, nil)
	t.Cleanup(app.Close)
	service := location.NewService(command.NewExecutor(app, audit.NewRecorder(newID, time.Now), newID, time.Now))
	for n := range buffers {
		code := fmt.Sprint("FRZ", n)
		buffer, err := service.Create(ctx, location.Creation{
			SiteCode: "DUNA", Code: code, Name: "Freezer", Kind: db.LocationKindBUFFER, LotTypes: []string{"GOODS"}, CapacityKg: new(quantity.FromInt(10)),
			TemperatureMinC: new(quantity.FromInt(-25)), TemperatureMaxC: new(quantity.FromInt(-18)),
		})
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]relay.ID, lots)
		rows := make([]db.CopyLotsParams, lots)
		for i := range lots {
			ids[i] = relay.ID{Kind: relay.Lot, Site: site, UUID: newID()}
			rows[i] = db.CopyLotsParams{
				ID: ids[i].UUID, SiteID: site, Code: fmt.Sprint("L", n, "-", i), LotTypeID: uuid.MustParse("00000000-0000-7000-8000-000000000001"),
				Status: db.LotStatusRELEASED, Source: db.LotSourcePERSON, WeightKg: new(quantity.FromInt(10)), RemainingKg: new(quantity.FromInt(10)), Attributes: []byte("{}"),
			}
		}
		if _, err := q.CopyLots(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
		if came := moveAtOnce(ctx, t, service, ids, code); came != 1 {
			t.Errorf("%d lots came, not 1", came)
		}
		used, err := location.NewFinder(owner).UsedKg(t.Context(), []uuid.UUID{buffer})
		if err != nil || used[buffer].Cmp(quantity.FromInt(10)) != 0 {
			t.Errorf("%s kg lie there (%v)", used[buffer], err)
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
