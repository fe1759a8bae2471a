package main

import (
	"context"
	"fmt"
	"time"

	"flowviz/bench/lab"
)

const (
	batchSize    = 1_000
	registerLots = `mutation ($input: RegisterLotsInput!) { registerLots(input: $input) { lots { id code status } } }`
	holdLots     = `mutation ($input: HoldLotsInput!) { holdLots(input: $input) { lots { id } } }`
)

// batches has one client register 1,000 lots at once, each of so many others.
func (b *bench) batches(ctx context.Context, inputs int) (Batch, error) {
	out := Batch{Lots: batchSize, Inputs: inputs}
	for round := range b.o.rounds + 1 { // the first warms up
		lots := make([]object, batchSize)
		for i := range lots {
			lots[i] = newLot(1, inputs)
		}
		began := time.Now()
		if err := b.mutate(ctx, registerLots, object{"siteCode": b.api.siteOf[1], "scenarioKey": "doner-frozen", "lots": lots}); err != nil {
			return out, err
		}
		took := time.Since(began).Seconds()
		fmt.Printf("batch of %d lots with %d inputs each: %.3f s\n", batchSize, inputs, took)
		if round > 0 {
			out.Seconds = append(out.Seconds, took)
		}
	}
	out.LotsPerSecond = batchSize / lab.Median(out.Seconds)
	return out, nil
}

// hold holds one lot of which much was made, again and again: each hold exposes all of it anew.
func (b *bench) hold(ctx context.Context) (Hold, error) {
	out := Hold{Descendants: b.o.descendants}
	for range b.o.rounds {
		began := time.Now()
		err := b.mutate(ctx, holdLots, object{"lotIds": []any{lotID(held, 1, 0)}, "reason": "A supplier phoned about this lot."})
		if err != nil {
			return out, err
		}
		out.Seconds = append(out.Seconds, time.Since(began).Seconds())
		fmt.Printf("hold over %d descendants: %.2f s\n", b.o.descendants, out.Seconds[len(out.Seconds)-1])
	}
	var exposed int
	if err := b.owner.QueryRow(ctx, "SELECT count(*) FROM exposure").Scan(&exposed); err != nil {
		return out, err
	}
	if exposed != b.o.rounds*b.o.descendants {
		return out, fmt.Errorf("%d holds exposed %d lots, not %d", b.o.rounds, exposed, b.o.rounds*b.o.descendants)
	}
	out.MedianSeconds = lab.Median(out.Seconds)
	return out, nil
}
