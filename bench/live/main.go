// Command live measures how soon decisions reach all who listen: half of them by websocket, half by server-sent events, at one replica, while
// decisions are made at a steady rate. Each event must come to each subscriber, once and in order.
//
// The API runs as a process of its own, built before:
//
//	go build -o bin/flowviz ./cmd/flowviz && go run ./bench/live
//
// Run it from the project's root. It writes bench/results/live.{json,md} and the section of docs/performance.md between its markers. Its
// subscribers share the machine's cores with the API and PostgreSQL.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"flowviz/bench/lab"
	"flowviz/db"
	"flowviz/internal/dataset"
	"flowviz/internal/pgembed"
)

// options are the command's flags.
type options struct {
	api         string // program
	subscribers int
	perSecond   int // decisions
	seconds     int
	date        string
	write       bool
}

func parseFlags() options {
	var o options
	flag.StringVar(&o.api, "api", "bin/flowviz", "the API's `program`")
	flag.IntVar(&o.subscribers, "subscribers", 2_000, "how `many` listen")
	flag.IntVar(&o.perSecond, "rate", 10, "`decisions` a second")
	flag.IntVar(&o.seconds, "seconds", 60, "for how many `seconds`")
	flag.StringVar(&o.date, "date", time.Now().UTC().Format(time.DateOnly), "the `date` to write")
	short := flag.Bool("short", false, "show that all works, and write nothing: 200 subscribers for 5 s")
	flag.Parse()
	o.write = !*short
	if *short {
		o.subscribers, o.seconds = 200, 5
	}
	return o
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, parseFlags()); err != nil {
		fmt.Fprintln(os.Stderr, "bench-live:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	dir, err := newFolder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	result := Result{Date: o.date, Machine: lab.DescribeMachine(o.api), Subscribers: o.subscribers, PerSecond: o.perSecond, Seconds: o.seconds}
	if _, err := lab.Fill(ctx, filepath.Join(dir, "data"), dataset.Options{Lots: 2_000, Seed: 1, SiteSize: 2_000}, nil); err != nil {
		return err
	}
	server, err := pgembed.Start(ctx, pgembed.Config{Dir: filepath.Join(dir, "data")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	url := server.URL(lab.Database)
	result.Machine.PostgreSQL, err = lab.PostgreSQL(ctx, url)
	if err != nil {
		return err
	}
	process, err := lab.Serve(ctx, o.api, url, filepath.Join(dir, "serve"), "API")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, process.Stop()) }()
	admin, err := lab.SignIn(ctx, process.Address, url, lab.User{Email: "admin@bench.example", Role: db.RoleADMIN})
	if err != nil {
		return err
	}
	if err := measure(ctx, o, newLine(process.Address, admin), process, &result); err != nil {
		return err
	}
	fmt.Print(result.line(), "\n")
	if err := result.judge(); err != nil || !o.write {
		return err
	}
	return lab.Write("live", result, result.section(), nil)
}

// newFolder makes a folder that PostgreSQL can pass: it refuses root and runs as another user then.
func newFolder() (string, error) {
	if err := os.MkdirAll(lab.CacheDir, 0o755); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(lab.CacheDir, "live-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711)
}

// measure lets all listen and decides meanwhile.
func measure(ctx context.Context, o options, l *line, process *lab.Process, result *Result) error {
	if err := l.learn(ctx); err != nil {
		return err
	}
	lots, err := l.arrive(ctx, o.perSecond*o.seconds+1)
	if err != nil {
		return err
	}
	if err := l.decide(ctx, lots[0]); err != nil { // warms up
		return err
	}
	idle, err := process.Memory()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	audience, err := l.gather(ctx, o.subscribers)
	if err != nil {
		return err
	}
	cpu, err := process.CPU()
	if err != nil {
		return err
	}
	began := time.Now()
	tick := time.NewTicker(time.Second / time.Duration(o.perSecond))
	defer tick.Stop()
	most := idle
	for n, lot := range lots[1:] {
		<-tick.C
		if err := l.decide(ctx, lot); err != nil {
			return err
		}
		result.Decisions++
		if n%o.perSecond == 0 {
			now, err := process.Memory()
			if err != nil {
				return err
			}
			most = max(most, now)
		}
	}
	result.Took = time.Since(began).Seconds()
	result.Lost = audience.await(result.Decisions, 10*time.Second)
	after, err := process.CPU()
	if err != nil {
		return err
	}
	result.ServerCPU = (after - cpu).Seconds() / result.Took
	result.BytesEach = (most - idle) / int64(o.subscribers)
	result.LoadAfter = lab.Load()
	delays := audience.delays()
	if len(delays) == 0 {
		return errors.New("nothing was heard")
	}
	slices.Sort(delays)
	result.Deliveries = len(delays)
	result.P50, result.P99, result.Latest = lab.Milliseconds(lab.Percentile(delays, 50)), lab.Milliseconds(lab.Percentile(delays, 99)), lab.Milliseconds(delays[len(delays)-1])
	return audience.failure()
}
