package main

import (
	"fmt"
	"math"
	"strings"

	"flowviz/bench/lab"
)

// write stores the figures, their table and their picture, and puts them into the document.
func (r Result) write() error {
	return lab.Write("trace", r, r.section(), map[string]string{"trace.svg": r.picture()})
}

func (r Result) section() string {
	return fmt.Sprintf("Measured on %s by `make bench-trace`.\n\n![Requests per second, as many times as the others](../bench/results/trace.svg)\n\n%s\n"+
		"raw is `bench/raw`, recursive queries by hand behind net/http; PostGraphile (`tools/postgraphile`, Node.js 24) has the same queries as SQL functions (`bench/trace/bench.sql`).\n"+
		"All gave the same lots, fields and links for every lot asked about: `bench/trace/question.go` has the questions, with `id code weightKg temperatureC lotType` of each lot.\n"+
		"CPU times are for one request; those of PostgreSQL are of all its processes.\n",
		r.Date, r.table())
}

// picture is a bar chart of how many times as many requests per second the API answers as the others, with what is promised as a mark.
func (r Result) picture() string {
	const (
		left, top     = 190, 34
		width, height = 420, 19 // of the whole scale; of one row
	)
	colors := map[string]string{rawName: "#2f6f9f", postgraphileName: "#7a9e3f"}
	scale, rows := 1.0, 0
	for _, s := range r.Sizes {
		for _, o := range s.Others {
			scale = max(scale, math.Log2(1+o.Ratio), math.Log2(1+o.Promised))
			rows++
		}
	}
	x := func(ratio float64) float64 { return left + width*math.Log2(1+ratio)/scale }
	bottom := top + height*rows
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="12">`+"\n",
		left+width+70, bottom+28, left+width+70, bottom+28)
	b.WriteString(`<rect width="100%" height="100%" fill="#ffffff"/>` + "\n")
	fmt.Fprintf(&b, `<text x="10" y="20" font-weight="600">Requests per second: API / hand-written handler (blue), API / PostGraphile (green)</text>`+"\n")
	y := top
	for _, s := range r.Sizes {
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s, %s</text>`+"\n", left-8, y+14, s.Question, s.Name)
		for _, o := range s.Others {
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="%d" rx="2" fill="%s"/>`, left, y+3, x(o.Ratio)-left, height-5, colors[o.Subject])
			fmt.Fprintf(&b, `<text x="%.1f" y="%d">%.2f</text>`+"\n", x(o.Ratio)+6, y+14, o.Ratio)
			if o.Promised > 0 {
				fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#b03a2e" stroke-width="2"/>`+"\n", x(o.Promised), x(o.Promised), y+1, y+height-1)
			}
			y += height
		}
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" fill="#b03a2e">red: at least so many are promised; the scale is logarithmic</text>`+"\n", left, bottom+18)
	b.WriteString("</svg>\n")
	return b.String()
}
