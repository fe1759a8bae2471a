package demo

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// buffer is a store of a line, with what lies in it when the history ends.
type buffer struct {
	definition.Buffer
	id   uuid.UUID
	used quantity.Decimal
	lots []uuid.UUID
}

// locations writes where at the plants things are, from the buffers and the equipment of the scenarios that they run, and puts
// what is still there into its place.
func (w *writer) locations(ctx context.Context, q *db.Queries, g *ids) error {
	for _, l := range w.h.lines() {
		if err := w.locationsOf(ctx, q, g, l); err != nil {
			return err
		}
	}
	return nil
}

// lines are all lines that ran, in the order of their first runs.
func (h *history) lines() (lines []*line) {
	for _, r := range h.runs {
		if !slices.Contains(lines, r.line) {
			lines = append(lines, r.line)
		}
	}
	return lines
}

func (w *writer) locationsOf(ctx context.Context, q *db.Queries, g *ids, l *line) error {
	at, site := l.at(0, 8, 0), w.site(l)
	place := func(p db.InsertLocationParams) (uuid.UUID, error) {
		p.ID, p.SiteID, p.Code = g.at(at), site, l.prefix()+p.Code
		_, err := q.InsertLocation(ctx, p)
		return p.ID, err
	}
	if _, err := place(db.InsertLocationParams{Code: "DOCK", Name: "Loading dock, " + l.def.Name.En, Kind: db.LocationKindDOCK}); err != nil {
		return err
	}
	hall, err := place(db.InsertLocationParams{Code: "HALL", Name: "Production hall, " + l.def.Name.En, Kind: db.LocationKindAREA})
	if err != nil {
		return err
	}
	var buffers []*buffer
	for _, def := range l.def.Buffers {
		id, err := place(db.InsertLocationParams{
			Code: def.Code, Name: def.Name.En, Kind: db.LocationKindBUFFER, LotTypes: def.LotTypes, CapacityKg: &def.CapacityKg.Decimal,
			TemperatureMinC: &def.TempMinC.Decimal, TemperatureMaxC: &def.TempMaxC.Decimal,
		})
		if err != nil {
			return err
		}
		buffers = append(buffers, &buffer{Buffer: def, id: id})
	}
	for _, def := range l.def.Equipment {
		if _, err := q.InsertEquipment(ctx, db.InsertEquipmentParams{
			ID: g.at(at), SiteID: site, Code: l.prefix() + def.Code, Name: def.Name.En, Kind: kindOf(def), LocationID: &hall, Phases: []int32{int32(def.Phase)},
		}); err != nil {
			return err
		}
	}
	return w.fill(ctx, q, l, buffers)
}

// prefix keeps the codes of a plant's two lines apart: its ready meals came second.
func (l *line) prefix() string {
	if l.def.Key == "chilled-ready-meal" {
		return "RM-"
	}
	return ""
}

// equipmentKinds are by the letters of a code.
var equipmentKinds = map[string]db.EquipmentKind{
	"SCL": db.EquipmentKindSCALE, "CW": db.EquipmentKindSCALE, "TUM": db.EquipmentKindTUMBLER, "FRZ": db.EquipmentKindFREEZER, "BC": db.EquipmentKindCHILLER,
	"PC": db.EquipmentKindCHILLER, "MD": db.EquipmentKindMETALDETECTOR, "KET": db.EquipmentKindKETTLE, "DEP": db.EquipmentKindFILLER, "FIL": db.EquipmentKindFILLER,
	"TS": db.EquipmentKindSEALER, "SILO": db.EquipmentKindTANK, "FT": db.EquipmentKindTANK, "PAST": db.EquipmentKindPASTEURIZER,
}

func kindOf(def definition.Equipment) db.EquipmentKind {
	if kind, ok := equipmentKinds[strings.TrimRight(def.Code, "0123456789")]; ok {
		return kind
	}
	return db.EquipmentKindOTHER
}

// fill puts each lot that is still there into the first of its line's buffers that takes it and has room; where none has, the lot
// lies nowhere.
func (w *writer) fill(ctx context.Context, q *db.Queries, l *line, buffers []*buffer) error {
	for _, lot := range w.h.lots {
		there := lot.status == db.LotStatusQUARANTINE || lot.status == db.LotStatusRELEASED
		if lot.line != l || !there || lot.unknown || lot.counted() || lot.left <= 0 {
			continue
		}
		for _, b := range buffers {
			if b.takes(lot) {
				b.lots = append(b.lots, lot.id)
				break
			}
		}
	}
	for _, b := range buffers {
		if err := q.PlaceLots(ctx, db.PlaceLotsParams{LocationID: b.id, Ids: b.lots, SiteID: w.site(l)}); err != nil {
			return err
		}
	}
	return nil
}

// takes makes room for a lot, where there is some.
func (b *buffer) takes(l *lot) bool {
	if !slices.Contains(b.LotTypes, l.kind.Code) {
		return false
	}
	if l.temperature != nil {
		if c := quantity.MustParse(decimal(*l.temperature, 2)); c.Cmp(b.TempMinC.Decimal) < 0 || c.Cmp(b.TempMaxC.Decimal) > 0 {
			return false
		}
	}
	used, err := b.used.Add(quantity.Grams(l.left))
	if err != nil || used.Cmp(b.CapacityKg.Decimal) > 0 {
		return false
	}
	b.used = used
	return true
}
