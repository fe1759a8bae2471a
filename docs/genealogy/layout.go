package main

import (
	"cmp"
	"maps"
	"slices"
)

// Sizes in pixels, for a page 880 to 1,200 wide: a lot's code takes three lines, or 13 columns wouldn't fit.
const (
	width, height = 74.0, 58.0 // of a lot
	column        = 92.0       // from column to column
	apart         = 10.0       // between what stands in one column
)

// point is the middle of a lot's left side, or where a link enters a column that it passes.
type point struct {
	lot   *lot // nil where a link passes
	steps int  // columns from the right
	x, y  float64
	near  []*point
}

// layout places lots and links in a picture of w × h. A lot stands as many columns from the right as its longest way has
// steps, so that every link leads to the right; in its column, it stands near what it is linked to. The links of one parent
// pass columns together.
func layout(g genealogy) (lots []*point, links [][]*point, w, h float64) {
	byID := map[string]*point{}
	for _, n := range g.Genealogy.Nodes {
		byID[n.Lot.ID] = &point{lot: &n.Lot}
		lots = append(lots, byID[n.Lot.ID])
	}
	for range lots { // no way is longer
		for _, l := range g.Genealogy.Links {
			byID[l.Parent].steps = max(byID[l.Parent].steps, byID[l.Child].steps+1)
		}
	}
	type passage struct {
		parent string
		steps  int
	}
	all, passages := slices.Clone(lots), map[passage]*point{}
	for _, l := range g.Genealogy.Links {
		through := []*point{byID[l.Parent]}
		for steps := byID[l.Parent].steps - 1; steps > byID[l.Child].steps; steps-- {
			key := passage{l.Parent, steps}
			if passages[key] == nil {
				passages[key] = &point{steps: steps}
				all = append(all, passages[key])
			}
			through = append(through, passages[key])
		}
		links = append(links, append(through, byID[l.Child]))
	}
	for _, l := range links {
		for i, to := range l[1:] {
			l[i].near, to.near = append(l[i].near, to), append(to.near, l[i])
		}
	}
	columns := map[int][]*point{}
	for _, p := range all {
		columns[p.steps] = append(columns[p.steps], p)
	}
	order := slices.Sorted(maps.Keys(columns))
	for range 60 { // more would move a few lots by some pixels
		for _, steps := range order {
			arrange(columns[steps])
		}
		slices.Reverse(order)
	}
	top := slices.MinFunc(all, func(a, b *point) int { return cmp.Compare(a.y, b.y) }).y
	w = float64(len(columns)-1)*column + width + 32
	for _, p := range all {
		p.x, p.y = w-16-width-float64(p.steps)*column, p.y-top+height/2+90
		h = max(h, p.y+height/2+16)
	}
	return lots, links, w, h
}

// arrange moves a column's points to where their neighbours are on average, and then apart by as little as they need.
func arrange(points []*point) {
	for _, p := range points {
		sum := 0.0
		for _, n := range p.near {
			sum += n.y
		}
		p.y = sum / float64(len(p.near))
	}
	slices.SortStableFunc(points, func(a, b *point) int { return cmp.Compare(a.y, b.y) })
	pushed := 0.0
	for i, p := range points[1:] {
		if least := points[i].y + points[i].half() + apart + p.half(); p.y < least {
			pushed += least - p.y
			p.y = least
		}
	}
	for _, p := range points {
		p.y -= pushed / float64(len(points))
	}
}

func (p *point) half() float64 {
	if p.lot == nil {
		return 3
	}
	return height / 2
}
