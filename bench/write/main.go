// Command write measures how fast lots are registered over the API, signed in, with all that a command keeps: rules, audit log, events,
// idempotency, row level security. Beside it pgbench writes the same rows by bare statements, as the same role, under the same row
// level security: in one run, on one PostgreSQL with its default settings, in turn. It measures batches and holds as well.
//
// The API runs as a process of its own, built before:
//
//	go build -o bin/flowviz ./cmd/flowviz && go run ./bench/write
//
// Run it from the project's root. It writes bench/results/write.{json,md} and the section of docs/performance.md between its markers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"flowviz/bench/lab"
	"flowviz/internal/dataset"
	"flowviz/internal/pgembed"
)

// options are the command's flags.
type options struct {
	api         string // program
	siteSize    int
	descendants int
	clients     int
	rounds      int
	seconds     float64 // of one measurement
	date        string
	write       bool
}

const (
	sites = 8
	pool  = 1_000 // lots to draw from, at each site
	seed  = 1
)

func parseFlags() options {
	var o options
	flag.StringVar(&o.api, "api", "bin/flowviz", "the API's `program`")
	flag.IntVar(&o.siteSize, "site-size", 20_000, "`lots` that each site has before")
	flag.IntVar(&o.descendants, "descendants", 100_000, "`lots` that a hold reaches")
	flag.IntVar(&o.clients, "clients", 8, "`clients` that each send the next request when the last is answered")
	flag.IntVar(&o.rounds, "rounds", 5, "how many `times` both are measured in turn")
	flag.Float64Var(&o.seconds, "seconds", 5, "how many `seconds` one measurement takes")
	flag.StringVar(&o.date, "date", time.Now().UTC().Format(time.DateOnly), "the `date` to write")
	short := flag.Bool("short", false, "show that all works, and write nothing: -site-size 1000 -descendants 5000 -rounds 1 -seconds 1 where they aren't given")
	flag.Parse()
	o.write = !*short
	if *short {
		given := map[string]bool{}
		flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
		for name, value := range map[string]string{"site-size": "1000", "descendants": "5000", "rounds": "1", "seconds": "1"} {
			if !given[name] {
				_ = flag.Set(name, value) // constants of the right form
			}
		}
	}
	return o
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, parseFlags()); err != nil {
		fmt.Fprintln(os.Stderr, "bench-write:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if _, err := exec.LookPath("pgbench"); err != nil {
		return fmt.Errorf("%w: it comes with PostgreSQL (Debian: apt-get install postgresql)", err)
	}
	dir, err := lab.NewFolder("write")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	result := Result{Date: o.date, Machine: lab.DescribeMachine(o.api), Clients: o.clients, Rounds: o.rounds, SecondsEach: o.seconds}
	fmt.Printf("generating %d sites of %d lots\n", sites, o.siteSize)
	result.Dataset, err = lab.Fill(ctx, filepath.Join(dir, "data"), dataset.Options{Lots: sites * o.siteSize, Seed: seed, SiteSize: o.siteSize}, o.stock)
	if err != nil {
		return err
	}
	server, err := pgembed.Start(ctx, pgembed.Config{Dir: filepath.Join(dir, "data")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	b, err := newBench(ctx, o, dir, server.URL(lab.Database))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.all(ctx, &result); err != nil {
		return err
	}
	fmt.Print("\n", result.table())
	if !o.write {
		return nil
	}
	return lab.Write("write", result, result.section(), nil)
}
