// Package event is what happened at a site, told to those who listen.
//
// Each change of a site's data adds its events to that site's stream in the same transaction, numbered without a gap: whoever
// has read one has missed none before it. An event says what it is about by id, and whoever is told reloads it: what they
// see is as it is now, under the rights that they have now.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/relay"
)

// Type says what happened. Types are never renamed: clients switch on them.
type Type string

// The types.
const (
	LotRegistered          Type = "LOT_REGISTERED"
	LotStatusChanged       Type = "LOT_STATUS_CHANGED"
	LotChanged             Type = "LOT_CHANGED" // measured, moved
	LotExposed             Type = "LOT_EXPOSED" // one an exposing cause, however many lots it reached; about the lot that is the cause
	ExposureEnded          Type = "EXPOSURE_ENDED"
	TransformationRecorded Type = "TRANSFORMATION_RECORDED"
	TransformationVoided   Type = "TRANSFORMATION_VOIDED"
	RunStarted             Type = "RUN_STARTED"
	RunPhaseAdvanced       Type = "RUN_PHASE_ADVANCED"
	RunStatusChanged       Type = "RUN_STATUS_CHANGED"
	LineMeasured           Type = "LINE_MEASURED" // about the run
	DecisionRecorded       Type = "DECISION_RECORDED"
	MeasurementViolated    Type = "MEASUREMENT_VIOLATED"
	DeviationOpened        Type = "DEVIATION_OPENED"
	DeviationChanged       Type = "DEVIATION_CHANGED"
	RecallOpened           Type = "RECALL_OPENED"
	RecallClosed           Type = "RECALL_CLOSED"
	AlertRaised            Type = "ALERT_RAISED"
	AlertAcknowledged      Type = "ALERT_ACKNOWLEDGED"
	MasterDataChanged      Type = "MASTER_DATA_CHANGED" // a partner, product, location, equipment, buffer, scenario or the site itself
)

// Lifetime is how long events are kept for those who were away.
const Lifetime = 7 * 24 * time.Hour

// Event is one thing that happened.
type Event struct {
	Type    Type
	Site    int32
	Subject relay.ID
	Run     *uuid.UUID     // in which it happened; nil for none
	Data    map[string]any // what can't be reloaded, because it is different now; nil for nothing
}

// Append adds events of one site to its stream, in their order, in the transaction of q. Call it last: it locks the site's head
// until the transaction ends.
func Append(ctx context.Context, q *db.Queries, newID func() uuid.UUID, at time.Time, site int32, events []Event) error {
	p := db.AppendEventsParams{OccurredAt: at, SiteID: site}
	for _, e := range events {
		data := []byte("{}")
		if e.Data != nil {
			var err error
			if data, err = json.Marshal(e.Data); err != nil {
				return fmt.Errorf("encode the event %s: %w", e.Type, err)
			}
		}
		run := uuid.Nil
		if e.Run != nil {
			run = *e.Run
		}
		p.Ids = append(p.Ids, newID())
		p.Types = append(p.Types, string(e.Type))
		p.SubjectKinds = append(p.SubjectKinds, e.Subject.Kind.String())
		p.SubjectIds = append(p.SubjectIds, e.Subject.UUID)
		p.RunIds = append(p.RunIds, run)
		p.Data = append(p.Data, string(data))
	}
	if err := db.Later(q).AppendEvents(ctx, p); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}
