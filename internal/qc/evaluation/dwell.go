package evaluation

import (
	"fmt"
	"time"

	"flowviz/internal/scenario/definition"
)

// longestGap is how far apart two readings may be that speak for the time between them: a minute, and a tenth of a dwell that
// is longer than ten. Assumed: the sources of the limits ask for records without gaps and name no interval. A minute is what a
// logger or a person at a kettle keeps; a tenth bounds by how much an unseen break could shorten a long dwell.
func longestGap(k definition.Condition) time.Duration {
	return max(time.Minute, dwellOf(k)/10)
}

func dwellOf(k definition.Condition) time.Duration { return time.Duration(k.ForAtLeastS) * time.Second }

// hold is a time for which a comparison held without a break: from the end of its first moment to the beginning of its last.
type hold struct{ from, to moment }

func (h hold) length() time.Duration {
	if len(h.from) == 0 {
		return 0
	}
	return max(0, h.to.begin().Sub(h.from.end()))
}

// judgeDwell says whether a comparison held for long enough. Two readings in succession that both meet it, and are no further
// apart than longestGap, stand for the time between them; one alone stands for none. A moment of too few probes breaks a dwell
// where it already misses the bounds, and else says nothing. Of several probes without an aggregate each must have its dwell.
func judgeDwell(k definition.Condition, tracks []track) verdict {
	var shortest hold
	said := false
	for i, t := range tracks {
		longest, tells := longestHold(k, t)
		if i == 0 || longest.length() < shortest.length() {
			shortest = longest
		}
		said = said || tells
	}
	if !said {
		return tooFew(k, tracks)
	}
	status := StatusNotMet
	if shortest.length() >= dwellOf(k) {
		status = StatusMet
	}
	return verdict{status, shortest.words(k)}
}

// longestHold is the longest time for which a comparison held on a track; said is false where no moment tells anything.
func longestHold(k definition.Condition, t track) (longest hold, said bool) {
	var now hold
	for _, m := range t {
		switch m.holds(k, m.level(k)) {
		case unsaid:
			continue
		case no:
			now = hold{}
		case yes:
			if len(now.to) == 0 || m.begin().Sub(now.to.end()) > longestGap(k) {
				now.from = m
			}
			now.to = m
		}
		said = true
		if len(longest.from) == 0 || now.length() > longest.length() {
			longest = now
		}
	}
	return longest, said
}

func (h hold) words(k definition.Condition) string {
	if len(h.from) == 0 {
		return fmt.Sprintf("%s never met it, and must be %s", k.Parameter, requirement(k))
	}
	return fmt.Sprintf("%s is shown to have been %s for %s s from %s to %s, and must be %s",
		k.Parameter, boundsOf(k).in(k.Unit), seconds(h.length()), clock(h.from.end()), clock(h.to.begin()), requirement(k))
}

// seconds writes a time in seconds, with as many decimals as it has.
func seconds(d time.Duration) string {
	whole := fmt.Sprint(int64(d / time.Second))
	if rest := d % time.Second; rest != 0 {
		return fmt.Sprintf("%s.%03d", whole, rest.Milliseconds())
	}
	return whole
}
