package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// noon is when everything happens here.
var noon = time.Date(2026, 10, 14, 12, 0, 0, 123_456_789, time.UTC)

var person = uuid.MustParse("01900000-0000-7000-8000-00000000000a")

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func recorder() *audit.Recorder {
	return audit.NewRecorder(newID, func() time.Time { return noon })
}

// somebody is a context in which a person acts.
func somebody(ctx context.Context) context.Context {
	ctx = identity.WithActor(ctx, &identity.Actor{UserID: person})
	return identity.WithOrigin(ctx, identity.Origin{Address: "192.0.2.7", RequestID: "r-1"})
}

// newSite makes a plant.
func newSite(t testing.TB, pool *pgxpool.Pool, code string) int32 {
	t.Helper()
	id, err := db.New(pool).InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "Europe/Budapest"})
	must(t, err)
	return id
}

// record adds events in one transaction.
func record(ctx context.Context, pool *pgxpool.Pool, entries ...audit.Entry) error {
	return db.InTx(ctx, pool, db.Scope{}, func(q *db.Queries) error { return recorder().Record(ctx, q, entries...) })
}

func renamed(site int32) audit.Entry {
	return audit.Entry{
		Site: site, Action: audit.RegisterPartner, Subject: relay.ID{Kind: relay.Partner, Site: site, UUID: newID()}, Label: "Farm",
		Before: audit.Fields{"name": "Farm <1>"}, After: audit.Fields{"name": "Farm", "gln": nil, "share": 12.50}, Reason: "a new sign",
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
