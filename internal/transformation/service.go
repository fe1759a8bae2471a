package transformation

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario"
)

// Service records transformations: the one way in which lots come into being, are used and leave.
type Service struct {
	commands *command.Executor
	library  *scenario.Library
}

// NewService records by commands; library has the scenarios that runs pin.
func NewService(commands *command.Executor, library *scenario.Library) *Service {
	return &Service{commands, library}
}

// Recorded is a transformation in the books, and the lots that it made, in the order in which they were given.
type Recorded struct {
	ID   uuid.UUID
	Lots []uuid.UUID
}

// Record books a transformation; it takes an OPERATOR of its site. Inputs are drawn from, outputs are new lots with codes of the
// site's production day. BAD_USER_INPUT and NOT_FOUND name each bad field; FAILED_PRECONDITION each rule that refuses it: a
// lot that is stopped, more than remains of one, a rule of the scenario, a run that isn't running. A yield beyond its band raises an
// alert, and so does a lot that is made of others and came from nowhere.
func (s *Service) Record(ctx context.Context, r Recording) (Recorded, error) {
	return one(s.execute(ctx, "recordTransformation", r.IdempotencyKey, r, r.SiteCode, []*Recording{&r}, func(int) string { return "" }))
}

func one(recorded []Recorded, err error) (Recorded, error) {
	if err != nil {
		return Recorded{}, err
	}
	return recorded[0], nil
}

// execute is the command of all mutations that record: path stands before the names of a recording's fields.
func (s *Service) execute(
	ctx context.Context, mutation string, key *string, input any, siteCode string, recordings []*Recording, path func(i int) string,
) ([]Recorded, error) {
	return command.Do(ctx, s.commands, command.Call{Mutation: mutation, Key: key, Input: input}, func(tx *command.Tx) ([]Recorded, error) {
		site, err := tx.Site(ctx, siteCode, identity.Operate)
		if err != nil {
			return nil, err
		}
		origins, err := findOrigins(ctx, tx, site, recordings, path)
		if err != nil {
			return nil, err
		}
		if err := tx.Share(ctx, append(origins, site.ID)...); err != nil {
			return nil, err
		}
		return s.Book(ctx, tx, site, recordings, path)
	})
}

// Book records transformations at a site in the caller's command, which has locked the site (command.Tx.Share) and asked who may.
// Several are one step: each sees the lots as they were before all of them, together they draw no more than remains.
func (s *Service) Book(ctx context.Context, tx *command.Tx, site db.Site, recordings []*Recording, path func(i int) string) ([]Recorded, error) {
	b := &booking{tx: tx, site: site, library: s.library, runs: map[uuid.UUID]*db.Run{}, types: map[asked]foundType{}, left: map[uuid.UUID]quantity.Decimal{}}
	for i, r := range recordings {
		own := *r // what is found out about it isn't what was given
		own.Outputs = slices.Clone(r.Outputs)
		b.entries = append(b.entries, &entry{Recording: &own, id: tx.NewID(), path: path(i), announced: make([]*lot.Use, len(r.Outputs))})
	}
	for _, step := range []step{
		b.check, together(b.findRuns, b.findEquipment, b.findTypes, b.findPartners, b.lock), together(b.takeUp, b.findProducts), together(b.judge, b.mayLeave, b.receive, b.keepRules, b.carryOver),
		b.draw, b.place, b.write, b.writeReceipts, b.expose, b.reassess, b.checkYields, b.tellFromNowhere, b.tellExpired,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	recorded := make([]Recorded, len(b.entries))
	for i, e := range b.entries {
		recorded[i] = Recorded{ID: e.id, Lots: e.made}
		b.tell(e)
	}
	return recorded, b.stopBracketed(ctx)
}

// step is one of a booking's. It finds all that it refuses.
type step func(context.Context) error

// together are steps each of which refuses what it can, so that the caller learns of all at once.
func together(steps ...step) step {
	return func(ctx context.Context) error {
		var faults fault.List
		for _, s := range steps {
			err := s(ctx)
			refused := fault.All(err)
			if err != nil && refused == nil {
				return err
			}
			faults = append(faults, refused...)
		}
		return faults.Err()
	}
}
