package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"flowviz/bench/lab"
	"flowviz/internal/dataset"
)

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
	// MemoryMB is what the API's process holds after it was asked all this, its genealogy in memory.
	MemoryMB int
}

// Size is what was measured at one question about lots of one size.
type Size struct {
	Question, Name string
	Lots           int // how many were asked about in turn
	API            Figures
	Others         []Other
}

// Other is another subject at the same question.
type Other struct {
	Figures
	// Ratio is the API's requests/s to its own: the median of the rounds' ratios, and the least and largest of them. Promised is
	// the least that is promised, 0 for nothing.
	Ratio, RatioMin, RatioMax, Promised float64
}

// Figures are one subject's.
type Figures struct {
	Subject           string
	RequestsPerSecond float64 // the median of the rounds
	P50, P99          float64
	ServerCPU         float64 // of the subject's own process, a request
	PostgresCPU       float64 // of all of PostgreSQL's processes, a request
	BytesPerResponse  int64
}

func newSize(g group, subjects []subject, rounds [][]measurement) Size {
	size := Size{Question: g.question.name, Name: g.name, Lots: len(g.lots), API: newFigures(subjects[0].name, rounds[0])}
	for i := range subjects[1:] {
		i++
		ratios := make([]float64, len(rounds[0]))
		for round := range ratios {
			ratios[round] = rounds[0][round].perSecond() / rounds[i][round].perSecond()
		}
		promised := g.overPostGraphile
		if subjects[i].name == rawName {
			promised = g.overRaw
		}
		size.Others = append(size.Others, Other{
			Figures: newFigures(subjects[i].name, rounds[i]), Promised: promised,
			Ratio: lab.Median(ratios), RatioMin: slices.Min(ratios), RatioMax: slices.Max(ratios),
		})
	}
	return size
}

func newFigures(subject string, rounds []measurement) Figures {
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
		Subject: subject, RequestsPerSecond: lab.Median(rates),
		P50: lab.Milliseconds(lab.Percentile(all.latencies, 50)), P99: lab.Milliseconds(lab.Percentile(all.latencies, 99)),
		ServerCPU: perRequest(all.server), PostgresCPU: perRequest(all.postgres),
		BytesPerResponse: all.bytes / int64(requests),
	}
}

// table is the result for a terminal, and for Markdown as well.
func (r Result) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d lots, %d links, %d sites. %d clients; %d rounds of %g s, in turn. %s.\n\n",
		r.Dataset.Lots, r.Dataset.Links, r.Dataset.Sites, r.Clients, r.Rounds, r.SecondsEach, r.Machine)
	rows := [][]string{{"", "", "", "requests/s", "API / it", "promised", "p50 ms", "p99 ms", "server CPU ms", "PostgreSQL CPU ms", "KiB"}}
	for _, s := range r.Sizes {
		rows = append(rows, s.API.row(s.Question, s.Name, "", ""))
		for _, o := range s.Others {
			promised := ""
			if o.Promised > 0 {
				promised = fmt.Sprintf("≥ %g", o.Promised)
			}
			rows = append(rows, o.row("", "", fmt.Sprintf("%.2f (%.2f–%.2f)", o.Ratio, o.RatioMin, o.RatioMax), promised))
		}
	}
	lab.WriteTable(&b, rows)
	fmt.Fprintf(&b, "\nMemory of the API's process afterwards, with the genealogy of %d lots: %d MB.\n", r.Dataset.Lots, r.MemoryMB)
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

func (f Figures) row(question, size, ratio, promised string) []string {
	return []string{
		question, size, f.Subject, fmt.Sprintf("%.1f", f.RequestsPerSecond), ratio, promised, fmt.Sprintf("%.2f", f.P50), fmt.Sprintf("%.2f", f.P99),
		fmt.Sprintf("%.2f", f.ServerCPU), fmt.Sprintf("%.2f", f.PostgresCPU), fmt.Sprintf("%.1f", float64(f.BytesPerResponse)/1024),
	}
}
