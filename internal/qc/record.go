package qc

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/equipment"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
)

// Service records what gates find.
type Service struct {
	commands *command.Executor
	library  *scenario.Library
}

// NewService changes decisions by commands; library has the scenarios whose gates decide.
func NewService(commands *command.Executor, library *scenario.Library) *Service {
	return &Service{commands, library}
}

const (
	maxNotes   = 2_000 // characters
	maxAnswers = 200
)

// Record is a decision to be recorded: about a lot, or about the line of a run.
type Record struct {
	GateID       relay.ID
	LotID, RunID *relay.ID // one of them
	Decision     db.QcOutcome
	Measurements []*evaluation.Measurement
	Answers      []*Answer
	Notes        *string
	// CorrectiveAction is what was done about it; nil for nothing yet.
	CorrectiveAction *string
	Equipment        *string    // on which a check of the line was made
	CheckedAt        *time.Time // nil for now, or when the decision that this one corrects was checked
	SupersedesID     *relay.ID

	IdempotencyKey *string
}

// Answer is one answer of a checklist as a client sends it.
type Answer struct {
	Code  string          `json:"code"`
	Value json.RawMessage `json:"value"`
}

// RecordDecision records PASS, HOLD or FAIL at a gate; it takes an OPERATOR. A PASS is evaluated by the server against the version of
// the scenario that the run pins, and refused as FAILED_PRECONDITION with each limit, answer and attribute that it fails by: nobody
// overrides. A PASS releases what has passed all its blocking gates; one
// at a gate for information raises an alert of the limits that aren't met. HOLD and FAIL say why, raise an alert, open a deviation, and hold the lot; at
// a gate with bracketing, all lots since the last PASS.
func (s *Service) RecordDecision(ctx context.Context, in Record) (uuid.UUID, error) {
	if err := in.check(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "recordQcDecision", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		c := &check{Record: in, tx: tx, library: s.library}
		if err := c.find(ctx); err != nil {
			return uuid.Nil, err
		}
		if err := c.judge(ctx); err != nil {
			return uuid.Nil, err
		}
		if err := c.deviate(ctx); err != nil {
			return uuid.Nil, err
		}
		if err := c.save(ctx); err != nil {
			return uuid.Nil, err
		}
		return c.row.ID, c.follow(ctx)
	})
}

// check finds what is wrong with the input by itself, and takes the blanks off the code of the equipment.
func (in *Record) check() error {
	var faults fault.List
	add := func(field, format string, args ...any) {
		faults = append(faults, fault.BadInput(field, format, args...))
	}
	if (in.LotID == nil) == (in.RunID == nil) {
		add("", "give lotId for a check of a lot, or runId for one of the line")
	}
	if in.LotID != nil && in.Equipment != nil {
		add("equipment", "only a check of the line is made on equipment")
	}
	if in.Decision != db.QcOutcomePASS || in.SupersedesID != nil {
		faults = append(faults, asList(command.CheckReason("notes", text(in.Notes), maxNotes))...)
	}
	atMost := func(most int, field string, given *string) {
		if utf8.RuneCountInString(text(given)) > most {
			add(field, "give at most %d characters", most)
		}
	}
	atMost(maxNotes, "notes", in.Notes)
	atMost(maxNotes, "correctiveAction", in.CorrectiveAction)
	code, err := equipment.Code(in.Equipment, "equipment")
	faults = append(faults, asList(err)...)
	in.Equipment = code
	if n := len(in.Answers); n > maxAnswers {
		faults = append(faults, fault.Bounded("answers", n, maxAnswers, "give at most %d", maxAnswers))
	}
	if in.SupersedesID != nil && in.CheckedAt != nil {
		add("checkedAt", "leave it out: a correction is about the check that it corrects")
	}
	return faults.Err()
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}

func asList(err error) fault.List {
	if f := fault.Of(err); f != nil {
		return fault.List{f}
	}
	return nil
}

// save writes the decision.
func (c *check) save(ctx context.Context) error {
	measured, err := json.Marshal(c.readings)
	if err != nil {
		return err
	}
	answers := c.Answers
	if answers == nil {
		answers = []*Answer{}
	}
	answered, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	c.row = db.InsertDecisionParams{
		ID: c.tx.NewID(), SiteID: c.site, GateID: c.gate.ID, Decision: c.Decision, Equipment: c.equipment, Measurements: measured, Answers: answered,
		Notes: command.Text(nil, c.Notes), CorrectiveAction: command.Text(nil, c.CorrectiveAction), DecidedAt: c.tx.At, DecidedBy: c.tx.Actor.UserID, CheckedAt: c.at,
		DeviationID: c.deviation,
	}
	if c.run != nil {
		c.row.RunID = &c.run.ID
	}
	if c.lot != nil {
		c.row.LotID = &c.lot.ID
	}
	if c.old != nil {
		c.row.SupersedesID = &c.old.ID
	}
	if err := c.tx.InsertDecision(ctx, c.row); err != nil {
		return err
	}
	c.tell()
	return nil
}

// tell writes the log and the stream.
func (c *check) tell() {
	subject := relay.ID{Kind: relay.QcDecision, Site: c.site, UUID: c.row.ID}
	after := audit.Fields{"decision": c.Decision, "gate": c.gate.Number, "checkedAt": c.at}
	entry := audit.Entry{
		Site: c.site, Action: audit.RecordDecision, Subject: subject, Label: c.label(), Reason: text(c.Notes), After: after,
	}
	if c.old != nil {
		entry.Before = audit.Fields{"decision": c.old.Decision}
		after["supersedes"] = relay.ID{Kind: relay.QcDecision, Site: c.site, UUID: c.old.ID}.String()
	}
	c.tx.Audit(entry)
	c.tx.Tell(event.Event{Type: event.DecisionRecorded, Site: c.site, Subject: subject, Run: c.row.RunID})
}
