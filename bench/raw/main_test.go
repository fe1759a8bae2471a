package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"flowviz/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestAnswer asks for a lot with two ancestors, one of them unweighed and with a code that needs escaping.
func TestAnswer(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	ids := [3]uuid.UUID{uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())}
	_, err := pool.Exec(t.Context(), fmt.Sprintf(`
		INSERT INTO site (code, name, time_zone) VALUES ('DUNA', 'Duna', 'UTC');
		INSERT INTO lot (id, site_id, code, lot_type_id, status, source, weight_kg, temperature_c, remaining_kg, occurred_at, registered_at)
		SELECT id, 1, code, '00000000-0000-7000-8000-000000000001', 'RELEASED', 'PERSON', kg, 3.5, kg, now(), now()
		FROM (VALUES ('%[1]s'::uuid, 'A', 12.34), ('%[2]s', E'B"\\\n', NULL), ('%[3]s', 'C', 1)) AS v(id, code, kg);
		INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at) VALUES ('%[1]s', 1, 'PROCESS', now(), now());
		INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
		VALUES ('%[3]s', '%[2]s', '%[1]s', 1, 1), ('%[2]s', '%[1]s', '%[1]s', 1, 1)`, ids[0], ids[1], ids[2]))
	if err != nil {
		t.Fatal(err)
	}
	app := dbtest.AsApp(t, pool, nil)
	t.Cleanup(app.Close)
	type row struct {
		ID, Code, LotType      string
		WeightKg, TemperatureC *string
	}
	text := func(s string) *string { return &s }
	for _, test := range []struct {
		name, lot string
		status    int
		want      []row
	}{
		{"two ancestors", ids[2].String(), http.StatusOK, []row{
			{ids[1].String(), "B\"\\\n", "GOODS", nil, text("3.50")},
			{ids[0].String(), "A", "GOODS", text("12.340"), text("3.50")},
		}},
		{"none", ids[0].String(), http.StatusOK, []row{}},
		{"unknown lot", uuid.NewString(), http.StatusOK, []row{}},
		{"no id", "LOT-1", http.StatusBadRequest, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			answer(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ancestors?lot="+test.lot, nil), app, "{1}", lots(ancestors))
			if w.Code != test.status {
				t.Fatalf("status %d, want %d: %s", w.Code, test.status, w.Body)
			}
			if test.status != http.StatusOK {
				return
			}
			var got []row
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("%v in %s", err, w.Body)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.SortSlices(func(a, b row) bool { return a.ID < b.ID })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
