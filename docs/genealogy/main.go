// Command genealogy draws the genealogy of one lot as SVG, left to right, the lot asked for last: `make picture`.
//
// It reads the golden file of a query, so it draws what the API answers about the demo history. The same answer always gives
// the same bytes.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/tools/txtar"
)

func main() {
	if err := draw(os.Stdout, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "genealogy:", err)
		os.Exit(1)
	}
}

// genealogy is the query's answer: the lot asked for comes first among the nodes.
type genealogy struct {
	Exposures []struct{ Path []lot }
	Genealogy struct {
		Depth int
		Nodes []struct{ Lot lot }
		Links []struct{ Parent, Child string }
	}
}

type lot struct {
	ID, Code, WeightKg, Quantity, Unit string
	Held, Exposed                      bool
	LotType                            struct{ Role string }
}

// head is all but lots and links. The ground is light and opaque, so that a dark page shows the picture as well.
const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0[1]f %.0[2]f">
<style>
text { fill: #1c2530; font: 10.5px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace }
text.words { font: 12px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif }
text.title { font-size: 17px; font-weight: 700 }
text.ends { font-weight: 700 }
.RAW { fill: #dcefd9; stroke: #4d8b45 } .INTERMEDIATE { fill: #dbe8f8; stroke: #3f72af } .REWORK { fill: #fde4c8; stroke: #c77a1a }
.PACKAGING { fill: #e6e6e6; stroke: #777777 } .FINISHED { fill: #e8def5; stroke: #7a55b0 } .LOGISTIC { fill: #d3eeee; stroke: #1f7f82 }
.exposed { stroke: #c8102e; stroke-width: 2 } .held { fill: #c8102e; stroke: #c8102e } rect.held ~ text:not(.words) { fill: #ffffff }
path { fill: none; stroke: #94a0ad; stroke-width: 1.2 } path.way { stroke: #c8102e; stroke-width: 3 }
</style>
<rect width="%.0[1]f" height="%.0[2]f" rx="10" fill="#fbfcfd" stroke="#cfd6de"/>
<text class="words title" x="16" y="28">What pallet %[3]s is made of: %[4]d lots, %[5]d steps back</text>
<text class="words" x="16" y="48">%[6]s is held; the thick line is the shortest way from it to the pallet.</text>
<g transform="translate(16 59)"><rect class="RAW" width="14" height="14" rx="3"/><text class="words" x="20" y="11">bought</text>
<rect class="INTERMEDIATE" x="80" width="14" height="14" rx="3"/><text class="words" x="100" y="11">made and used in the plant</text>
<rect class="REWORK" x="284" width="14" height="14" rx="3"/><text class="words" x="304" y="11">worked in again</text>
<rect class="PACKAGING" x="414" width="14" height="14" rx="3"/><text class="words" x="434" y="11">packaging</text>
<rect class="FINISHED" x="516" width="14" height="14" rx="3"/><text class="words" x="536" y="11">ready for sale</text>
<rect class="LOGISTIC" x="642" width="14" height="14" rx="3"/><text class="words" x="662" y="11">pallet</text>
<rect class="held" x="724" width="14" height="14" rx="3"/><text class="words" x="744" y="11">held</text>
<rect class="exposed" x="796" width="14" height="14" rx="3" fill="none"/><text class="words" x="816" y="11">exposed: made of what is held</text></g>
`

func draw(svg io.Writer, golden io.Reader) error {
	text, err := io.ReadAll(golden)
	if err != nil {
		return err
	}
	var answer struct{ Data struct{ Lot genealogy } }
	for _, file := range txtar.Parse(text).Files {
		if file.Name == "response.json" {
			err = json.Unmarshal(file.Data, &answer)
		}
	}
	g := answer.Data.Lot
	if err != nil || len(g.Exposures) == 0 {
		return errors.Join(errors.New("response.json has no exposed lot"), err)
	}
	way := g.Exposures[0].Path
	place := map[string]int{} // on the way, from 1
	for i, l := range way {
		place[l.Code] = i + 1
	}
	lots, links, w, h := layout(g)
	var plain, marked, boxes strings.Builder
	for _, l := range links {
		from, to := place[l[0].lot.Code], place[l[len(l)-1].lot.Code]
		if from > 0 && to == from+1 {
			fmt.Fprintf(&marked, `<path class="way" d="%s"/>`+"\n", curve(l))
		} else {
			fmt.Fprintf(&plain, `<path d="%s"/>`+"\n", curve(l))
		}
	}
	for _, p := range lots {
		boxes.WriteString(box(p))
	}
	_, err = fmt.Fprintf(svg, head+"%s%s%s</svg>\n", w, h, lots[0].lot.Code, len(lots)-1, g.Genealogy.Depth, way[0].Code, &plain, &marked, &boxes)
	return err
}

func curve(through []*point) string {
	var d strings.Builder
	fmt.Fprintf(&d, "M%.1f %.1f", through[0].x+width, through[0].y)
	for i, to := range through[1:] {
		from := through[i]
		middle := (from.x + width + to.x) / 2
		fmt.Fprintf(&d, "C%.1f %.1f %.1f %.1f %.1f %.1f", middle, from.y, middle, to.y, to.x, to.y)
		if to.lot == nil {
			fmt.Fprintf(&d, "h%.0f", width)
		}
	}
	return d.String()
}

func box(p *point) string {
	class, amount := p.lot.LotType.Role, p.lot.WeightKg+" kg"
	if p.lot.WeightKg == "" {
		amount = p.lot.Quantity + " " + p.lot.Unit
	}
	if p.lot.Exposed {
		class += " exposed"
	}
	if p.lot.Held {
		class += " held"
	}
	left, top := p.x, p.y-height/2
	var b strings.Builder
	fmt.Fprintf(&b, `<g><rect class="%s" x="%.1f" y="%.1f" width="%.0f" height="%.0f" rx="5"/>`, class, left, top, width, height)
	for i, part := range append(strings.SplitAfterN(p.lot.Code, "-", 3), amount) { // "RAW-", "20261027-", "DUNA-0002", "160.288 kg"
		fmt.Fprintf(&b, `<text class="%s" x="%.1f" y="%.1f">%s</text>`, []string{"ends", "", "", "ends"}[i], left+5, top+14+12.5*float64(i), part)
	}
	b.WriteString("</g>\n")
	return b.String()
}
