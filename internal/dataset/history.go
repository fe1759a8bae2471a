package dataset

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"flowviz/db"
	"flowviz/internal/quantity"
)

// period is how long every site's history takes. 06:00 UTC on its first day is where production days begin.
const period = 180 * 24 * time.Hour

func periodStart() time.Time { return time.Date(2025, time.January, 1, 6, 0, 0, 0, time.UTC) }

// deliveryLots is how many raw lots one delivery brings at most.
const deliveryLots = 40

// history is what one site writes: rows for each table, built in the order of its lots' making.
type history struct {
	plant plant
	types lotTypes
	r     *rand.Rand

	lots, transformations, inputs, outputs, links *rows

	made     []made
	numbers  map[string]int // how many lots have a code of this type and day
	delivery delivery
}

// delivery is one receipt of raw lots, which are booked in one after the other.
type delivery struct {
	transformation uuid.UUID
	at             time.Time
	room           int // for so many lots more
}

// made is what later lots and the samples ask of a lot written.
type made struct {
	id   uuid.UUID
	code string
}

// record writes down the history of the lots drawn.
func record(r *rand.Rand, p plant, types lotTypes, numeric pgtype.EncodePlan, lots []lot) *history {
	const item = "transformation_id, lot_id, site_id, quantity_kg"
	h := &history{
		plant: p, types: types,
		lots:            newRows(numeric, "lot", "id, site_id, code, lot_type_id, status, source, intricate, weight_kg, remaining_kg, temperature_c, occurred_at, registered_at"),
		transformations: newRows(numeric, "transformation", "id, site_id, kind, occurred_at, recorded_at"),
		inputs:          newRows(numeric, "transformation_input", item),
		outputs:         newRows(numeric, "transformation_output", item),
		links:           newRows(numeric, "lot_genealogy", "child_id, parent_id, transformation_id, site_id, parent_site_id"),
		r:               r, numbers: map[string]int{}, made: make([]made, 0, len(lots)),
	}
	for i, l := range lots {
		if i == p.lots {
			h.delivery = delivery{} // the chain's raw lot came on the first day, the last delivery long after
		}
		h.lot(i, l)
	}
	return h
}

// bookedIn is when the site registered its i-th lot: lots follow each other at even intervals, a chain's beside the others.
func (h *history) bookedIn(i int) time.Time {
	if i < h.plant.lots {
		return periodStart().Add(time.Duration(i) * (period / time.Duration(h.plant.size)))
	}
	return periodStart().Add(time.Duration(i-h.plant.lots) * (period / chainLots))
}

func (h *history) lot(i int, l lot) {
	bookedIn := h.bookedIn(i)
	id := newID(h.r, bookedIn)
	occurredAt := bookedIn
	lotType := h.types.raw
	var transformation uuid.UUID
	if len(l.inputs) == 0 {
		transformation, occurredAt = h.receive(bookedIn)
	} else {
		lotType = h.types.made[i%len(h.types.made)]
		transformation = h.process(id, bookedIn, l.inputs)
	}
	status := db.LotStatusRELEASED
	if l.remaining == 0 {
		status = db.LotStatusCONSUMED
	}
	weight, code := quantity.Grams(l.weight), h.code(lotType.Code, occurredAt)
	h.lots.row().id(id).integer(h.plant.id).text(code).id(lotType.ID).text(string(status)).text(string(db.LotSourceDEVICE)).truth(false).
		decimal(weight).decimal(quantity.Grams(l.remaining)).decimal(h.temperature()).time(occurredAt).time(bookedIn)
	h.outputs.row().id(transformation).id(id).integer(h.plant.id).decimal(weight)
	h.made = append(h.made, made{id, code})
}

// receive is the delivery that a raw lot came with and when it came: the open one, or a new one when that is full.
func (h *history) receive(at time.Time) (uuid.UUID, time.Time) {
	d := &h.delivery
	if d.room == 0 {
		*d = delivery{h.transformation(db.TransformationKindRECEIVE, at), at, 1 + h.r.IntN(deliveryLots)}
	}
	d.room--
	return d.transformation, d.at
}

// process makes a lot of others.
func (h *history) process(child uuid.UUID, at time.Time, inputs []input) uuid.UUID {
	id := h.transformation(db.TransformationKindPROCESS, at)
	for _, in := range inputs {
		parent := h.made[in.lot].id
		h.inputs.row().id(id).id(parent).integer(h.plant.id).decimal(quantity.Grams(in.grams))
		h.links.row().id(child).id(parent).id(id).integer(h.plant.id).integer(h.plant.id)
	}
	return id
}

func (h *history) transformation(kind db.TransformationKind, at time.Time) uuid.UUID {
	id := newID(h.r, at)
	h.transformations.row().id(id).integer(h.plant.id).text(string(kind)).time(at).time(at)
	return id
}

// code is the next one of a type on a production day.
func (h *history) code(lotType string, at time.Time) string {
	day := periodStart().Add(at.Sub(periodStart()).Truncate(24 * time.Hour)).Format("20060102")
	prefix := strings.Join([]string{lotType, day, h.plant.code()}, "-")
	h.numbers[prefix]++
	return fmt.Sprintf("%s-%04d", prefix, h.numbers[prefix])
}

// newID is a UUIDv7 (RFC 9562, section 5.7) of a time and seeded bits.
func newID(r *rand.Rand, at time.Time) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|0x7000|r.Uint64()&0x0fff)
	binary.BigEndian.PutUint64(id[8:], 0x8000_0000_0000_0000|r.Uint64()&0x3fff_ffff_ffff_ffff)
	return id
}

// temperature is one of a cold room's, 0.00 to 7.00 °C.
func (h *history) temperature() quantity.Decimal {
	return quantity.Grams(int64(h.r.IntN(701)) * 10).Round(2)
}
