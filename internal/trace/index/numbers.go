package index

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/google/uuid"
)

// numbers are compact numbers of lots, from 0, in the order in which they came, and the way back. Those of older indexes share the
// memory of newer ones, which only add to it: a lot keeps its number.
type numbers struct {
	seed  maphash.Seed
	ids   []uuid.UUID
	sites []int32
	// slots is an open-addressing hash table of numbers + 1, 0 where a slot is free; its length is a power of 2. A Go map of ids
	// would take four times as much memory. Who adds writes to it while others find: hence atomic.
	slots []uint32
}

const fewestSlots = 1 << 10

func newNumbers() numbers {
	return numbers{seed: maphash.MakeSeed(), slots: make([]uint32, fewestSlots)}
}

// find is the number of a lot. A number that a newer index has added is passed by.
func (n *numbers) find(id uuid.UUID) (uint32, bool) {
	mask := uint64(len(n.slots) - 1)
	for at := maphash.Bytes(n.seed, id[:]) & mask; ; at = (at + 1) & mask {
		slot := atomic.LoadUint32(&n.slots[at])
		if slot == 0 {
			return 0, false
		}
		if lot := slot - 1; int(lot) < len(n.ids) && n.ids[lot] == id {
			return lot, true
		}
	}
}

// number finds a lot, or adds it. Only one goroutine adds, and only to the newest.
func (n *numbers) number(id uuid.UUID, site int32) uint32 {
	if lot, ok := n.find(id); ok {
		return lot
	}
	lot := uint32(len(n.ids))
	n.ids, n.sites = append(n.ids, id), append(n.sites, site)
	if 4*len(n.ids) > 3*len(n.slots) {
		n.slots = make([]uint32, 2*len(n.slots))
		for i := range n.ids {
			n.enter(uint32(i))
		}
	} else {
		n.enter(lot)
	}
	return lot
}

func (n *numbers) enter(lot uint32) {
	mask := uint64(len(n.slots) - 1)
	at := maphash.Bytes(n.seed, n.ids[lot][:]) & mask
	for atomic.LoadUint32(&n.slots[at]) != 0 {
		at = (at + 1) & mask
	}
	atomic.StoreUint32(&n.slots[at], lot+1)
}
