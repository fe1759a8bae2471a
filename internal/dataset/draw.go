package dataset

import "math/rand/v2"

const (
	// window is how far back a lot's parents lie at most, in lots of its site.
	window = 400
	// chainLots are a chain's: one of raw material, and 5,000 steps from it.
	chainLots = 5001
	// chainEvery: one site in so many has a chain, the first being the 50th.
	chainEvery = 50
)

// lot is a lot of a site's history while it is drawn. Weights are in grams.
type lot struct {
	weight, remaining int64
	inputs            []input // none: raw material
}

// input is what a lot took of another, which the site made as its lot number `lot`, from 0.
type input struct {
	lot   int32
	grams int64
}

// drawLots draws n lots in the order of their making.
func drawLots(r *rand.Rand, n int) []lot {
	lots := make([]lot, n)
	inputs := make([]input, 0, 3*n) // one block for all: lots hold parts of it
	for i := range lots {
		first := len(inputs)
		if r.IntN(100) >= 30 {
			inputs = drawInputs(r, lots[:i], inputs)
		}
		lots[i] = newLot(r, inputs[first:len(inputs):len(inputs)])
	}
	return lots
}

func newLot(r *rand.Rand, inputs []input) lot {
	var weight int64
	for _, in := range inputs {
		weight += in.grams
	}
	if len(inputs) == 0 {
		weight = 50_000 + r.Int64N(200_000)
	}
	return lot{weight: weight, remaining: weight, inputs: inputs}
}

// drawInputs takes from one, two or three of the last lots made (5 %, 20 %, 75 %: 2.7 on average) and appends what it
// took. The nearer of two draws is taken: likelihood falls evenly, from the last lot to almost nothing at the 400th.
func drawInputs(r *rand.Rand, made []lot, inputs []input) []input {
	reach := min(window, len(made))
	if reach == 0 {
		return inputs
	}
	first := len(inputs)
	wanted := parentCount(r)
	// A lot that was used up or chosen before is drawn again, within limits: the first lots of a site have few before them.
	for tries := 0; tries < 40 && len(inputs)-first < wanted; tries++ {
		parent := int32(len(made) - 1 - min(r.IntN(reach), r.IntN(reach)))
		if made[parent].remaining == 0 || contains(inputs[first:], parent) {
			continue
		}
		grams := take(r, made[parent].remaining)
		made[parent].remaining -= grams
		inputs = append(inputs, input{parent, grams})
	}
	return inputs
}

func parentCount(r *rand.Rand) int {
	switch p := r.IntN(100); {
	case p < 5:
		return 1
	case p < 25:
		return 2
	default:
		return 3
	}
}

// take is how much of what remains a lot takes: a quarter to three quarters, or all, so that some lots are used up.
func take(r *rand.Rand, remaining int64) int64 {
	if r.IntN(4) == 0 || remaining < 1000 {
		return remaining
	}
	return remaining * (25 + r.Int64N(51)) / 100
}

func contains(inputs []input, lot int32) bool {
	for _, in := range inputs {
		if in.lot == lot {
			return true
		}
	}
	return false
}

// appendChain adds a chain to a site's lots: a raw one, then each made of the whole of the one before.
func appendChain(r *rand.Rand, lots []lot) []lot {
	lots = append(lots, newLot(r, nil))
	for range chainLots - 1 {
		last := &lots[len(lots)-1]
		in := input{lot: int32(len(lots) - 1), grams: last.remaining}
		last.remaining = 0
		lots = append(lots, newLot(r, []input{in}))
	}
	return lots
}
