package scenario_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/fault"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// counter gives the ids 1, 2, 3 …
func counter() func() uuid.UUID {
	var n byte
	var high byte
	return func() uuid.UUID {
		if n++; n == 0 {
			high++
		}
		return uuid.UUID{14: high, 15: n}
	}
}

func store(ctx context.Context, t *testing.T, pool *pgxpool.Pool, def *definition.Scenario, newID func() uuid.UUID) (created bool, err error) {
	t.Helper()
	err = db.InTx(ctx, pool, db.Scope{}, func(q *db.Queries) error {
		var err error
		created, err = scenario.Store(ctx, q, def, newID, db.ScenarioStatusPUBLISHED)
		return err
	})
	return created, err
}

func catalog(t *testing.T) []*definition.Scenario {
	t.Helper()
	defs, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	return defs
}

// changed is a copy of a definition, changed.
func changed(t *testing.T, def *definition.Scenario, change func(*definition.Scenario)) *definition.Scenario {
	t.Helper()
	data, err := json.Marshal(def)
	if err != nil {
		t.Fatal(err)
	}
	out := new(definition.Scenario)
	if err := json.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	change(out)
	return out
}

func TestStoreWritesTheWholeDefinition(t *testing.T) {
	t.Parallel()
	ctx, pool, newID := t.Context(), dbtest.New(t, nil), counter()
	for _, def := range catalog(t) {
		created, err := store(ctx, t, pool, def, newID)
		if err != nil || !created {
			t.Fatalf("Store(%s) = %v, %v; want created", def.Key, created, err)
		}
		q := db.New(pool)
		row, err := q.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: def.Key})
		if err != nil {
			t.Fatalf("find the published %s: %v", def.Key, err)
		}
		if diff := cmp.Diff(parts(def), storedParts(ctx, t, q, row.ID)); diff != "" {
			t.Errorf("%s: parts (-defined +stored):\n%s", def.Key, diff)
		}
		var back definition.Scenario
		if err := json.Unmarshal(row.Definition, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asJSON(t, def), asJSON(t, &back)); diff != "" {
			t.Errorf("%s: definition (-given +stored):\n%s", def.Key, diff)
		}
	}
}

func TestStoreAgainChangesNothing(t *testing.T) {
	t.Parallel()
	ctx, pool, newID := t.Context(), dbtest.New(t, nil), counter()
	def := catalog(t)[0]
	if _, err := store(ctx, t, pool, def, newID); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, "UPDATE scenario SET status = 'DEPRECATED'"); err != nil {
		t.Fatal(err)
	}
	created, err := store(ctx, t, pool, def, newID)
	if err != nil || created {
		t.Errorf("Store of the same content again = %v, %v; want false, nil", created, err)
	}
	var scenarios, gates int
	var status string
	if err := pool.QueryRow(ctx, "SELECT count(*), (SELECT count(*) FROM qc_gate), min(status::text) FROM scenario").Scan(&scenarios, &gates, &status); err != nil {
		t.Fatal(err)
	}
	if scenarios != 1 || gates != len(def.Gates) || status != "DEPRECATED" {
		t.Errorf("%d scenarios, %d gates, status %s; want 1, %d, DEPRECATED", scenarios, gates, status, len(def.Gates))
	}
}

func TestStoreRefusesOtherContentUnderOneVersion(t *testing.T) {
	t.Parallel()
	ctx, pool, newID := t.Context(), dbtest.New(t, nil), counter()
	def := catalog(t)[0]
	if _, err := store(ctx, t, pool, def, newID); err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*definition.Scenario{
		"a text":  changed(t, def, func(s *definition.Scenario) { s.Name.Hu = "Más" }),
		"a limit": changed(t, def, func(s *definition.Scenario) { s.Gates[0].Limits = s.Gates[0].Limits[1:] }),
		"a rule":  changed(t, def, func(s *definition.Scenario) { s.Rules = s.Rules[:len(s.Rules)-1] }),
	} {
		created, err := store(ctx, t, pool, other, newID)
		if created || !fault.Is(err, fault.Conflict) {
			t.Errorf("Store with %s changed = %v, %v; want CONFLICT", name, created, err)
		}
	}
}

func TestStoreANewerVersionIsADraft(t *testing.T) {
	t.Parallel()
	ctx, pool, newID := t.Context(), dbtest.New(t, nil), counter()
	def := catalog(t)[0]
	newer := changed(t, def, func(s *definition.Scenario) { s.Version = "1.1.0" })
	for _, s := range []*definition.Scenario{def, newer} {
		if created, err := store(ctx, t, pool, s, newID); err != nil || !created {
			t.Fatalf("Store(%s) = %v, %v; want created", s.Version, created, err)
		}
	}
	got := map[string]string{}
	rows, err := db.New(pool).ScenariosPage(ctx, db.ScenariosPageParams{Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		got[row.Version] = string(row.Status)
	}
	if diff := cmp.Diff(map[string]string{"1.0.0": "PUBLISHED", "1.1.0": "DRAFT"}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

// part is what the tables say about a piece of a definition, in a form that both sides can be brought to.
type part struct {
	Kind, Key, Of string
	LotTypes      []string
}

func parts(def *definition.Scenario) []part {
	var out []part
	for _, s := range def.Streams {
		out = append(out, part{Kind: "stream", Key: s.Key, Of: s.Color})
	}
	for _, p := range def.Phases {
		stream := ""
		if p.Stream != nil {
			stream = *p.Stream
		}
		out = append(out, part{Kind: "phase", Key: p.Name.En, Of: stream})
	}
	for _, t := range def.LotTypes {
		out = append(out, part{Kind: "lot type", Key: t.Code, Of: string(t.Role)})
	}
	for _, g := range def.Gates {
		out = append(out, part{Kind: "gate", Key: g.Number.String(), Of: def.Phases[g.Phase].Name.En, LotTypes: g.LotTypes})
	}
	return out
}

func storedParts(ctx context.Context, t *testing.T, q *db.Queries, id uuid.UUID) []part {
	t.Helper()
	ids := []uuid.UUID{id}
	streams, err := q.StreamsByScenarios(ctx, ids)
	fatal(t, err)
	phases, err := q.PhasesByScenarios(ctx, ids)
	fatal(t, err)
	lotTypes, err := q.LotTypesByScenarios(ctx, ids)
	fatal(t, err)
	gates, err := q.GatesByScenarios(ctx, ids)
	fatal(t, err)
	var out []part
	streamKeys, phaseNames := map[uuid.UUID]string{}, map[uuid.UUID]string{}
	for _, s := range streams {
		streamKeys[s.ID] = s.Key
		out = append(out, part{Kind: "stream", Key: s.Key, Of: s.Color})
	}
	for _, p := range phases {
		phaseNames[p.ID] = english(t, p.Name)
		stream := ""
		if p.StreamID != nil {
			stream = streamKeys[*p.StreamID]
		}
		out = append(out, part{Kind: "phase", Key: phaseNames[p.ID], Of: stream})
	}
	for _, lt := range lotTypes {
		out = append(out, part{Kind: "lot type", Key: lt.Code, Of: string(lt.Role)})
	}
	for _, g := range gates {
		applies, err := q.LotTypesByGates(ctx, []uuid.UUID{g.ID})
		fatal(t, err)
		codes := make([]string, len(applies))
		for i, a := range applies {
			codes[i] = a.LotType.Code
		}
		out = append(out, part{Kind: "gate", Key: g.Number.String(), Of: phaseNames[g.PhaseID], LotTypes: codes})
	}
	for i, p := range out {
		if p.Kind == "gate" {
			out[i].Key = trimmed(p.Key)
		}
	}
	return out
}

// trimmed takes off the zeros that numeric(4,2) adds: 6.50 is the gate 6.5.
func trimmed(number string) string {
	for number[len(number)-1] == '0' {
		number = number[:len(number)-1]
	}
	if number[len(number)-1] == '.' {
		number = number[:len(number)-1]
	}
	return number
}

func english(t *testing.T, name json.RawMessage) string {
	t.Helper()
	var text definition.Text
	fatal(t, json.Unmarshal(name, &text))
	return text.En
}

func asJSON(t *testing.T, def *definition.Scenario) string {
	t.Helper()
	data, err := json.Marshal(def)
	fatal(t, err)
	return string(data)
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
