// Package recall answers what everybody asks when something is wrong with some lots: where are they, and all that was made of them, how
// much is still here, and who received the rest?
//
// A MOCK recall is the exercise that auditors ask for: it stops nothing, waits for nobody and keeps nobody waiting. A REAL one holds the
// suspects, for one deviation, and exposes all that was made of them until it is closed, also what is consumed or shipped, and at other
// sites. Who opens a REAL one and who closes any signs for it.
//
// What always holds: a report is of one instant, and is never changed; the last one is what the recall shows, and closing makes one more. A lot
// that a recall reached is exposed until the recall is closed or the lot cleared by itself, whatever becomes of the suspects; and a REAL recall is
// closed only when each suspect has been released or rejected.
package recall

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/trace/index"
)

// Recall is one recall.
type Recall struct{ db.Recall }

// GlobalID is the recall's id in the API.
func (r *Recall) GlobalID() relay.ID { return globalID(r.Recall) }

// IsNode marks a type that the API finds by its id.
func (*Recall) IsNode() {}

func globalID(row db.Recall) relay.ID {
	return relay.ID{Kind: relay.Recall, Site: row.SiteID, UUID: row.ID}
}

// The times within which all is to be known: 4 hours are BRCGS's target, 24 hours FDA's.
const (
	Target = 4 * time.Hour
	Limit  = 24 * time.Hour
)

// Service opens, refreshes and closes recalls.
type Service struct {
	commands  *command.Executor
	users     *identity.Service
	library   *scenario.Library
	genealogy *index.Keeper
}

// NewService changes recalls by commands; users asks for signatures, library knows gates, genealogy what was made of lots.
func NewService(commands *command.Executor, users *identity.Service, library *scenario.Library, genealogy *index.Keeper) *Service {
	return &Service{commands, users, library, genealogy}
}

// permission is what a recall of the kind takes: an AUDITOR may exercise.
func permission(kind db.RecallKind) identity.Permission {
	if kind == db.RecallKindREAL {
		return identity.Manage
	}
	return identity.Validate
}

// writes refuses a token that may only read: an exercise takes a permission that reading alone has too.
func writes(actor *identity.Actor) error {
	if actor.ReadOnly {
		return fault.New(fault.Forbidden, "", "this token may only read")
	}
	return nil
}

// find finds a recall that the actor may change. NOT_FOUND on recallId where it isn't there for them.
func find(ctx context.Context, tx *command.Tx, id relay.ID) (db.Recall, error) {
	if err := writes(tx.Actor); err != nil {
		return db.Recall{}, err
	}
	if _, err := tx.SiteOf(ctx, id, "recallId", identity.Validate); err != nil {
		return db.Recall{}, err
	}
	rows, err := tx.RecallsByIDs(ctx, []uuid.UUID{id.UUID})
	if err != nil {
		return db.Recall{}, err
	}
	if len(rows) == 0 || rows[0].SiteID != id.Site {
		return db.Recall{}, fault.New(fault.NotFound, "recallId", "there is no such Recall")
	}
	return rows[0], nil
}

// lock keeps others from changing a recall, and reads it again. FAILED_PRECONDITION where it is closed.
func lock(ctx context.Context, tx *command.Tx, was db.Recall) (db.Recall, error) {
	row, err := tx.RecallForChange(ctx, db.RecallForChangeParams{ID: was.ID, SiteID: was.SiteID})
	if err == nil && row.ClosedAt != nil {
		err = fault.New(fault.FailedPrecondition, "recallId", "%s is closed: what it found stays so", row.Code)
	}
	return row, err
}
