package run

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
)

// Service changes runs: they are started, go from phase to phase, are stopped, and end.
type Service struct {
	commands *command.Executor
	library  *scenario.Library
}

// NewService changes runs by commands; library has the scenarios that they pin.
func NewService(commands *command.Executor, library *scenario.Library) *Service {
	return &Service{commands, library}
}

// Start is a run to be started.
type Start struct {
	ScenarioKey  string
	SiteCode     string
	AutoRegister bool // phases that the run enters announce the lots that they will make

	IdempotencyKey *string
}

// Start starts a run of the version of a scenario that is PUBLISHED now, which it pins for ever; it takes an OPERATOR. It begins in the
// scenario's first phase.
func (s *Service) Start(ctx context.Context, in Start) (uuid.UUID, error) {
	return command.Do(ctx, s.commands, command.Call{Mutation: "startRun", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		at, err := tx.Site(ctx, in.SiteCode, identity.Operate)
		if err != nil {
			return uuid.Nil, err
		}
		if err := tx.Share(ctx, at.ID); err != nil {
			return uuid.Nil, err
		}
		published, err := tx.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: in.ScenarioKey})
		if db.NoRows(err) {
			return uuid.Nil, fault.New(fault.NotFound, "scenarioKey", "no version of a scenario %q is published", in.ScenarioKey)
		} else if err != nil {
			return uuid.Nil, err
		}
		version, err := s.library.Version(ctx, tx.Queries, published.ID)
		if err != nil {
			return uuid.Nil, err
		}
		day, err := (&site.Site{Site: at}).ProductionDay(tx.At)
		if err != nil {
			return uuid.Nil, err
		}
		codes, err := lot.Coder{SiteID: at.ID, SiteCode: at.Code, Day: day}.Next(ctx, tx, codeKind, 1)
		if err != nil {
			return uuid.Nil, err
		}
		row := db.InsertRunParams{
			ID: tx.NewID(), SiteID: at.ID, Code: codes[0], ScenarioID: published.ID, PhaseID: version.Phases[0].ID, OperatorID: actor(tx), StartedAt: &tx.At,
			AutoRegister: in.AutoRegister,
		}
		if err := tx.InsertRun(ctx, row); err != nil {
			return uuid.Nil, err
		}
		if err := note(ctx, tx, row.ID, at.ID, version.Phases[0]); err != nil {
			return uuid.Nil, err
		}
		subject := relay.ID{Kind: relay.Run, Site: at.ID, UUID: row.ID}
		tx.Audit(audit.Entry{
			Site: at.ID, Action: audit.StartRun, Subject: subject, Label: row.Code,
			After: audit.Fields{"status": db.RunStatusRUNNING, "scenario": version.Definition.Key + " " + version.Definition.Version, "autoRegister": in.AutoRegister},
		})
		tx.Tell(event.Event{Type: event.RunStarted, Site: at.ID, Subject: subject, Run: &row.ID})
		return row.ID, nil
	})
}

// actor is who does it; nil for a program.
func actor(tx *command.Tx) *uuid.UUID {
	if tx.Actor.UserID == uuid.Nil {
		return nil
	}
	return &tx.Actor.UserID
}

// codeKind is the counter of runs' codes, and what they begin with.
const codeKind = "RUN"

// Change is what is done to a run that says why.
type Change struct {
	RunID  relay.ID
	Reason string

	IdempotencyKey *string
}

// Ending is what is done to a run that needs no reason.
type Ending struct {
	RunID relay.ID

	IdempotencyKey *string
}

// step is a change of a run's status.
type step struct {
	mutation string
	input    any
	key      *string
	run      relay.ID
	reason   *string
	allowed  identity.Permission
	from     []db.RunStatus
	to       db.RunStatus
	action   audit.Action
	ends     bool
	refuse   func(ctx context.Context, tx *command.Tx, r db.Run) error // why it can't be done in the present state; nil for no more than from
	tell     func(ctx context.Context, tx *command.Tx, r db.Run) error // what a person must hear when it is done; nil for nothing
}

// Hold stops a run for a reason: nothing is made in it until it is resumed; it takes an OPERATOR.
func (s *Service) Hold(ctx context.Context, in Change) (uuid.UUID, error) {
	return s.reasoned(ctx, in, step{
		mutation: "holdRun", allowed: identity.Operate, from: []db.RunStatus{db.RunStatusRUNNING}, to: db.RunStatusHOLD, action: audit.HoldRun,
	})
}

// Resume lets a run that was held go on; it takes a MANAGER.
func (s *Service) Resume(ctx context.Context, in Change) (uuid.UUID, error) {
	return s.reasoned(ctx, in, step{
		mutation: "resumeRun", allowed: identity.Manage, from: []db.RunStatus{db.RunStatusHOLD}, to: db.RunStatusRUNNING, action: audit.ResumeRun,
	})
}

// Abort gives a run up for a reason; it takes a MANAGER. What it announced and nobody has made is dropped.
func (s *Service) Abort(ctx context.Context, in Change) (uuid.UUID, error) {
	return s.reasoned(ctx, in, step{
		mutation: "abortRun", allowed: identity.Manage, from: []db.RunStatus{db.RunStatusIDLE, db.RunStatusRUNNING, db.RunStatusHOLD}, to: db.RunStatusABORTED,
		action: audit.AbortRun, ends: true,
	})
}

// Complete ends a run at its last phase, with every blocking gate passed; it takes an OPERATOR. FAILED_PRECONDITION names each lot and
// gate that keeps it from ending. A completed run is read-only; what it came to by then stands in the log.
func (s *Service) Complete(ctx context.Context, in Ending) (uuid.UUID, error) {
	return s.change(ctx, step{
		mutation: "completeRun", input: in, key: in.IdempotencyKey, run: in.RunID, allowed: identity.Operate,
		from: []db.RunStatus{db.RunStatusRUNNING}, to: db.RunStatusCOMPLETED, action: audit.CompleteRun, ends: true, refuse: s.keepsFromCompletion,
		tell: s.missedAtEnd,
	})
}

// Archive puts a run away that has ended; it takes a MANAGER.
func (s *Service) Archive(ctx context.Context, in Ending) (uuid.UUID, error) {
	return s.change(ctx, step{
		mutation: "archiveRun", input: in, key: in.IdempotencyKey, run: in.RunID, allowed: identity.Manage,
		from: []db.RunStatus{db.RunStatusCOMPLETED, db.RunStatusABORTED}, to: db.RunStatusARCHIVED, action: audit.ArchiveRun,
	})
}

func (s *Service) reasoned(ctx context.Context, in Change, st step) (uuid.UUID, error) {
	if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {
		return uuid.Nil, err
	}
	st.input, st.key, st.run, st.reason = in, in.IdempotencyKey, in.RunID, new(strings.TrimSpace(in.Reason))
	return s.change(ctx, st)
}

func (s *Service) change(ctx context.Context, st step) (uuid.UUID, error) {
	if err := st.run.Require(relay.Run, "runId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: st.mutation, Key: st.key, Input: st.input}, func(tx *command.Tx) (uuid.UUID, error) {
		r, _, err := lock(ctx, tx, st.run, st.allowed)
		if err != nil {
			return uuid.Nil, err
		}
		if err := isOneOf(r, st.from); err != nil {
			return uuid.Nil, err
		}
		if st.refuse != nil {
			if err := st.refuse(ctx, tx, r); err != nil {
				return uuid.Nil, err
			}
		}
		if st.tell != nil {
			if err := st.tell(ctx, tx, r); err != nil {
				return uuid.Nil, err
			}
		}
		return r.ID, st.save(ctx, tx, r)
	})
}

// lock takes a run's site for the command alone, so that nothing is being made in the run meanwhile, and reads the run.
func lock(ctx context.Context, tx *command.Tx, id relay.ID, p identity.Permission) (db.Run, db.Site, error) {
	at, err := tx.SiteOf(ctx, id, "runId", p)
	if err != nil {
		return db.Run{}, at, err
	}
	if err := tx.Exclude(ctx, at.ID); err != nil {
		return db.Run{}, at, err
	}
	r, err := tx.LockRun(ctx, db.LockRunParams{ID: id.UUID, SiteID: at.ID})
	if db.NoRows(err) {
		return r, at, fault.New(fault.NotFound, "runId", "there is no such Run")
	}
	return r, at, err
}

func isOneOf(r db.Run, from []db.RunStatus) error {
	names := make([]string, len(from))
	for i, status := range from {
		if r.Status == status {
			return nil
		}
		names[i] = string(status)
	}
	return fault.New(fault.FailedPrecondition, "runId", "%s is %s: this is done to one that is %s", r.Code, r.Status, strings.Join(names, " or "))
}

func (st step) save(ctx context.Context, tx *command.Tx, r db.Run) error {
	var ended, running *time.Time
	if st.ends {
		ended = &tx.At
	}
	if st.to == db.RunStatusRUNNING {
		running = &tx.At
	}
	if st.to == db.RunStatusABORTED {
		if err := lot.DropOfRun(ctx, tx, r); err != nil {
			return err
		}
	}
	if err := tx.SetRunStatus(ctx, db.SetRunStatusParams{Status: st.to, Reason: st.reason, EndedAt: ended, RunningSince: running, ID: r.ID, SiteID: r.SiteID}); err != nil {
		return err
	}
	after := audit.Fields{"status": st.to}
	entry := audit.Entry{
		Site: r.SiteID, Action: st.action, Subject: (&Run{r}).GlobalID(), Label: r.Code, Before: audit.Fields{"status": r.Status}, After: after,
	}
	if st.reason != nil {
		entry.Reason = *st.reason
	}
	if st.to == db.RunStatusCOMPLETED {
		r.EndedAt = ended
		sums, err := (&Finder{q: tx.Queries}).Summaries(ctx, []*Run{{r}})
		if err != nil {
			return err
		}
		if after["summary"], err = sums[r.ID].figures(); err != nil {
			return err
		}
	}
	tx.Audit(entry)
	tx.Tell(event.Event{Type: event.RunStatusChanged, Site: r.SiteID, Subject: entry.Subject, Run: &r.ID, Data: map[string]any{"before": r.Status, "after": st.to}})
	return nil
}
