package deviation

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Description is what somebody says about a deviation; what is nil stays as it was.
type Description struct {
	DeviationID      relay.ID
	Cause            *string
	CorrectiveAction *string
	Disposition      *db.DeviationDisposition
	Lots             []*LotDisposition // those that don't become what the others do

	IdempotencyKey *string
}

// LotDisposition is what becomes of one lot.
type LotDisposition struct {
	LotID       relay.ID                `json:"lot"`
	Disposition db.DeviationDisposition `json:"disposition"`
}

const maxLots = 1_000 // as many as are held at once

// Describe says why a deviation happened, what is done about it, and what becomes of its lots; it takes an OPERATOR. What was verified
// before has to be verified anew. BAD_USER_INPUT names each text that says nothing, NOT_FOUND a lot that isn't held for it,
// FAILED_PRECONDITION a deviation that is closed.
func (s *Service) Describe(ctx context.Context, in Description) (uuid.UUID, error) {
	if err := in.check(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "describeDeviation", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, in.DeviationID, identity.Operate)
		if err != nil {
			return uuid.Nil, err
		}
		if err := in.saveLots(ctx, tx, was); err != nil {
			return uuid.Nil, err
		}
		return was.ID, step{action: audit.DescribeDeviation, lots: in.Lots}.save(ctx, tx, was, in.of(tx, was))
	})
}

func (in Description) check() error {
	if err := in.DeviationID.Require(relay.Deviation, "deviationId"); err != nil {
		return err
	}
	var faults fault.List
	if in.Cause == nil && in.CorrectiveAction == nil && in.Disposition == nil && len(in.Lots) == 0 {
		faults = append(faults, fault.BadInput("", "give cause, correctiveAction, disposition or lots"))
	}
	for _, text := range []struct {
		field string
		given *string
	}{{"cause", in.Cause}, {"correctiveAction", in.CorrectiveAction}} {
		if text.given != nil {
			faults = append(faults, asList(command.CheckReason(text.field, *text.given, maxText))...)
		}
	}
	if n := len(in.Lots); n > maxLots {
		faults = append(faults, fault.Bounded("lots", n, maxLots, "give at most %d", maxLots))
	}
	seen := map[relay.ID]bool{}
	for i, l := range in.Lots {
		faults = append(faults, asList(l.LotID.Require(relay.Lot, lotField(i)))...)
		if seen[l.LotID] {
			faults = append(faults, fault.BadInput(lotField(i), "this lot is named twice"))
		}
		seen[l.LotID] = true
	}
	return faults.Err()
}

func lotField(i int) string { return fmt.Sprintf("lots[%d].lotId", i) }

func asList(err error) fault.List {
	if f := fault.Of(err); f != nil {
		return fault.List{f}
	}
	return nil
}

// of is the deviation as it is described now.
func (in Description) of(tx *command.Tx, was db.Deviation) db.Deviation {
	is := was
	is.Cause, is.CorrectiveAction = command.Text(was.Cause, in.Cause), command.Text(was.CorrectiveAction, in.CorrectiveAction)
	if in.Disposition != nil {
		is.Disposition = in.Disposition
	}
	if len(in.Lots) == 0 && reflect.DeepEqual(is, was) {
		return was // nobody has said anything new
	}
	if me := tx.Actor.UserID; !slices.Contains(was.DescribedBy, me) {
		is.DescribedBy = append(slices.Clone(was.DescribedBy), me)
	}
	is.DescribedAt = &tx.At
	return unverified(is)
}

// saveLots says what becomes of single lots.
func (in Description) saveLots(ctx context.Context, tx *command.Tx, d db.Deviation) error {
	if len(in.Lots) == 0 {
		return nil
	}
	p := db.SetDispositionsParams{DeviationID: d.ID, SiteID: d.SiteID}
	for _, l := range in.Lots {
		p.LotIds, p.Dispositions = append(p.LotIds, l.LotID.UUID), append(p.Dispositions, string(l.Disposition))
	}
	held, err := tx.SetDispositions(ctx, p)
	if err != nil {
		return err
	}
	var faults fault.List
	for i, l := range in.Lots {
		if !slices.Contains(held, l.LotID.UUID) {
			faults = append(faults, fault.New(fault.NotFound, lotField(i), "there is no such lot in %s", d.Code))
		}
	}
	return faults.Err()
}
