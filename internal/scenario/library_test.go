package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

// stored is the key of a version after Store.
func stored(ctx context.Context, t *testing.T, pool *pgxpool.Pool, def *definition.Scenario) uuid.UUID {
	t.Helper()
	if _, err := store(ctx, t, pool, def, uuid.New); err != nil {
		t.Fatal(err)
	}
	row, err := db.New(pool).ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: def.Key, Version: &def.Version})
	fatal(t, err)
	return row.ID
}

func TestLibraryKnowsTheRowsOfEachPart(t *testing.T) {
	t.Parallel()
	ctx, pool, library := t.Context(), dbtest.New(t, nil), scenario.NewLibrary()
	q := db.New(pool)
	for _, def := range catalog(t) {
		id := stored(ctx, t, pool, def)
		v, err := library.Version(ctx, q, id)
		fatal(t, err)
		if v.ID != id || v.Status != db.ScenarioStatusPUBLISHED || asJSON(t, v.Definition) != asJSON(t, def) {
			t.Errorf("%s: %s, %s", def.Key, v.ID, v.Status)
		}
		for _, s := range def.Streams {
			var id uuid.UUID
			fatal(t, pool.QueryRow(ctx, "SELECT id FROM stream WHERE scenario_id = $1 AND key = $2", v.ID, s.Key).Scan(&id))
			if v.Stream(s.Key) == nil || v.Stream(s.Key).ID != id {
				t.Errorf("stream %s: %v", s.Key, v.Stream(s.Key))
			}
		}
		for _, p := range def.Phases {
			var id uuid.UUID
			fatal(t, pool.QueryRow(ctx, "SELECT id FROM phase WHERE scenario_id = $1 AND number = $2", v.ID, p.Number).Scan(&id))
			if v.Phase(p.Number).ID != id || v.PhaseByID(id) != v.Phase(p.Number) || len(v.Phase(p.Number).Gates) != len(def.GatesAt(p.Number)) {
				t.Errorf("phase %d: %v", p.Number, v.Phase(p.Number))
			}
		}
		for _, lt := range def.LotTypes {
			var id uuid.UUID
			fatal(t, pool.QueryRow(ctx, "SELECT id FROM lot_type WHERE scenario_id = $1 AND code = $2", v.ID, lt.Code).Scan(&id))
			if v.LotType(lt.Code).ID != id || v.LotTypeByID(id) != v.LotType(lt.Code) || len(v.LotType(lt.Code).Gates) != len(def.GatesOf(lt.Code)) {
				t.Errorf("lot type %s: %v", lt.Code, v.LotType(lt.Code))
			}
		}
		for _, g := range def.Gates {
			var id uuid.UUID
			fatal(t, pool.QueryRow(ctx, "SELECT id FROM qc_gate WHERE scenario_id = $1 AND number = $2", v.ID, g.Number).Scan(&id))
			got := v.Gate(g.Number)
			if got.ID != id || v.GateByID(id) != got || got.At.Number != g.Phase || len(got.Of) != len(g.LotTypes) {
				t.Errorf("gate %s: %v", g.Number, got)
			}
			for _, lt := range v.LotTypes {
				if applies := got.AppliesTo(lt.ID); applies != slices.Contains(g.LotTypes, lt.Code) {
					t.Errorf("gate %s applies to %s: %v", g.Number, lt.Code, applies)
				}
			}
		}
		if v.LastPhase().Number != len(def.Phases)-1 || v.Phase(len(def.Phases)) != nil || v.Phase(-1) != nil || v.LotType("NONE") != nil ||
			v.Gate(quantity.MustParse("99")) != nil || v.GateByID(id) != nil {
			t.Errorf("%s: what is there and what is not", def.Key)
		}
	}
}

// broken is a database that answers nothing: what is found with it was kept.
type broken struct{ db.DBTX }

func TestLibraryKeepsWhatNeverChanges(t *testing.T) {
	t.Parallel()
	ctx, pool, library := t.Context(), dbtest.New(t, nil), scenario.NewLibrary()
	q := db.New(pool)
	def := catalog(t)[0]
	fatal(t, db.InTx(ctx, pool, db.Scope{}, func(q *db.Queries) error {
		_, err := scenario.Store(ctx, q, def, uuid.New, db.ScenarioStatusDRAFT)
		return err
	}))
	row, err := q.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: def.Key, Version: &def.Version})
	fatal(t, err)
	id := row.ID
	for _, c := range []struct {
		status string
		kept   bool
	}{{"DRAFT", false}, {"REVIEW", false}, {"PUBLISHED", true}} {
		_, err := pool.Exec(ctx, "UPDATE scenario SET status = $1::text::scenario_status WHERE id = $2", c.status, id)
		fatal(t, err)
		first, err := library.Version(ctx, q, id)
		fatal(t, err)
		second, err := library.Version(ctx, q, id)
		fatal(t, err)
		if string(first.Status) != c.status || (first == second) != c.kept {
			t.Errorf("%s: read as %s, the same again: %v", c.status, first.Status, first == second)
		}
	}
	if _, err := library.Version(ctx, db.New(broken{}), id); err != nil {
		t.Error(err)
	}
	var none *fault.Error
	if _, err := library.Version(ctx, q, uuid.New()); !errors.As(err, &none) || none.Code != fault.NotFound {
		t.Errorf("a version that isn't there: %v", err)
	}
}

// TestLibraryIsBounded fills it beyond its bound: what is used stays, what was used longest ago goes.
func TestLibraryIsBounded(t *testing.T) {
	t.Parallel()
	ctx, pool, library := t.Context(), dbtest.New(t, nil), scenario.NewLibrary()
	q := db.New(pool)
	def := catalog(t)[0]
	var ids []uuid.UUID
	var versions []*scenario.Version
	for i := range scenario.MaxVersions + 1 {
		ids = append(ids, stored(ctx, t, pool, changed(t, def, func(s *definition.Scenario) {
			s.Key = fmt.Sprintf("%s-%d", def.Key, i)
		})))
		v, err := library.Version(ctx, q, ids[i])
		fatal(t, err)
		versions = append(versions, v)
		_, err = library.Version(ctx, q, ids[0]) // in use all the time
		fatal(t, err)
	}
	for _, i := range []int{0, 2, scenario.MaxVersions} {
		if again, err := library.Version(ctx, q, ids[i]); err != nil || again != versions[i] {
			t.Errorf("version %d is not kept (%v)", i, err)
		}
	}
	if again, err := library.Version(ctx, q, ids[1]); err != nil || again == versions[1] {
		t.Errorf("version 1, used longest ago, is kept (%v)", err)
	}
}

// TestLibraryIsShared has many commands ask at once: they get one version.
func TestLibraryIsShared(t *testing.T) {
	t.Parallel()
	ctx, pool, library := t.Context(), dbtest.New(t, nil), scenario.NewLibrary()
	defs := catalog(t)
	ids := make([]uuid.UUID, len(defs))
	for i, def := range defs {
		ids[i] = stored(ctx, t, pool, def)
	}
	const commands = 40
	var all sync.WaitGroup
	got := make([][]*scenario.Version, commands)
	for i := range commands {
		all.Go(func() {
			for _, id := range ids {
				v, err := library.Version(ctx, db.New(pool), id)
				if err != nil {
					t.Error(err)
				}
				got[i] = append(got[i], v)
			}
		})
	}
	all.Wait()
	for i := range commands {
		for j := range ids {
			if got[i][j] != got[0][j] {
				t.Errorf("command %d has a version %d of its own", i, j)
			}
		}
	}
}
