package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"flowviz/bench/lab"
	"flowviz/internal/dataset"
)

// What is promised.
const (
	targetRatio = 0.5    // of the bare statements' rate, at least
	targetTail  = 5      // p99 in p50, at most
	targetBatch = 10_000 // lots/s, at least
	targetHold  = 2      // seconds, at most
)

// Result is what bench/results/write.json holds. Times are in milliseconds where a name doesn't say otherwise.
type Result struct {
	Date        string
	Machine     lab.Machine
	Durable     string // what fsync and synchronous_commit were
	Dataset     dataset.Report
	Clients     int
	Rounds      int
	SecondsEach float64
	Cases       []Case
	Batches     []Batch
	Hold        Hold
}

// Case is lots registered one by one, at so many sites.
type Case struct {
	Sites int
	// Ratio is API / bare in lots/s: the median of the rounds' ratios, and the least and largest of them.
	Ratio, RatioMin, RatioMax float64
	API, Bare                 Figures
}

// Figures are one subject's.
type Figures struct {
	LotsPerSecond float64 // the median of the rounds
	P50, P99      float64
	ClientCPU     float64 // of the API, or pgbench, a lot
	PostgresCPU   float64 // of all of PostgreSQL's processes, a lot
}

// Batch is many lots registered in one step, by each of some clients at the same time.
type Batch struct {
	Clients       int // each at a site of its own
	Lots, Inputs  int // of each client; of each lot
	Seconds       []float64
	LotsPerSecond float64
}

// Hold is a hold on a lot of which much was made.
type Hold struct {
	Descendants   int
	Seconds       []float64
	MedianSeconds float64
}

// measurement is what one subject did in one round.
type measurement struct {
	took      time.Duration
	latencies []time.Duration
	client    time.Duration // CPU time of the API's process, or of pgbench
	postgres  time.Duration // CPU time of all of PostgreSQL's processes
}

func (m measurement) perSecond() float64 { return float64(len(m.latencies)) / m.took.Seconds() }

func newCase(atSites int, api, bare []measurement) Case {
	ratios := make([]float64, len(api))
	for i := range api {
		ratios[i] = api[i].perSecond() / bare[i].perSecond()
	}
	return Case{
		Sites: atSites, Ratio: lab.Median(ratios), RatioMin: slices.Min(ratios), RatioMax: slices.Max(ratios), API: newFigures(api), Bare: newFigures(bare),
	}
}

func newFigures(rounds []measurement) Figures {
	var all measurement
	var rates []float64
	for _, m := range rounds {
		rates = append(rates, m.perSecond())
		all.latencies = append(all.latencies, m.latencies...)
		all.client += m.client
		all.postgres += m.postgres
	}
	slices.Sort(all.latencies)
	perLot := func(d time.Duration) float64 { return lab.Milliseconds(d) / float64(len(all.latencies)) }
	return Figures{
		LotsPerSecond: lab.Median(rates), P50: lab.Milliseconds(lab.Percentile(all.latencies, 50)), P99: lab.Milliseconds(lab.Percentile(all.latencies, 99)),
		ClientCPU: perLot(all.client), PostgresCPU: perLot(all.postgres),
	}
}

// table is the result for a terminal, and for Markdown as well.
func (r Result) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d lots at %d sites before. %d clients; %d rounds of %g s, in turn. %s.\n\n", r.Dataset.Lots, r.Dataset.Sites, r.Clients, r.Rounds, r.SecondsEach, r.Machine)
	rows := [][]string{{"lots with 3 inputs, one by one", "", "lots/s", "API / bare", "p50 ms", "p99 ms", "p99 / p50", "client CPU ms", "PostgreSQL CPU ms"}}
	for _, c := range r.Cases {
		rows = append(rows, c.API.row(fmt.Sprintf("at %d of the sites", c.Sites), "API", fmt.Sprintf("%.2f (%.2f–%.2f)", c.Ratio, c.RatioMin, c.RatioMax)), c.Bare.row("", "bare", ""))
	}
	rows = append(rows, []string{"promised", "", "", fmt.Sprintf("≥ %g", targetRatio), "", "", fmt.Sprintf("≤ %d", targetTail), "", ""})
	lab.WriteTable(&b, rows)
	b.WriteString("\n")
	rows = [][]string{{"in one step", "median s", "largest s", "lots/s", "promised"}}
	for _, batch := range r.Batches {
		rows = append(rows, []string{
			fmt.Sprintf("%d × %d lots with %d inputs each are registered", batch.Clients, batch.Lots, batch.Inputs), fmt.Sprintf("%.3f", lab.Median(batch.Seconds)),
			fmt.Sprintf("%.3f", slices.Max(batch.Seconds)), fmt.Sprintf("%.0f", batch.LotsPerSecond), fmt.Sprintf("≥ %d lots/s", targetBatch),
		})
	}
	rows = append(rows, []string{
		fmt.Sprintf("a lot with %d descendants is held", r.Hold.Descendants), fmt.Sprintf("%.2f", r.Hold.MedianSeconds), fmt.Sprintf("%.2f", slices.Max(r.Hold.Seconds)),
		"", fmt.Sprintf("≤ %d s", targetHold),
	})
	lab.WriteTable(&b, rows)
	return b.String()
}

func (f Figures) row(name, subject, ratio string) []string {
	return []string{
		name, subject, fmt.Sprintf("%.1f", f.LotsPerSecond), ratio, fmt.Sprintf("%.2f", f.P50), fmt.Sprintf("%.2f", f.P99), fmt.Sprintf("%.1f", f.P99/f.P50),
		fmt.Sprintf("%.2f", f.ClientCPU), fmt.Sprintf("%.2f", f.PostgresCPU),
	}
}

func (r Result) section() string {
	return fmt.Sprintf("Measured on %s by `make bench-write`.\n\n%s\n"+
		"API: `registerLot` over HTTP, signed in, with an idempotency key; bulk meat of three deboned lots, whose species is compared with that of all their ancestors.\n"+
		"bare: `pgbench` with `bench/write/bare.sql`, prepared, as the same role under row level security. Both left as many rows of each table. fsync and\n"+
		"synchronous_commit are %s. CPU times are for one lot: of the API's or pgbench's process, and of all of PostgreSQL's.\n", r.Date, r.table(), r.Durable)
}
