package transformation

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
)

// rows are what db.Queries.RecordTransformations writes.
type rows struct {
	lots            []lotRow
	announced       []lotRow // made now, registered before
	transformations []transformationRow
	inputs, outputs []itemRow
}

// lotRow has the names by which db.Queries.MakeAnnouncedLots reads it.
type lotRow struct {
	ID           uuid.UUID         `json:"id"`
	Code         string            `json:"code"`
	GS1Key       *string           `json:"gs1_key"`
	LotTypeID    uuid.UUID         `json:"lot_type_id"`
	Status       db.LotStatus      `json:"status"`
	Source       db.LotSource      `json:"source"`
	WeightKg     *quantity.Decimal `json:"weight_kg"`
	Quantity     *quantity.Decimal `json:"quantity"`
	Unit         *string           `json:"unit"`
	TemperatureC *quantity.Decimal `json:"temperature_c"`
	Attributes   lot.Attributes    `json:"attributes"`
	SupplierID   *uuid.UUID        `json:"supplier_id"`
	ProductID    *uuid.UUID        `json:"product_id"`
	LocationID   *uuid.UUID        `json:"location_id"`
	RunID        *uuid.UUID        `json:"run_id"`
	PhaseID      *uuid.UUID        `json:"phase_id"`
	OccurredAt   time.Time         `json:"occurred_at"`
}

type transformationRow struct {
	ID         uuid.UUID
	Kind       db.TransformationKind
	OccurredAt time.Time
	RunID      *uuid.UUID
	PhaseID    *uuid.UUID
	PartnerID  *uuid.UUID
	Equipment  *string
}

type itemRow struct {
	TransformationID uuid.UUID
	LotID            uuid.UUID
	QuantityKg       *quantity.Decimal
	Quantity         *quantity.Decimal
	Unit             *string
}

// params are the rows by columns; at and by are when they are recorded, and by whom.
func (r *rows) params(site int32, at time.Time, by *uuid.UUID) (db.RecordTransformationsParams, error) {
	attributes := make([]string, len(r.lots))
	for i := range r.lots {
		encoded, err := json.Marshal(r.lots[i].Attributes)
		if err != nil {
			return db.RecordTransformationsParams{}, fmt.Errorf("encode a lot: %w", err)
		}
		attributes[i] = string(encoded)
	}
	return db.RecordTransformationsParams{
		SiteID: site, RecordedAt: at, RecordedBy: by,

		LotIds:           column(r.lots, func(l *lotRow) uuid.UUID { return l.ID }),
		LotCodes:         column(r.lots, func(l *lotRow) string { return l.Code }),
		LotGS1Keys:       column(r.lots, func(l *lotRow) string { return db.OrZero(l.GS1Key) }),
		LotTypeIds:       column(r.lots, func(l *lotRow) uuid.UUID { return l.LotTypeID }),
		LotStatuses:      column(r.lots, func(l *lotRow) string { return string(l.Status) }),
		LotSources:       column(r.lots, func(l *lotRow) string { return string(l.Source) }),
		LotWeightsKg:     column(r.lots, func(l *lotRow) string { return written(l.WeightKg) }),
		LotQuantities:    column(r.lots, func(l *lotRow) string { return written(l.Quantity) }),
		LotUnits:         column(r.lots, func(l *lotRow) string { return db.OrZero(l.Unit) }),
		LotTemperaturesC: column(r.lots, func(l *lotRow) string { return written(l.TemperatureC) }),
		LotAttributes:    attributes,
		LotSupplierIds:   column(r.lots, func(l *lotRow) uuid.UUID { return db.OrZero(l.SupplierID) }),
		LotProductIds:    column(r.lots, func(l *lotRow) uuid.UUID { return db.OrZero(l.ProductID) }),
		LotLocationIds:   column(r.lots, func(l *lotRow) uuid.UUID { return db.OrZero(l.LocationID) }),
		LotRunIds:        column(r.lots, func(l *lotRow) uuid.UUID { return db.OrZero(l.RunID) }),
		LotPhaseIds:      column(r.lots, func(l *lotRow) uuid.UUID { return db.OrZero(l.PhaseID) }),
		LotsOccurredAt:   column(r.lots, func(l *lotRow) time.Time { return l.OccurredAt }),

		TransformationIds: column(r.transformations, func(t *transformationRow) uuid.UUID { return t.ID }),
		Kinds:             column(r.transformations, func(t *transformationRow) string { return string(t.Kind) }),
		OccurredAt:        column(r.transformations, func(t *transformationRow) time.Time { return t.OccurredAt }),
		RunIds:            column(r.transformations, func(t *transformationRow) uuid.UUID { return db.OrZero(t.RunID) }),
		PhaseIds:          column(r.transformations, func(t *transformationRow) uuid.UUID { return db.OrZero(t.PhaseID) }),
		PartnerIds:        column(r.transformations, func(t *transformationRow) uuid.UUID { return db.OrZero(t.PartnerID) }),
		Equipment:         column(r.transformations, func(t *transformationRow) string { return db.OrZero(t.Equipment) }),

		UsedBy:         column(r.inputs, (*itemRow).transformation),
		UsedLotIds:     column(r.inputs, (*itemRow).lot),
		UsedKg:         column(r.inputs, (*itemRow).kg),
		UsedQuantities: column(r.inputs, (*itemRow).pieces),
		UsedUnits:      column(r.inputs, (*itemRow).unit),

		MadeBy:         column(r.outputs, (*itemRow).transformation),
		MadeLotIds:     column(r.outputs, (*itemRow).lot),
		MadeKg:         column(r.outputs, (*itemRow).kg),
		MadeQuantities: column(r.outputs, (*itemRow).pieces),
		MadeUnits:      column(r.outputs, (*itemRow).unit),
	}, nil
}

func (i *itemRow) transformation() uuid.UUID { return i.TransformationID }
func (i *itemRow) lot() uuid.UUID            { return i.LotID }
func (i *itemRow) kg() string                { return written(i.QuantityKg) }
func (i *itemRow) pieces() string            { return written(i.Quantity) }
func (i *itemRow) unit() string              { return db.OrZero(i.Unit) }

func column[R, V any](rows []R, of func(*R) V) []V {
	values := make([]V, len(rows))
	for i := range rows {
		values[i] = of(&rows[i])
	}
	return values
}

func written(value *quantity.Decimal) string {
	if value == nil {
		return ""
	}
	return value.String()
}

// array is a JSON array, also of nothing.
func array[T any](rows []T) (json.RawMessage, error) {
	if rows == nil {
		rows = []T{}
	}
	encoded, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("encode a transformation: %w", err)
	}
	return encoded, nil
}
