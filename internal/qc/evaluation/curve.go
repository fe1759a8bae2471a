package evaluation

import (
	"fmt"
	"time"

	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// way is one way along a curve: from the last moment at its first value or before it, to the first at its second or beyond.
type way struct {
	from, to moment // to is the last moment of the track where the way isn't finished
	finished bool
}

// length is counted from the beginning of the first moment to the end of the last one, so it is never too short.
func (w way) length() time.Duration { return w.to.end().Sub(w.from.begin()) }

// judgeCurve says whether every way along a curve was short enough: one that goes back to its beginning is gone again. Time
// between readings can't hide a longer way, since the way begins and ends at readings outside, so no gap is too long. Moments of
// too few probes count only where they say that it is back before its beginning. Of several probes without an aggregate each must have gone its way in time.
func judgeCurve(k definition.Condition, tracks []track) verdict {
	limit := time.Duration(k.WithinS) * time.Second
	worst := verdict{}
	for _, t := range tracks {
		v := judgeWays(k, waysOf(k, t), limit)
		if worst.status == "" || rank(v.status) > rank(worst.status) {
			worst = v
		}
	}
	return worst
}

// rank orders the verdicts of several probes: one that went wrong counts more than one that says nothing.
func rank(s Status) int {
	switch s {
	case StatusMet:
		return 0
	case StatusMissing:
		return 1
	default:
		return 2
	}
}

func judgeWays(k definition.Condition, ways []way, limit time.Duration) verdict {
	if len(ways) == 0 {
		return verdict{StatusMissing, fmt.Sprintf("%s was never read at %s or before it by enough probes, and must be %s",
			k.Parameter, amount(k.FromValue.Decimal, k.Unit), requirement(k))}
	}
	longest := ways[0]
	for _, w := range ways[1:] {
		if w.length() > longest.length() {
			longest = w
		}
	}
	last := ways[len(ways)-1]
	switch {
	case longest.length() <= limit && !last.finished:
		return verdict{StatusMissing, fmt.Sprintf("%s has not come to its end: it is %s, and must be %s", k.Parameter, last.to.level(k).in(k.Unit), requirement(k))}
	case longest.length() <= limit:
		return verdict{StatusMet, longest.words(k)}
	}
	return verdict{StatusNotMet, longest.words(k)}
}

func (w way) words(k definition.Condition) string {
	return fmt.Sprintf("%s took %s s from %s to %s, and must be %s",
		k.Parameter, seconds(w.length()), w.from.level(k).in(k.Unit), w.to.level(k).in(k.Unit), requirement(k))
}

// waysOf finds the ways on a track, in time.
func waysOf(k definition.Condition, t track) []way {
	var ways []way
	var begun, last moment
	for _, m := range t {
		v := m.level(k).value
		before := !passed(k, v, *k.FromValue, false)
		if !m.complete(k) && (last == nil || !before || !worstIsSure(k)) {
			continue
		}
		last = m
		switch {
		case before:
			begun = m
		case begun != nil && passed(k, v, *k.ToValue, true):
			ways = append(ways, way{begun, m, true})
			begun = nil
		}
	}
	if begun != nil {
		ways = append(ways, way{begun, last, false})
	}
	return ways
}

// worstIsSure reports whether too few probes can tell that a curve is back before its beginning: the warmest of three is at least
// as warm as the warmest of two.
func worstIsSure(k definition.Condition) bool {
	return k.Aggregate.Fn == definition.AggregateMax && k.Op == definition.OpLE ||
		k.Aggregate.Fn == definition.AggregateMin && k.Op == definition.OpGE
}

// passed reports whether a falling value is below a point of its curve, or a rising one above it; reached counts the point
// itself as passed.
func passed(k definition.Condition, v quantity.Decimal, point definition.Number, reached bool) bool {
	order := v.Cmp(point.Decimal)
	if k.Op == definition.OpLE {
		order = -order
	}
	return order > 0 || reached && order == 0
}
