package scenario

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
)

// maxVersions bounds what a Library keeps. A plant runs a handful; the largest definition allowed takes about a megabyte, those of
// the catalogue a tenth of it.
const maxVersions = 64

// Library keeps the versions that runs pin, for commands, so that each doesn't read and parse a definition anew. Only versions
// that never change again are kept. Any number of commands may use it at the same time.
type Library struct {
	mutex sync.Mutex
	kept  map[uuid.UUID]*Version
	order []uuid.UUID // of kept, the one used last at the end
}

// NewLibrary makes an empty one.
func NewLibrary() *Library { return &Library{kept: map[uuid.UUID]*Version{}} }

// Version finds a version by its row's key, and reads it through q where it isn't kept. NOT_FOUND where there is none. Its status is
// that of when it was read: who starts a run asks the database which version is PUBLISHED now.
//
// Don't call it in a transaction that publishes the version: if that fails, the Library has kept what can still change.
func (l *Library) Version(ctx context.Context, q *db.Queries, scenarioID uuid.UUID) (*Version, error) {
	if v := l.find(scenarioID); v != nil {
		return v, nil
	}
	v, err := readVersion(ctx, q, scenarioID)
	if err != nil || v.Status != db.ScenarioStatusPUBLISHED && v.Status != db.ScenarioStatusDEPRECATED {
		return v, err
	}
	return l.keep(v), nil
}

func (l *Library) find(id uuid.UUID) *Version {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	v := l.kept[id]
	if v != nil && l.order[len(l.order)-1] != id {
		l.order = append(slices.DeleteFunc(l.order, func(other uuid.UUID) bool { return other == id }), id)
	}
	return v
}

// keep gives the version that is kept: of two commands that read the same one at the same time, the first one's.
func (l *Library) keep(v *Version) *Version {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if before := l.kept[v.ID]; before != nil {
		return before
	}
	if len(l.order) == maxVersions {
		delete(l.kept, l.order[0])
		l.order = slices.Delete(l.order, 0, 1)
	}
	l.kept[v.ID] = v
	l.order = append(l.order, v.ID)
	return v
}

func readVersion(ctx context.Context, q *db.Queries, id uuid.UUID) (*Version, error) {
	ids := []uuid.UUID{id}
	found, err := q.ScenariosByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "", "there is no such scenario")
	}
	r := rows{scenario: found[0]}
	if r.streams, err = q.StreamsByScenarios(ctx, ids); err != nil {
		return nil, err
	}
	if r.phases, err = q.PhasesByScenarios(ctx, ids); err != nil {
		return nil, err
	}
	if r.lotTypes, err = q.LotTypesByScenarios(ctx, ids); err != nil {
		return nil, err
	}
	if r.gates, err = q.GatesByScenarios(ctx, ids); err != nil {
		return nil, err
	}
	return r.version()
}
