package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"flowviz/bench/lab"
)

// compare measures all subjects in turn at each question about lots of each size, after showing that they say the same. megabytes are what the
// API's process holds then.
func compare(ctx context.Context, o options, d database) (sizes []Size, megabytes int, err error) {
	groups, err := d.groups(ctx)
	if err != nil {
		return nil, 0, err
	}
	subjects, err := startSubjects(ctx, o, d)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, stop(subjects)) }()
	if err := d.genealogyRead(ctx); err != nil {
		return nil, 0, err
	}
	b := bench{client: lab.NewClient(o.clients), clients: o.clients}
	if b.postmaster, err = lab.Postmaster(ctx, d.url()); err != nil {
		return nil, 0, err
	}
	for _, g := range groups {
		if err := subjects[0].signIn(ctx, d); err != nil { // all groups take longer than a token holds
			return nil, 0, err
		}
		fmt.Printf("%s, %s: ", g.question.name, g.name)
		if err := sameAnswers(ctx, b.client, subjects, g.question, g.lots); err != nil {
			return nil, 0, err
		}
		fmt.Printf("all give the same of %d lots\n", len(g.lots))
		size, err := b.compareAt(ctx, g, subjects, o)
		if err != nil {
			return nil, 0, err
		}
		sizes = append(sizes, size)
	}
	memory, err := subjects[0].process.Memory()
	return sizes, int(memory >> 20), err
}

// group is a question about lots of about one size.
type group struct {
	question question
	name     string
	lots     []lot
	// Of requests/s, how many times as many as the others' are promised at least; 0 where nothing is.
	overRaw, overPostGraphile float64
}

// groups finds the ids of the data set's samples, by question and size.
func (d database) groups(ctx context.Context) ([]group, error) {
	if len(d.dataset.Samples) == 0 {
		return nil, errors.New("the data set has no samples: it needs more lots")
	}
	var groups []group
	for _, q := range questions() {
		bySize := map[int]*group{}
		for _, s := range d.dataset.Samples {
			if s.Descendants != (q.name == "descendants") || q.name == "parents" && s.Size != 400 || q.name == "genealogy" && s.Chain {
				continue
			}
			l := lot{code: s.Code, kin: s.Kin}
			if err := d.query(ctx, &l.id, "SELECT id::text FROM lot WHERE code = $1", s.Code); err != nil {
				return nil, fmt.Errorf("find lot %s: %w", s.Code, err)
			}
			if bySize[s.Size] == nil {
				bySize[s.Size] = newGroup(q, s.Size, s.Chain)
			}
			bySize[s.Size].lots = append(bySize[s.Size].lots, l)
		}
		for _, size := range slices.Sorted(maps.Keys(bySize)) {
			groups = append(groups, *bySize[size])
		}
		if q.name == "descendants" {
			const orders = 1300 // see bench.sql
			g := group{question: q, name: "a lot in 1300 orders", lots: []lot{{code: "ORDER-0", kin: orders}}}
			if err := d.query(ctx, &g.lots[0].id, "SELECT id::text FROM lot WHERE code = 'ORDER-0'"); err != nil {
				return nil, err
			}
			groups = append(groups, g)
		}
	}
	return groups, nil
}

func newGroup(q question, size int, chain bool) *group {
	g := &group{question: q, name: fmt.Sprintf("about %d", size)}
	switch {
	case chain:
		g.name = fmt.Sprintf("a chain %d deep", size)
	case q.name == "parents":
		g.name = "six deep"
	case size > 1000:
		g.overRaw, g.overPostGraphile = 1, 3
	default:
		g.overRaw, g.overPostGraphile = 1, 4
	}
	return g
}

func (b bench) compareAt(ctx context.Context, g group, subjects []subject, o options) (Size, error) {
	period := time.Duration(o.seconds * float64(time.Second))
	for _, s := range subjects { // warm-up: caches, plans, connections
		if _, err := b.measure(ctx, s, g, period/2); err != nil {
			return Size{}, err
		}
	}
	rounds := make([][]measurement, len(subjects))
	for round := range o.rounds {
		for i, s := range subjects {
			m, err := b.measure(ctx, s, g, period)
			if err != nil {
				return Size{}, err
			}
			rounds[i] = append(rounds[i], m)
			fmt.Printf("  round %d  %-12s  %8.1f requests/s\n", round+1, s.name, m.perSecond())
		}
	}
	return newSize(g, subjects, rounds), nil
}
