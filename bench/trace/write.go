package main

import (
	"fmt"
	"strings"

	"flowviz/bench/lab"
)

// write stores the figures, their table and their picture, and puts them into the document.
func (r Result) write() error {
	return lab.Write("trace", r, r.section(), map[string]string{"trace.svg": r.picture()})
}

func (r Result) section() string {
	return fmt.Sprintf("Measured on %s by `make bench-trace`.\n\n![Requests per second, API / raw](../bench/results/trace.svg)\n\n%s\n"+
		"API: `lot(code:) { ancestors(first: 10000) { nodes { id code weightKg temperatureC lotType { code } } } }`. raw: `bench/raw`, one recursive query\n"+
		"by hand with the same fields. Both gave the same rows for every lot asked for. CPU times are for one request; those of PostgreSQL are of all its processes.\n",
		r.Date, r.table())
}

// picture is a bar chart of the ratios, with the target as a line.
func (r Result) picture() string {
	const (
		left, top     = 170, 34
		width, height = 400, 26 // of the whole scale; of one row
	)
	scale := 1.0
	for _, s := range r.Sizes {
		scale = max(scale, s.Ratio)
	}
	x := func(ratio float64) float64 { return left + width*ratio/scale }
	bottom := top + height*len(r.Sizes)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="13">`+"\n",
		left+width+70, bottom+28, left+width+70, bottom+28)
	b.WriteString(`<rect width="100%" height="100%" fill="#ffffff"/>` + "\n")
	fmt.Fprintf(&b, `<text x="10" y="20" font-weight="600">Requests per second, API / hand-written handler</text>`+"\n")
	for i, s := range r.Sizes {
		y := top + height*i
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-8, y+17, s.Name)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="%d" rx="2" fill="#2f6f9f"/>`, left, y+4, x(s.Ratio)-left, height-8)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%.2f</text>`+"\n", x(s.Ratio)+6, y+17, s.Ratio)
	}
	for _, line := range []struct {
		at          float64
		label, dash string
	}{{target, fmt.Sprintf("promised %.1f", target), "4 3"}, {1, "1.0", "none"}} {
		fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#b03a2e" stroke-dasharray="%s"/>`, x(line.at), x(line.at), top, bottom+4, line.dash)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle" fill="#b03a2e">%s</text>`+"\n", x(line.at), bottom+19, line.label)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
