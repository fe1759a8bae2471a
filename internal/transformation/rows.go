package transformation

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
)

// rows are what db.Queries.RecordTransformations writes, by the names that it reads.
type rows struct {
	lots            []lotRow
	announced       []lotRow // made now, registered before
	transformations []transformationRow
	inputs, outputs []itemRow
}

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
	RegisteredAt time.Time         `json:"registered_at"`
	RegisteredBy *uuid.UUID        `json:"registered_by"`
}

type transformationRow struct {
	ID         uuid.UUID             `json:"id"`
	Kind       db.TransformationKind `json:"kind"`
	OccurredAt time.Time             `json:"occurred_at"`
	RecordedAt time.Time             `json:"recorded_at"`
	RunID      *uuid.UUID            `json:"run_id"`
	PhaseID    *uuid.UUID            `json:"phase_id"`
	PartnerID  *uuid.UUID            `json:"partner_id"`
	Equipment  *string               `json:"equipment"`
	RecordedBy *uuid.UUID            `json:"recorded_by"`
}

type itemRow struct {
	TransformationID uuid.UUID         `json:"transformation_id"`
	LotID            uuid.UUID         `json:"lot_id"`
	QuantityKg       *quantity.Decimal `json:"quantity_kg"`
	Quantity         *quantity.Decimal `json:"quantity"`
	Unit             *string           `json:"unit"`
}

func (r *rows) params(site int32) (db.RecordTransformationsParams, error) {
	lots, err1 := array(r.lots)
	transformations, err2 := array(r.transformations)
	inputs, err3 := array(r.inputs)
	outputs, err4 := array(r.outputs)
	return db.RecordTransformationsParams{
		SiteID: site, Lots: lots, Transformations: transformations, Inputs: inputs, Outputs: outputs,
	}, errors.Join(err1, err2, err3, err4)
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
