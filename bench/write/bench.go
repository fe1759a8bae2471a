package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"flowviz/bench/lab"
	"flowviz/db"
)

// The names of the API's and of pgbench's sessions in PostgreSQL.
const (
	apiName  = "API"
	bareName = "bare"
)

// bench is what is measured with.
type bench struct {
	o options

	dir        string
	owner      *pgx.Conn // looks at what was written
	postmaster int
	api        *api
	bare       *bare
	client     *lab.Client
}

func newBench(ctx context.Context, o options, dir, url string) (b *bench, err error) {
	b = &bench{o: o, dir: dir, client: lab.NewClient(o.clients)}
	if b.postmaster, err = lab.Postmaster(ctx, url); err != nil {
		return nil, err
	}
	if b.owner, err = pgx.Connect(ctx, url); err != nil {
		return nil, err
	}
	if b.api, err = startAPI(ctx, o.api, filepath.Join(dir, "serve"), url, b.owner); err != nil {
		return nil, errors.Join(err, b.owner.Close(ctx))
	}
	if b.bare, err = newBare(ctx, dir, url, b.owner); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) close() error {
	return errors.Join(b.api.process.Stop(), b.owner.Close(context.Background()))
}

// all measures everything in turn.
func (b *bench) all(ctx context.Context, result *Result) error {
	if err := b.owner.QueryRow(ctx, "SELECT current_setting('server_version'), current_setting('fsync') || ' and ' || current_setting('synchronous_commit')").
		Scan(&result.Machine.PostgreSQL, &result.Durable); err != nil {
		return err
	}
	for _, n := range []int{1, sites} {
		c, err := b.compare(ctx, n)
		if err != nil {
			return err
		}
		result.Cases = append(result.Cases, c)
	}
	for _, inputs := range []int{0, 3} {
		for _, clients := range []int{1, sites} {
			batch, err := b.batches(ctx, clients, inputs)
			if err != nil {
				return err
			}
			result.Batches = append(result.Batches, batch)
		}
	}
	var err error
	result.Hold, err = b.hold(ctx)
	return err
}

// compare has both register lots in turn, at so many sites.
func (b *bench) compare(ctx context.Context, atSites int) (Case, error) {
	period := time.Duration(b.o.seconds * float64(time.Second))
	subjects := [2]func(context.Context, int, time.Duration) (measurement, error){b.registerByAPI, b.registerBare}
	if err := b.sameRows(ctx, atSites, period/2, subjects); err != nil { // warms up as well: caches, plans, connections
		return Case{}, err
	}
	var rounds [2][]measurement
	for round := range b.o.rounds {
		for i, name := range []string{apiName, bareName} {
			m, err := b.timed(ctx, func() (measurement, error) { return subjects[i](ctx, atSites, period) })
			if err != nil {
				return Case{}, err
			}
			rounds[i] = append(rounds[i], m)
			fmt.Printf("%d sites, round %d  %-4s  %8.1f lots/s\n", atSites, round+1, name, m.perSecond())
		}
	}
	return newCase(atSites, rounds[0], rounds[1]), nil
}

// timed adds PostgreSQL's processor time to a measurement.
func (b *bench) timed(ctx context.Context, measure func() (measurement, error)) (measurement, error) {
	if _, err := b.owner.Exec(ctx, "CHECKPOINT"); err != nil { // or else one pays for what the other wrote
		return measurement{}, err
	}
	before, err := lab.PostgresTime(b.postmaster)
	if err != nil {
		return measurement{}, err
	}
	m, err := measure()
	if err != nil {
		return m, err
	}
	after, err := lab.PostgresTime(b.postmaster)
	m.postgres = after - before
	slices.Sort(m.latencies)
	return m, err
}

// written are the tables in which registering a lot leaves rows.
var written = []string{
	"lot", "transformation", "transformation_input", "transformation_output", "lot_genealogy", "audit_event", "event", "idempotency_key",
}

// sameRows shows that both leave as many rows of each table, for each lot that they register.
func (b *bench) sameRows(ctx context.Context, atSites int, period time.Duration, subjects [2]func(context.Context, int, time.Duration) (measurement, error)) error {
	var rows [2][]float64
	for i, subject := range subjects {
		before, err := b.count(ctx)
		if err != nil {
			return err
		}
		m, err := subject(ctx, atSites, period)
		if err != nil {
			return err
		}
		after, err := b.count(ctx)
		if err != nil {
			return err
		}
		for t := range written {
			rows[i] = append(rows[i], float64(after[t]-before[t])/float64(len(m.latencies)))
		}
	}
	if !slices.Equal(rows[0], rows[1]) {
		return fmt.Errorf("rows of %v for each lot: %s leaves %v, %s %v", written, apiName, rows[0], bareName, rows[1])
	}
	fmt.Printf("%d sites: both leave %v rows of %v for each lot\n", atSites, rows[0], written)
	return nil
}

func (b *bench) count(ctx context.Context) (counts []int, err error) {
	for _, table := range written {
		var n int
		if err := b.owner.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			return nil, err
		}
		counts = append(counts, n)
	}
	return counts, nil
}

// operator is whom the API knows as its caller.
var operator = lab.User{Email: "operator@bench.example", Role: db.RoleMANAGER}
