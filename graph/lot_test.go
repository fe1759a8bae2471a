package graph_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/gs1"
)

// TestOneCodeAtTwoSites: an outside lot that two sites know needs the site, in any spelling of its code.
func TestOneCodeAtTwoSites(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	const urn, link = "urn:epc:class:lgtin:0614141.077777.987", "https://example.com/01/00614141777778/10/987"
	key, ok := gs1.Canonical(urn)
	if !ok {
		t.Fatal("the example is no GS1 key")
	}
	goods, at := uuid.MustParse("00000000-0000-7000-8000-000000000001"), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	err := db.InTx(t.Context(), pool, db.Scope{}, func(q *db.Queries) error {
		for _, code := range []string{"DUNA", "TISZ"} {
			site, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "UTC"})
			if err != nil {
				return err
			}
			lot := db.CopyLotsParams{
				ID: newID(), SiteID: site, Code: urn, GS1Key: &key, LotTypeID: goods, Status: db.LotStatusRELEASED, Source: db.LotSourceIMPORT,
				Attributes: []byte("{}"), OccurredAt: at, RegisteredAt: at,
			}
			if _, err := q.CopyLots(t.Context(), []db.CopyLotsParams{lot}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	app := dbtest.AsApp(t, pool, nil)
	t.Cleanup(app.Close)
	h := newHandler(t, newResolver(app))
	const query = `query ($code: String!, $site: String) { lot(code: $code, site: $site) { code site { code } } }`
	for _, tc := range []struct{ variables, want string }{
		{`{"code": "` + urn + `"}`, `site: several sites know this code: name one of DUNA, TISZ`},
		{`{"code": "` + link + `"}`, `"code":"BAD_USER_INPUT","field":"site"`},
		{`{"code": "` + link + `", "site": "TISZ"}`, `{"lot":{"code":"` + urn + `","site":{"code":"TISZ"}}}`},
		{`{"code": "` + urn + `", "site": "DUNA"}`, `{"lot":{"code":"` + urn + `","site":{"code":"DUNA"}}}`},
		{`{"code": "` + urn + `", "site": "NOPE"}`, `{"data":{"lot":null}}`},
	} {
		_, answer, _ := ask(t, h, query, json.RawMessage(tc.variables))
		if !strings.Contains(string(answer), tc.want) {
			t.Errorf("%s: %s\nwant %s", tc.variables, answer, tc.want)
		}
	}
}
