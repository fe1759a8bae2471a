// Package demo is a month in the life of two invented plants: 30 days of three scenarios, about 5,000 lots, for people to
// look at and for tests to rely on.
//
// The history is simulated, each line of a plant by a script in the rhythm of its work, and keeps every rule of the domain
// that the records can show: what a script may not do, it waits for, as the people of a plant would. Equal seeds give equal
// histories, to the last byte. Nothing here is real: no plant, partner, product or person.
package demo

import (
	"context"
	_ "time/tzdata" // the plants' local time, also where a machine has no time zones

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
)

// DefaultSeed is that of the history that the README tells about.
const DefaultSeed = 1

// Summary says what was loaded.
type Summary struct {
	// Loaded is false where the database held the demo's sites already; nothing was changed then, and the rest is zero.
	Loaded                                               bool
	Sites, Runs, Lots, Transformations, Decisions, Holds int
	// Links are parent → child pairs.
	Links int
	// HeldLot is the code of the raw material that is still held when the history ends, after most of what was made of it
	// was shipped; Pallet that of a pallet made of it, the one with the longest way back.
	HeldLot, Pallet string
}

// Load writes the history of a seed, with the scenarios of the catalogue, in one transaction: it is there whole or not at
// all. owner is above row level security. It does nothing where the database holds the demo's sites.
func Load(ctx context.Context, owner *pgxpool.Pool, seed uint64) (Summary, error) {
	defs, err := catalogue.All()
	if err != nil {
		return Summary{}, err
	}
	var summary Summary
	err = db.LoadTx(ctx, owner, func(q *db.Queries) error {
		loaded, err := holdsDemo(ctx, q)
		if err != nil || loaded {
			return err
		}
		h, err := simulate(seed, defs)
		if err != nil {
			return err
		}
		if err := store(ctx, q, defs, newIDs(seed, 1)); err != nil {
			return err
		}
		summary, err = h.write(ctx, q, newIDs(seed, 2), newIDs(seed, 3))
		return err
	})
	return summary, err
}

func holdsDemo(ctx context.Context, q *db.Queries) (bool, error) {
	for _, code := range []string{"DUNA", "TISZ"} {
		switch _, err := q.SiteByCode(ctx, code); {
		case err == nil:
			return true, nil
		case !db.NoRows(err):
			return false, err
		}
	}
	return false, nil
}

func store(ctx context.Context, q *db.Queries, defs []*definition.Scenario, g *ids) error {
	c, err := loadClock(timeZone)
	if err != nil {
		return err
	}
	at := c.at(0, 9, 0) // the day before the first
	for _, def := range defs {
		if _, err := scenario.Store(ctx, q, def, func() uuid.UUID { return g.at(at) }, db.ScenarioStatusPUBLISHED); err != nil {
			return err
		}
	}
	return nil
}

// simulate lets the month pass.
func simulate(seed uint64, defs []*definition.Scenario) (*history, error) {
	c, err := loadClock(timeZone)
	if err != nil {
		return nil, err
	}
	h := &history{users: demoUsers()}
	duna, tisz := demoPlants(c)
	h.plants = []*plant{duna, tisz}
	line := func(p *plant, key string) *line {
		for _, def := range defs {
			if def.Key == key {
				return &line{plant: p, noise: newNoise(seed, p.code+" "+key), h: h, def: def}
			}
		}
		panic("demo: the catalogue lacks " + key)
	}
	rods := newDoner(line(duna, "doner-frozen"))
	lines := []interface{ day(day) }{
		rods,
		newReadyMeal(line(duna, "chilled-ready-meal")),
		newYoghurt(line(tisz, "stirred-yoghurt")),
		newReadyMeal(line(tisz, "chilled-ready-meal")),
	}
	for d := day(1); d <= lastDay; d++ {
		for _, l := range lines {
			if !d.rests() {
				l.day(d)
			}
		}
	}
	rods.foreignBody()
	rods.exercise()
	h.close(c.at(lastDay, 13, 0), seed)
	h.tell()
	return h, nil
}
