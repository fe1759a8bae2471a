package dataset

import "slices"

// Sample is a lot worth asking for the ancestors of, or for the descendants.
type Sample struct {
	Code        string
	Descendants bool
	// Size is the group that the sample belongs to: 90, 400 and 7,000 ancestors or descendants, more or less, or the 5,000 of a chain's end.
	Size  int
	Kin   int  // how many there are
	Chain bool // it is a chain's end
}

const (
	// samplesPerSize: questions about one lot alone would be answered from the processor's caches. Each is of another site.
	samplesPerSize = 8
)

// sampleSizes are the numbers of ancestors and descendants that the speed of a trace is told at.
func sampleSizes() []int { return []int{90, 400, 7000} }

// kinship counts ancestors or descendants in a site's lots.
type kinship struct {
	next  [][]int32 // by lot, where its links lead to
	seen  []int32   // the round in which a lot was last met
	round int32     // of the count under way
	queue []int32
}

func ancestry(lots []lot) *kinship {
	k := &kinship{next: make([][]int32, len(lots)), seen: make([]int32, len(lots))}
	for n, l := range lots {
		for _, in := range l.inputs {
			k.next[n] = append(k.next[n], in.lot)
		}
	}
	return k
}

func descent(lots []lot) *kinship {
	k := &kinship{next: make([][]int32, len(lots)), seen: make([]int32, len(lots))}
	for n, l := range lots {
		for _, in := range l.inputs {
			k.next[in.lot] = append(k.next[in.lot], int32(n))
		}
	}
	return k
}

// count is the number of different lots that the site's lot number n leads to.
func (k *kinship) count(n int32) int {
	k.round++
	k.queue = append(k.queue[:0], n)
	for next := 0; next < len(k.queue); next++ {
		for _, to := range k.next[k.queue[next]] {
			if k.seen[to] != k.round {
				k.seen[to] = k.round
				k.queue = append(k.queue, to)
			}
		}
	}
	return len(k.queue) - 1
}

// find is the first of lots that leads to as many, give or take 1 %, or 5 where that is more; ok is false where none does.
func (k *kinship) find(size int, lots []int32) (n int32, kin int, ok bool) {
	tolerance := max(5, size/100)
	for _, n := range lots {
		if found := k.count(n); found >= size-tolerance && found <= size+tolerance {
			return n, found, true
		}
	}
	return 0, 0, false
}

// samples are the site's lots of about each size, and its chain's end.
func (h *history) samples(lots []lot) []Sample {
	var samples []Sample
	if h.plant.number <= samplesPerSize {
		lots = lots[:h.plant.lots]
		numbers := make([]int32, len(lots))
		for i := range numbers {
			numbers[i] = int32(i)
		}
		back, forward := ancestry(lots), descent(lots)
		for _, size := range sampleSizes() {
			if size >= len(lots) {
				break
			}
			// Only lots after the size-th can have so many ancestors, and only those before the size-th to last so many descendants.
			if n, kin, ok := back.find(size, numbers[size:]); ok {
				samples = append(samples, Sample{Code: h.made[n].code, Size: size, Kin: kin})
			}
			early := slices.Clone(numbers[:len(lots)-size])
			slices.Reverse(early)
			if n, kin, ok := forward.find(size, early); ok {
				samples = append(samples, Sample{Code: h.made[n].code, Descendants: true, Size: size, Kin: kin})
			}
		}
	}
	if h.plant.chain() {
		samples = append(samples, Sample{Code: h.made[len(h.made)-1].code, Size: chainLots - 1, Kin: chainLots - 1, Chain: true})
	}
	return samples
}
