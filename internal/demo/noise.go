package demo

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// noise is what differs from day to day. It is all in whole numbers: floating point may round differently on another
// processor, and the codes of the README must not depend on that.
type noise struct{ *rand.Rand }

// newNoise gives each line a sequence of its own, so that a change in one changes nothing in the others.
func newNoise(seed uint64, name string) noise {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash's Write never fails
	return noise{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// around scatters about mid, at most by spread, near ones likelier: the mean of three throws of a die.
func (n noise) around(mid, spread int64) int64 {
	if spread == 0 {
		return mid
	}
	sides := 2*spread + 1
	return mid - spread + (n.Int64N(sides)+n.Int64N(sides)+n.Int64N(sides))/3
}

// minutes lasts about mid minutes, to the second.
func (n noise) minutes(mid, spread int64) time.Duration {
	return time.Duration(n.around(mid*60, spread*60)) * time.Second
}

// seconds lasts from low to high seconds.
func (n noise) seconds(low, high int64) time.Duration {
	return time.Duration(low+n.Int64N(high-low+1)) * time.Second
}

func (n noise) chance(percent int) bool { return n.IntN(100) < percent }

// share is so many thousandths of an amount, scattered.
func (n noise) share(amount, thousandths, spread int64) int64 {
	return amount * n.around(thousandths*10, spread*10) / 10_000
}
