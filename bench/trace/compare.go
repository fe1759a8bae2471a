package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"flowviz/bench/lab"
)

// compare measures API and raw in turn at lots of each size, after showing that they say the same.
func compare(ctx context.Context, o options, d database) (sizes []Size, err error) {
	groups, err := d.groups(ctx)
	if err != nil {
		return nil, err
	}
	api, err := startAPI(ctx, o.api, d)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, api.process.Stop()) }()
	raw, err := startRaw(ctx, o.raw, d, groups[0].lots[0])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raw.process.Stop()) }()
	b := bench{client: lab.NewClient(o.clients), clients: o.clients}
	if b.postmaster, err = lab.Postmaster(ctx, d.url()); err != nil {
		return nil, err
	}
	for _, g := range groups {
		fmt.Printf("%s: ", g.name)
		if err := sameRows(ctx, b.client, api, raw, g.lots); err != nil {
			return nil, err
		}
		fmt.Printf("both give the same rows for %d lots\n", len(g.lots))
		size, err := b.compareAt(ctx, g, [2]subject{api, raw}, o)
		if err != nil {
			return nil, err
		}
		if size.API.Connections, err = d.connections(ctx, apiName); err != nil {
			return nil, err
		}
		if size.Raw.Connections, err = d.connections(ctx, rawName); err != nil {
			return nil, err
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}

// connections counts a subject's sessions. Both pools have pgx's default size; the API keeps one session more, to see
// whether the schema stays as it is.
func (d database) connections(ctx context.Context, name string) (n int, err error) {
	err = d.query(ctx, &n, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name)
	return n, err
}

// group is lots of about as many ancestors.
type group struct {
	name   string
	target bool // whether the API's speed is promised here
	lots   []lot
}

// groups finds the ids of the data set's samples, by size.
func (d database) groups(ctx context.Context) ([]group, error) {
	bySize := map[int]*group{}
	var order []int
	for _, s := range d.dataset.Samples {
		l := lot{code: s.Code, ancestors: s.Ancestors}
		if err := d.query(ctx, &l.id, "SELECT id::text FROM lot WHERE code = $1", s.Code); err != nil {
			return nil, fmt.Errorf("find lot %s: %w", s.Code, err)
		}
		g, ok := bySize[s.Size]
		if !ok {
			g = &group{name: fmt.Sprintf("about %d ancestors", s.Size), target: true}
			if s.Chain {
				g.name, g.target = fmt.Sprintf("a chain %d deep", s.Size), false
			}
			bySize[s.Size] = g
			order = append(order, s.Size)
		}
		g.lots = append(g.lots, l)
	}
	if len(order) == 0 {
		return nil, errors.New("the data set has no samples: it needs more lots")
	}
	slices.Sort(order)
	groups := make([]group, len(order))
	for i, size := range order {
		groups[i] = *bySize[size]
	}
	return groups, nil
}

func (b bench) compareAt(ctx context.Context, g group, subjects [2]subject, o options) (Size, error) {
	period := time.Duration(o.seconds * float64(time.Second))
	for _, s := range subjects { // warm-up: caches, plans, connections
		if _, err := b.measure(ctx, s, g.lots, period/2); err != nil {
			return Size{}, err
		}
	}
	var rounds [2][]measurement
	for round := range o.rounds {
		for i, s := range subjects {
			m, err := b.measure(ctx, s, g.lots, period)
			if err != nil {
				return Size{}, err
			}
			rounds[i] = append(rounds[i], m)
			fmt.Printf("  round %d  %-3s  %8.1f requests/s\n", round+1, s.name, m.perSecond())
		}
	}
	return newSize(g, rounds[0], rounds[1]), nil
}
