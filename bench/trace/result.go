package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowviz/bench/lab"
	"flowviz/internal/dataset"
)

// target is the least ratio of requests/s, API to raw, that is promised.
const target = 0.7

// Result is what bench/results/trace.json holds. Times are in milliseconds where a name doesn't say otherwise.
type Result struct {
	Date        string
	Machine     lab.Machine
	Dataset     dataset.Report
	Clients     int
	Rounds      int
	SecondsEach float64
	Sizes       []Size
	Starts      []Start
}

// Size is what was measured at lots of about as many ancestors.
type Size struct {
	Name      string
	Target    bool // whether the target holds for it
	Lots      int  // how many were asked for in turn
	Ancestors int  // of the lot in the middle
	// Ratio is API / raw in requests/s: the median of the rounds' ratios, and the least and largest of them.
	Ratio, RatioMin, RatioMax float64
	API, Raw                  Figures
}

// Figures are one subject's.
type Figures struct {
	RequestsPerSecond float64 // the median of the rounds
	P50, P99          float64
	ServerCPU         float64 // of the subject's own process, a request
	PostgresCPU       float64 // of all of PostgreSQL's processes, a request
	BytesPerResponse  int64
	Connections       int // sessions in PostgreSQL afterwards
}

func newSize(g group, api, raw []measurement) Size {
	ratios := make([]float64, len(api))
	for i := range api {
		ratios[i] = api[i].perSecond() / raw[i].perSecond()
	}
	ancestors := make([]float64, len(g.lots))
	for i, l := range g.lots {
		ancestors[i] = float64(l.ancestors)
	}
	return Size{
		Name: g.name, Target: g.target, Lots: len(g.lots), Ancestors: int(lab.Median(ancestors)),
		Ratio: lab.Median(ratios), RatioMin: slices.Min(ratios), RatioMax: slices.Max(ratios),
		API: newFigures(api), Raw: newFigures(raw),
	}
}

func newFigures(rounds []measurement) Figures {
	var all measurement
	var rates []float64
	for _, m := range rounds {
		rates = append(rates, m.perSecond())
		all.latencies = append(all.latencies, m.latencies...)
		all.bytes += m.bytes
		all.server += m.server
		all.postgres += m.postgres
	}
	slices.Sort(all.latencies)
	requests := len(all.latencies)
	perRequest := func(d time.Duration) float64 { return lab.Milliseconds(d) / float64(requests) }
	return Figures{
		RequestsPerSecond: lab.Median(rates),
		P50:               lab.Milliseconds(lab.Percentile(all.latencies, 50)), P99: lab.Milliseconds(lab.Percentile(all.latencies, 99)),
		ServerCPU: perRequest(all.server), PostgresCPU: perRequest(all.postgres),
		BytesPerResponse: all.bytes / int64(requests),
	}
}

// table is the result for a terminal, and for Markdown as well.
func (r Result) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d lots, %d links, %d sites. %d clients; %d rounds of %g s, in turn. %s.\n\n",
		r.Dataset.Lots, r.Dataset.Links, r.Dataset.Sites, r.Clients, r.Rounds, r.SecondsEach, r.Machine)
	rows := [][]string{{"lot with", "", "requests/s", "API / raw", "p50 ms", "p99 ms", "server CPU ms", "PostgreSQL CPU ms", "KiB", "connections"}}
	for _, s := range r.Sizes {
		ratio := fmt.Sprintf("%.2f (%.2f–%.2f)", s.Ratio, s.RatioMin, s.RatioMax)
		rows = append(rows, s.API.row(s.Name, "API", ratio), s.Raw.row("", "raw", ""))
	}
	lab.WriteTable(&b, rows)
	if len(r.Starts) > 0 {
		b.WriteString("\n")
		rows = [][]string{{"from start to `/readyz`", "median s", "largest s", "promised s"}}
		for _, s := range r.Starts {
			rows = append(rows, []string{s.Name, fmt.Sprintf("%.2f", s.MedianSeconds), fmt.Sprintf("%.2f", slices.Max(s.Seconds)), fmt.Sprintf("≤ %g", s.LimitSeconds)})
		}
		lab.WriteTable(&b, rows)
	}
	return b.String()
}

func (f Figures) row(size, name, ratio string) []string {
	return []string{
		size, name, fmt.Sprintf("%.1f", f.RequestsPerSecond), ratio, fmt.Sprintf("%.2f", f.P50), fmt.Sprintf("%.2f", f.P99),
		fmt.Sprintf("%.2f", f.ServerCPU), fmt.Sprintf("%.2f", f.PostgresCPU), fmt.Sprintf("%.1f", float64(f.BytesPerResponse)/1024), strconv.Itoa(f.Connections),
	}
}
