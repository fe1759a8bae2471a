package main

import (
	"context"
	"slices"
	"time"

	"flowviz/bench/lab"
)

// Slowest is the longest that an answer took.
type Slowest struct {
	Question     string
	Answers      int
	Milliseconds float64
}

const ordersBound = 100 // ms

// measureOrders asks for all that was made of the lot in 1,300 orders (bench.sql).
func measureOrders(ctx context.Context, o options, at grown) ([]Slowest, error) {
	graph := "query ($code: String!) { lot(code: $code) { genealogy(direction: DESCENDANTS) { nodes { depth lot { " + lotFields + " } } links { child parent } } } }"
	var found []Slowest
	for _, q := range []question{kinQuestion("descendants"), {name: "genealogy", api: graph}} {
		g := group{question: q, lots: []lot{{code: "ORDER-0"}}}
		var latencies []time.Duration
		for round := range o.rounds + 1 {
			m, err := at.measure(ctx, at.api, g, time.Duration(o.seconds*float64(time.Second)))
			if err != nil {
				return nil, err
			}
			if round > 0 { // the first warms up
				latencies = append(latencies, m.latencies...)
			}
		}
		found = append(found, Slowest{Question: q.name, Answers: len(latencies), Milliseconds: lab.Milliseconds(slices.Max(latencies))})
	}
	return found, nil
}
