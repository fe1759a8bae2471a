package demo

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/internal/gs1"
)

// ids makes UUIDs of version 7 (RFC 9562, section 5.7) for times that never go back: within a millisecond a counter in
// the 12 bits after the time keeps them ascending.
type ids struct {
	random *rand.Rand
	milli  int64
	count  uint16
}

func newIDs(seed, of uint64) *ids {
	return &ids{random: rand.New(rand.NewPCG(seed, of))}
}

func (g *ids) at(t time.Time) uuid.UUID {
	milli := t.UnixMilli()
	if milli > g.milli {
		g.milli, g.count = milli, 0
	} else {
		g.count++ // at most some hundred rows a millisecond, of 4,096
	}
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[0:8], uint64(g.milli)<<16|0x7000|uint64(g.count))
	binary.BigEndian.PutUint64(id[8:16], 0x8000_0000_0000_0000|g.random.Uint64()>>2)
	return id
}

// arrange puts rows in the order of their times and gives each its id: then ids ascend as things became known.
func arrange[T any](rows []T, g *ids, when func(T) time.Time, give func(T, uuid.UUID)) {
	slices.SortStableFunc(rows, func(a, b T) int { return cmp.Compare(when(a).UnixNano(), when(b).UnixNano()) })
	for _, r := range rows {
		give(r, g.at(when(r)))
	}
}

// numbering counts from 1 for each site, production day and type.
type numbering map[string]int

// code is TYPE-YYYYMMDD-SITE-####.
func (n numbering) code(p *plant, kind string, at time.Time) string {
	head := kind + p.productionDay(at).Format("-20060102-") + p.code
	n[head]++
	return fmt.Sprintf("%s-%04d", head, n[head])
}

// gs1Key is the key on a lot's label: the SSCC of a pallet, GTIN and lot number of a finished good.
func (l *lot) gs1Key() string {
	if l.sscc != "" {
		return gs1.Key{SSCC: l.sscc}.Canonical()
	}
	if l.kind.Role == "FINISHED" {
		number := l.code[len(l.kind.Code)+3:] // without the century and the hyphens, at most 20 characters: AI (10)
		return gs1.Key{GTIN: l.line.products[l.SKU].gtin, Lot: l.kind.Code + number[0:6] + number[7:11] + number[12:]}.Canonical()
	}
	return ""
}
