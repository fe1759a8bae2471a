package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"flowviz/bench/lab"
)

// api is the API under measurement, with a caller who is signed in.
type api struct {
	process *lab.Process
	token   string
	siteOf  map[int32]string // codes
	keys    atomic.Int64     // idempotency keys so far
}

func startAPI(ctx context.Context, program, dir, url string, owner *pgx.Conn) (*api, error) {
	process, err := lab.Serve(ctx, program, url, dir, apiName)
	if err != nil {
		return nil, err
	}
	a := &api{process: process, siteOf: map[int32]string{}}
	if a.token, err = lab.SignIn(ctx, process.Address, url, operator); err != nil {
		return nil, errors.Join(err, process.Stop())
	}
	rows, err := owner.Query(ctx, "SELECT id, code FROM site")
	if err != nil {
		return nil, errors.Join(err, process.Stop())
	}
	var id int32
	var code string
	_, err = pgx.ForEachRow(rows, []any{&id, &code}, func() error { a.siteOf[id] = code; return nil })
	return a, err
}

// object is one in JSON.
type object = map[string]any

// mutate sends a mutation, under a new key, and fails where it is refused.
func (b *bench) mutate(ctx context.Context, document string, input object) error {
	input["idempotencyKey"] = fmt.Sprint("bench-", b.api.keys.Add(1))
	req, err := lab.GraphQL(ctx, b.api.process.Address, b.api.token, document, object{"input": input})
	if err != nil {
		return err
	}
	body, err := b.client.Body(req)
	if err == nil && bytes.Contains(body, []byte(`"errors":`)) {
		err = fmt.Errorf("%s\n%s", document, body[:min(len(body), 2000)])
	}
	return err
}

const registerLot = `mutation ($input: RegisterLotInput!) { registerLot(input: $input) { lot { id code status } } }`

// registerByAPI has the clients register lots over the API, each its next one when the last is answered, for so long.
func (b *bench) registerByAPI(ctx context.Context, atSites int, period time.Duration) (measurement, error) {
	began := time.Now()
	before, err := b.api.process.CPU()
	if err != nil {
		return measurement{}, err
	}
	latencies, errs := make([][]time.Duration, b.o.clients), make([]error, b.o.clients)
	var wg sync.WaitGroup
	for i := range b.o.clients {
		wg.Go(func() {
			site := int32(1 + i%atSites)
			for time.Since(began) < period && errs[i] == nil {
				input := object{"siteCode": b.api.siteOf[site], "scenarioKey": "doner-frozen", "temperatureC": "2"}
				maps.Copy(input, newLot(site, 3))
				sent := time.Now()
				errs[i] = b.mutate(ctx, registerLot, input)
				latencies[i] = append(latencies[i], time.Since(sent))
			}
		})
	}
	wg.Wait()
	m := measurement{took: time.Since(began)}
	for _, l := range latencies {
		m.latencies = append(m.latencies, l...)
	}
	after, err := b.api.process.CPU()
	m.client = after - before
	return m, errors.Join(err, errors.Join(errs...))
}

// newLot is bulk meat of so many deboned lots of a site; raw meat of none, as it is received.
func newLot(site int32, inputs int) object {
	if inputs == 0 {
		return object{"lotType": "RAW", "weightKg": "0.3", "attributes": object{"species": "CHICKEN"}}
	}
	var draws []object
	for i := range inputs {
		draws = append(draws, object{"lotId": stocked(site, i, inputs), "quantityKg": "0.1"})
	}
	return object{"lotType": "BULK", "weightKg": "0.3", "inputs": draws}
}

// stocked is a random lot from the i-th of n parts of a site's stock.
func stocked(site int32, i, n int) string {
	return lotID(deboned, site, 1+pool*i/n+rand.IntN(pool/n))
}
