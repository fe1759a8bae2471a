// Command trace measures how fast the API tells a lot's ancestors, descendants, genealogy and parents, side by side with the hand-written
// handler of bench/raw and with PostGraphile: in one run, on one PostgreSQL, in turn. It measures start-up as well.
//
// All run as processes of their own, built or installed before by `make bench-trace`.
//
// Run it from the project's root. It writes bench/results/trace.{json,md,svg} and the section of docs/performance.md between
// its markers. The data set is kept in .cache/bench for the next run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"flowviz/bench/lab"
)

// options are the command's flags.
type options struct {
	api, raw string // programs
	lots     int
	clients  int
	rounds   int
	seconds  float64 // of one measurement
	starts   int
	date     string
	write    bool
}

func parseFlags() options {
	var o options
	flag.StringVar(&o.api, "api", "bin/flowviz", "the API's `program`")
	flag.StringVar(&o.raw, "raw", "bin/bench-raw", "the hand-written handler's `program`")
	flag.IntVar(&o.lots, "lots", 1_000_000, "`lots` of the data set")
	flag.IntVar(&o.clients, "clients", 4, "`clients` that each send the next request when the last is answered")
	flag.IntVar(&o.rounds, "rounds", 5, "how many `times` both are measured in turn")
	flag.Float64Var(&o.seconds, "seconds", 5, "how many `seconds` one measurement takes")
	flag.IntVar(&o.starts, "starts", 5, "how many `times` each start is measured; 0 for not at all")
	flag.StringVar(&o.date, "date", time.Now().UTC().Format(time.DateOnly), "the `date` to write")
	short := flag.Bool("short", false, "show that all works, and write nothing: -lots 20000 -rounds 1 -seconds 1 -starts 1 where they aren't given")
	flag.Parse()
	o.write = !*short
	if *short {
		given := map[string]bool{}
		flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
		for name, value := range map[string]string{"lots": "20000", "rounds": "1", "seconds": "1", "starts": "1"} {
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
		fmt.Fprintln(os.Stderr, "bench-trace:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	result := Result{Date: o.date, Machine: lab.DescribeMachine(o.api), Clients: o.clients, Rounds: o.rounds, SecondsEach: o.seconds}
	database, err := prepare(ctx, o.lots)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.server.Stop()) }()
	result.Dataset = database.dataset
	if result.Machine.PostgreSQL, err = database.version(ctx); err != nil {
		return err
	}
	if result.Sizes, result.MemoryMB, err = compare(ctx, o, database); err != nil {
		return err
	}
	if o.starts > 0 {
		if result.Starts, err = measureStarts(ctx, o, database); err != nil {
			return err
		}
	}
	fmt.Print("\n", result.table())
	if !o.write {
		return nil
	}
	return result.write()
}
