package evaluation

import (
	"fmt"
	"time"

	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// sameTime is how far apart readings of several probes may be to be of one moment. A logger asks its probes one after the
// other. Assumed: no source says how fast. It flatters nothing, since dwells and curves count from the ends of a moment that are
// worse for them.
const sameTime = 5 * time.Second

// moment is what several probes, each once, read at the same time; or one reading. Sorted by time and never empty.
type moment []reading

// track is moments in time.
type track []moment

// tracksOf sorts a condition's readings into tracks. Probes that are aggregated make one, of moments. Without an aggregate each
// probe has a track of its own, and each must meet the condition.
func tracksOf(k definition.Condition, readings []reading) []track {
	if k.Aggregate != nil {
		return []track{together(readings)}
	}
	place := map[string]int{}
	var tracks []track
	for _, r := range readings {
		i, ok := place[r.Probe]
		if !ok {
			i = len(tracks)
			place[r.Probe] = i
			tracks = append(tracks, nil)
		}
		tracks[i] = append(tracks[i], moment{r})
	}
	return tracks
}

// together makes moments: one ends where a probe reads again, or sameTime after its first reading.
func together(readings []reading) track {
	var t track
	for _, r := range readings {
		if last := len(t) - 1; last >= 0 && r.At.Sub(t[last].begin()) <= sameTime && !t[last].has(r.Probe) {
			t[last] = append(t[last], r)
		} else {
			t = append(t, moment{r})
		}
	}
	return t
}

func (m moment) begin() time.Time { return m[0].At }
func (m moment) end() time.Time   { return m[len(m)-1].At }

func (m moment) has(probe string) bool {
	for _, r := range m {
		if r.Probe == probe {
			return true
		}
	}
	return false
}

// complete reports whether as many probes as the condition asks for gave a reading.
func (m moment) complete(k definition.Condition) bool {
	return k.Aggregate == nil || len(m) >= k.Aggregate.Probes
}

// lastComplete is the track's last moment with enough probes alone; the whole track where there is none.
func (t track) lastComplete(k definition.Condition) track {
	for i := len(t) - 1; i >= 0; i-- {
		if t[i].complete(k) {
			return t[i : i+1]
		}
	}
	return t
}

// level is the value of a moment, and where it comes from.
type level struct {
	value quantity.Decimal
	of    reading // the reading that has the value, or the last of those that a mean is made of
	mean  int     // how many readings the value is the mean of; 0 where it is one reading's
}

// in writes a level: "5.2 °C (probe 2, 2026-10-05T08:14:00Z)", and the value as it was read where that is another unit.
func (l level) in(unit string) string {
	at := clock(l.of.At)
	switch {
	case l.mean > 0:
		return fmt.Sprintf("%s (mean of %d probes, %s)", amount(brief(l.value), unit), l.mean, at)
	case l.of.Probe != "":
		at = "probe " + cut(l.of.Probe) + ", " + at
	}
	if l.of.Unit != unit {
		return fmt.Sprintf("%s, which is %s (%s)", amount(l.of.Value, l.of.Unit), amount(brief(l.value), unit), at)
	}
	return fmt.Sprintf("%s (%s)", amount(l.value, unit), at)
}

// brief is a computed value with at most four decimals and no zeros at its end.
func brief(v quantity.Decimal) quantity.Decimal {
	scale := min(v.Scale(), 4)
	v = v.Round(scale)
	for scale > 0 && v.Round(scale-1).Equal(v) {
		scale--
		v = v.Round(scale)
	}
	return v
}

// level makes one value of a moment. Of readings at the very same instant LAST takes the worst.
func (m moment) level(k definition.Condition) level {
	levels := make([]level, len(m))
	for i, r := range m {
		levels[i] = level{value: r.value, of: r}
	}
	if k.Aggregate == nil {
		return levels[0] // the only one
	}
	switch k.Aggregate.Fn {
	case definition.AggregateMax:
		return bounds{high: &levels[0].value}.worst(levels)
	case definition.AggregateMin:
		return bounds{low: &levels[0].value}.worst(levels)
	case definition.AggregateMean:
		return mean(boundsOf(k), levels)
	default:
		return boundsOf(k).worst(levels[m.firstAtEnd():])
	}
}

// firstAtEnd is the index of the first of the readings at the moment's end.
func (m moment) firstAtEnd() int {
	i := len(m) - 1
	for i > 0 && m[i-1].At.Equal(m.end()) {
		i--
	}
	return i
}

// mean is rounded to four decimals more than the readings have, and no more than quantity.Convert keeps: far below any limit's
// last one. Where 19 digits can't hold it, the worst of the readings stands for it.
func mean(b bounds, levels []level) level {
	const more, finest = 4, 12
	sum := quantity.Decimal{}
	for _, l := range levels {
		var err error
		if sum, err = sum.Add(l.value); err != nil {
			return b.worst(levels)
		}
	}
	scale := max(sum.Scale(), min(sum.Scale()+more, finest))
	value, err := sum.MulQuo(quantity.FromInt(1), quantity.FromInt(int64(len(levels))), scale)
	if err != nil {
		return b.worst(levels)
	}
	return level{value: value, of: levels[len(levels)-1].of, mean: len(levels)}
}

// answer is what a moment says about a condition.
type answer int

const (
	unsaid answer = iota // too few probes to tell
	yes
	no
)

// holds says whether a moment with this level meets a condition's bounds. Too few probes can still say no: the warmest of three
// is at least as warm as the warmest of two.
func (m moment) holds(k definition.Condition, l level) answer {
	b := boundsOf(k)
	switch {
	case m.complete(k) && b.hold(l.value):
		return yes
	case m.complete(k),
		k.Aggregate.Fn == definition.AggregateMax && b.above(l.value),
		k.Aggregate.Fn == definition.AggregateMin && b.below(l.value):
		return no
	}
	return unsaid
}
