package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"flowviz/bench/lab"
)

const (
	batchSize    = 1_000
	registerLots = `mutation ($input: RegisterLotsInput!) { registerLots(input: $input) { lots { id code status } } }`
	holdLots     = `mutation ($input: HoldLotsInput!) { holdLots(input: $input) { lots { id } } }`
)

// batches has so many clients, each at a site of its own, register 1,000 lots at once, each lot of so many others.
func (b *bench) batches(ctx context.Context, clients, inputs int) (Batch, error) {
	out := Batch{Clients: clients, Lots: batchSize, Inputs: inputs}
	for round := range b.o.rounds + 1 { // the first warms up
		var group errgroup.Group
		began := time.Now()
		for client := range clients {
			group.Go(func() error { return b.batch(ctx, int32(1+client), inputs) })
		}
		if err := group.Wait(); err != nil {
			return out, err
		}
		took := time.Since(began).Seconds()
		fmt.Printf("%d times %d lots with %d inputs each: %.3f s\n", clients, batchSize, inputs, took)
		if round > 0 {
			out.Seconds = append(out.Seconds, took)
		}
	}
	out.LotsPerSecond = float64(clients*batchSize) / lab.Median(out.Seconds)
	return out, nil
}

func (b *bench) batch(ctx context.Context, site int32, inputs int) error {
	lots := make([]object, batchSize)
	for i := range lots {
		lots[i] = newLot(site, inputs)
	}
	return b.mutate(ctx, registerLots, object{"siteCode": b.api.siteOf[site], "scenarioKey": "doner-frozen", "lots": lots})
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
