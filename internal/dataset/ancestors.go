package dataset

// Sample is a lot worth asking for the ancestors of.
type Sample struct {
	Code string
	// Size is the group that the sample belongs to: 90, 400 and 7,000 ancestors, more or less, or the 5,000 of a chain's end.
	Size      int
	Ancestors int
	Chain     bool // it is a chain's end
}

const (
	// samplesPerSize: questions about one lot alone would be answered from the processor's caches. Each is of another site.
	samplesPerSize = 8
)

// sampleSizes are the numbers of ancestors that the speed of a trace is told at.
func sampleSizes() []int { return []int{90, 400, 7000} }

// ancestry counts ancestors in a site's lots.
type ancestry struct {
	lots  []lot
	seen  []int32 // the round in which a lot was last met
	round int32   // of the count under way
	queue []int32
}

func newAncestry(lots []lot) *ancestry {
	return &ancestry{lots: lots, seen: make([]int32, len(lots))}
}

// count is the number of different ancestors of the site's lot number n.
func (a *ancestry) count(n int32) int {
	a.round++
	a.queue = append(a.queue[:0], n)
	for next := 0; next < len(a.queue); next++ {
		for _, in := range a.lots[a.queue[next]].inputs {
			if a.seen[in.lot] != a.round {
				a.seen[in.lot] = a.round
				a.queue = append(a.queue, in.lot)
			}
		}
	}
	return len(a.queue) - 1
}

// find is the first lot with as many ancestors, give or take 1 %, or 5 where that is more; ok is false where the site has
// none. Only lots after the size-th can have so many.
func (a *ancestry) find(size int) (n int32, ancestors int, ok bool) {
	tolerance := max(5, size/100)
	for i := size; i < len(a.lots); i++ {
		found := a.count(int32(i))
		if found >= size-tolerance && found <= size+tolerance {
			return int32(i), found, true
		}
	}
	return 0, 0, false
}

// samples are the site's lots of about each size, and its chain's end.
func (h *history) samples(lots []lot) []Sample {
	var samples []Sample
	if h.plant.number <= samplesPerSize {
		a := newAncestry(lots[:h.plant.lots])
		for _, size := range sampleSizes() {
			if n, ancestors, ok := a.find(size); ok {
				samples = append(samples, Sample{Code: h.made[n].code, Size: size, Ancestors: ancestors})
			}
		}
	}
	if h.plant.chain() {
		samples = append(samples, Sample{Code: h.made[len(h.made)-1].code, Size: chainLots - 1, Ancestors: chainLots - 1, Chain: true})
	}
	return samples
}
