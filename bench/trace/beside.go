package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"flowviz/bench/lab"
	"flowviz/db"
)

// Beside is what operators' mutations took, in milliseconds from when each was due: alone, and while one analyst asks for ancestors in a loop.
type Beside struct {
	Operators            int
	PerSecond            float64 // mutations of all operators
	Ancestors, Answers   int     // what the analyst asked for, and how often they were answered
	AloneP50, AloneP99   float64
	BesideP50, BesideP99 float64
	Ratio, Promised      float64 // of the p99, and how much it may be at most
}

const (
	operators     = 8
	pace          = 200 * time.Millisecond // from one mutation of an operator to their next
	besideBound   = 2
	mostAncestors = 10_000
)

// manyAncestors finds, of every 400th lot, the one with the most ancestors that one answer may list.
const manyAncestors = `
SELECT c.code, k.n FROM (SELECT id, code, row_number() OVER (ORDER BY registered_at, id) AS n FROM lot WHERE code NOT LIKE 'RECALLED-%') c
CROSS JOIN LATERAL (
    WITH RECURSIVE a (id) AS (
        SELECT g.parent_id FROM lot_genealogy g WHERE g.child_id = c.id
        UNION
        SELECT g.parent_id FROM a JOIN lot_genealogy g ON g.child_id = a.id
    )
    SELECT count(*) AS n FROM a
) k
WHERE c.n % 400 = 0 AND k.n <= $1
ORDER BY k.n DESC LIMIT 1`

func (p plant) besideAnalyst(ctx context.Context, o options) (*Beside, error) {
	b := &Beside{Operators: operators, PerSecond: operators * float64(time.Second) / float64(pace), Promised: besideBound}
	conn, err := pgx.Connect(ctx, p.url)
	if err != nil {
		return nil, err
	}
	// Or else the kernel writes in the midst of it what was filled half a minute before, and whoever commits then waits 30 to 80 ms.
	if _, err := conn.Exec(ctx, "CHECKPOINT"); err != nil {
		return nil, err
	}
	var code, site string
	err = errors.Join(
		conn.QueryRow(ctx, manyAncestors, mostAncestors).Scan(&code, &b.Ancestors),
		conn.QueryRow(ctx, "SELECT code FROM site WHERE id = 1").Scan(&site),
		conn.Close(ctx),
	)
	if err != nil {
		return nil, err
	}
	operator, err := p.signIn(ctx, "operator", db.RoleOPERATOR)
	if err != nil {
		return nil, err
	}
	analyst, err := p.signIn(ctx, "analyst", db.RoleVIEWER)
	if err != nil {
		return nil, err
	}
	ask := func(ctx context.Context) error {
		req, err := lab.GraphQL(ctx, p.process.Address, analyst, kinQuestion("ancestors").api, map[string]string{"code": code})
		if err == nil {
			_, err = p.client.Read(req, io.Discard)
		}
		return err
	}
	register := func(ctx context.Context) error {
		_, err := p.ask(ctx, operator, `mutation ($input: RegisterLotInput!) { registerLot(input: $input) { lot { id code status } } }`, map[string]any{"input": map[string]any{
			"siteCode": site, "scenarioKey": "doner-frozen", "lotType": "RAW", "weightKg": "0.3", "temperatureC": "2", "attributes": map[string]string{"species": "CHICKEN"},
		}})
		return err
	}
	return b, b.measure(ctx, o, register, ask)
}

// measure has the operators do what they do in turn alone and beside the analyst.
func (b *Beside) measure(ctx context.Context, o options, mutate, ask func(context.Context) error) error {
	period := time.Duration(o.seconds * float64(time.Second))
	if err := ask(ctx); err != nil { // warms up
		return err
	}
	if _, err := operate(ctx, period/2, mutate); err != nil {
		return err
	}
	var alone, beside []time.Duration
	for range o.rounds {
		m, err := operate(ctx, period, mutate)
		if err != nil {
			return err
		}
		alone = append(alone, m...)
		answers, stop := loop(ctx, ask)
		m, err = operate(ctx, period, mutate)
		if err = errors.Join(err, stop()); err != nil {
			return err
		}
		beside = append(beside, m...)
		b.Answers += *answers
	}
	slices.Sort(alone)
	slices.Sort(beside)
	b.AloneP50, b.AloneP99 = lab.Milliseconds(lab.Percentile(alone, 50)), lab.Milliseconds(lab.Percentile(alone, 99))
	b.BesideP50, b.BesideP99 = lab.Milliseconds(lab.Percentile(beside, 50)), lab.Milliseconds(lab.Percentile(beside, 99))
	b.Ratio = b.BesideP99 / b.AloneP99
	return nil
}

// loop asks again and again until it is stopped. The count is good afterwards.
func loop(ctx context.Context, ask func(context.Context) error) (answers *int, stop func() error) {
	answers = new(int)
	end, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-end:
				done <- nil
				return
			default:
			}
			if err := ask(ctx); err != nil {
				done <- err
				return
			}
			*answers++
		}
	}()
	return answers, func() error { close(end); return <-done }
}

// operate has each operator send one mutation every pace for so long, each in their own part of it. One that is due while the last isn't
// answered waits for it, and that is part of what it takes.
func operate(ctx context.Context, period time.Duration, mutate func(context.Context) error) ([]time.Duration, error) {
	began := time.Now()
	latencies, errs := make([][]time.Duration, operators), make([]error, operators)
	var wg sync.WaitGroup
	for i := range operators {
		wg.Go(func() {
			for due := began.Add(pace * time.Duration(i) / operators); due.Before(began.Add(period)) && errs[i] == nil; due = due.Add(pace) {
				time.Sleep(time.Until(due))
				errs[i] = mutate(ctx)
				latencies[i] = append(latencies[i], time.Since(due))
			}
		})
	}
	wg.Wait()
	return slices.Concat(latencies...), errors.Join(errs...)
}

// rows of the document's table.
func (b *Beside) rows() [][]string {
	return [][]string{
		{fmt.Sprintf("p99 of %d operators' mutations, %g a second, alone", b.Operators, b.PerSecond), fmt.Sprintf("%.1f ms", b.AloneP99), ""},
		{fmt.Sprintf("the same while an analyst asks for %d ancestors in a loop", b.Ancestors), fmt.Sprintf("%.1f ms", b.BesideP99), ""},
		{"so many times as much", fmt.Sprintf("%.2f", b.Ratio), fmt.Sprintf("≤ %g", b.Promised)},
	}
}
