package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flowviz/bench/lab"
)

// Scale is how the API's answers and memory grow with the data set, where the answers stay as large: asked in turn, by one client.
type Scale struct {
	Lots     [2]int // of the data sets, chains not counted
	Growths  []Growth
	MemoryMB [2]int    // of the API's process afterwards
	Orders   []Slowest // questions about the lot in 1,300 orders, at the larger
	Missing  string    // why there is no larger one; "" where there is
}

// Growth is of one size of answers.
type Growth struct {
	Name            string
	P50             [2]float64
	Ratio, Promised float64 // of the larger to the smaller, and how much it may be at most
}

const growthBound = 1.3

// memoryBound is how many MB the API's process may take with so many lots, up to ten millions.
func memoryBound(lots int) int {
	if lots <= 1_000_000 {
		return 512
	}
	return 2048
}

// grown is a data set on a server of its own, with the API and one client.
type grown struct {
	bench

	database database
	api      subject
	groups   []group // questions for ancestors
}

// measureScale compares two data sets in turn.
func measureScale(ctx context.Context, o options) (s *Scale, err error) {
	s = &Scale{Lots: [2]int{o.small, o.large}}
	var both [2]grown
	for i, lots := range s.Lots {
		if s.Missing, err = noRoom(lots, o.lots); err != nil || s.Missing != "" {
			return s, err
		}
		g, startErr := startGrown(ctx, o, lots)
		if startErr != nil {
			return nil, startErr
		}
		defer func() { err = errors.Join(err, g.stop()) }()
		both[i] = g
	}
	for i, g := range both { // the larger may have taken long to prepare
		if err := both[i].api.signIn(ctx, g.database); err != nil {
			return nil, err
		}
	}
	for _, smaller := range both[0].groups {
		for _, larger := range both[1].groups {
			if smaller.name != larger.name {
				continue
			}
			growth, err := measureGrowth(ctx, o, both, [2]group{smaller, larger})
			if err != nil {
				return nil, err
			}
			fmt.Printf("%s, at %d and %d lots: p50 %.2f and %.2f ms\n", growth.Name, s.Lots[0], s.Lots[1], growth.P50[0], growth.P50[1])
			s.Growths = append(s.Growths, growth)
		}
	}
	if s.Orders, err = measureOrders(ctx, o, both[1]); err != nil {
		return nil, err
	}
	for i, g := range both {
		memory, err := g.api.process.Memory()
		if err != nil {
			return nil, err
		}
		s.MemoryMB[i] = int(memory >> 20)
	}
	return s, nil
}

func startGrown(ctx context.Context, o options, lots int) (g grown, err error) {
	g.bench = bench{client: lab.NewClient(1), clients: 1}
	if g.database, err = prepare(ctx, lots); err != nil {
		return g, err
	}
	if g.api, err = startAPI(ctx, o.api, g.database); err != nil {
		return g, errors.Join(err, g.database.server.Stop())
	}
	if err = g.learn(ctx); err != nil {
		err = errors.Join(err, g.stop())
	}
	return g, err
}

// learn finds what to ask, and waits until the API answers as it will from then on.
func (g *grown) learn(ctx context.Context) (err error) {
	if g.postmaster, err = lab.Postmaster(ctx, g.database.url()); err != nil {
		return err
	}
	all, err := g.database.groups(ctx)
	for _, group := range all {
		if group.question.name == "ancestors" {
			g.groups = append(g.groups, group)
		}
	}
	return errors.Join(err, g.database.genealogyRead(ctx))
}

func (g *grown) stop() error { return errors.Join(g.api.process.Stop(), g.database.server.Stop()) }

// measureGrowth asks both in turn.
func measureGrowth(ctx context.Context, o options, both [2]grown, groups [2]group) (Growth, error) {
	period := time.Duration(o.seconds * float64(time.Second))
	var rounds [2][]measurement
	for round := range o.rounds + 1 {
		for i, at := range both {
			m, err := at.measure(ctx, at.api, groups[i], period)
			if err != nil {
				return Growth{}, err
			}
			if round > 0 { // the first warms up
				rounds[i] = append(rounds[i], m)
			}
		}
	}
	g := Growth{Name: groups[0].question.name + ", " + groups[0].name, Promised: growthBound}
	for i := range both {
		g.P50[i] = newFigures(apiName, rounds[i]).P50
	}
	g.Ratio = g.P50[1] / g.P50[0]
	return g, nil
}

// genealogyRead waits until the API has read the genealogy into memory, by one long transaction: until then it answers from SQL.
func (d database) genealogyRead(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	const pause = time.Second
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the genealogy isn't in memory: %w", ctx.Err())
		case <-time.After(pause):
		}
		var reading bool
		err := d.query(ctx, &reading, "SELECT coalesce(max(now() - xact_start) > $1, false) FROM pg_stat_activity WHERE application_name = $2", pause/2, apiName)
		if err != nil || !reading {
			return err
		}
	}
}

// rows of the document's table.
func (s *Scale) rows() [][]string {
	if s.Missing != "" {
		return [][]string{{fmt.Sprintf("%d lots beside %d", s.Lots[1], s.Lots[0]), "not measured: " + s.Missing, ""}}
	}
	var rows [][]string
	for _, g := range s.Growths {
		rows = append(rows, []string{
			fmt.Sprintf("p50 of %s, at %d lots / at %d", g.Name, s.Lots[1], s.Lots[0]), fmt.Sprintf("%.2f ms / %.2f ms = %.2f", g.P50[1], g.P50[0], g.Ratio), fmt.Sprintf("≤ %g", g.Promised),
		})
	}
	for _, q := range s.Orders {
		rows = append(rows, []string{fmt.Sprintf("slowest of %d times %s of a lot in 1300 orders", q.Answers, q.Question), fmt.Sprintf("%.1f ms", q.Milliseconds), fmt.Sprintf("≤ %d ms", ordersBound)})
	}
	for i, lots := range s.Lots {
		rows = append(rows, []string{fmt.Sprintf("memory of the API's process afterwards, at %d lots", lots), fmt.Sprintf("%d MB", s.MemoryMB[i]), fmt.Sprintf("≤ %d MB", memoryBound(lots))})
	}
	return rows
}
