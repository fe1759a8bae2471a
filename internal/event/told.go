package event

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Told is an event as it stands in its site's stream.
type Told struct {
	db.Event

	// Cursor is the place behind it, of whoever is told: in the streams of other sites too. "" before somebody is.
	Cursor relay.Cursor
}

// With is the event with a cursor.
func (t *Told) With(cursor relay.Cursor) *Told { return &Told{t.Event, cursor} }

// Of tells whether it happened in a run.
func (t *Told) Of(run uuid.UUID) bool { return t.RunID != nil && *t.RunID == run }

// GlobalID is the event's id in the API.
func (t *Told) GlobalID() relay.ID {
	return relay.ID{Kind: relay.Event, Site: t.SiteID, UUID: t.ID}
}

// What says what happened.
func (t *Told) What() Type { return Type(t.Type) }

// IsEvent marks what the API shows as an event.
func (*Told) IsEvent() {}

// Subject is the id of what it is about; ok is false for a type that the API doesn't know (any more).
func (t *Told) Subject() (id relay.ID, ok bool) {
	kind, ok := relay.KindOf(t.SubjectKind)
	return relay.ID{Kind: kind, Site: t.SiteID, UUID: t.SubjectID}, ok
}

// details are what events hold that can't be reloaded.
type details struct {
	Before  any               `json:"before"` // a status, or the number of a phase
	After   any               `json:"after"`
	Reason  *string           `json:"reason"`
	Lots    *int32            `json:"lots"`
	Gate    *quantity.Decimal `json:"gate"`
	Message *string           `json:"message"`
}

func (t *Told) details() (details, error) {
	var d details
	if err := json.Unmarshal(t.Data, &d); err != nil {
		return d, fmt.Errorf("read event %d of site %d: %w", t.Sequence, t.SiteID, err)
	}
	return d, nil
}

// text is a detail that is a text; nil where it is absent, or something else.
func text[S ~string](detail any) *S {
	if s, ok := detail.(string); ok {
		return new(S(s))
	}
	return nil
}

// number is a detail that is a whole number; nil where it is absent, or something else.
func number(detail any) *int32 {
	if n, ok := detail.(float64); ok {
		return new(int32(n))
	}
	return nil
}

// What an event is about decides how it is shown.
type (
	// Decision tells of a decision at a gate.
	Decision struct{ *Told }
	// Lot tells of one lot.
	Lot struct{ *Told }
	// Exposure tells that a lot began or ceased to expose what was made of it.
	Exposure struct{ *Told }
	// Transformation tells of a transformation.
	Transformation struct{ *Told }
	// Run tells of a run.
	Run struct{ *Told }
	// Measurement tells of a reading beyond a limit.
	Measurement struct{ *Told }
	// Alert tells of an alert.
	Alert struct{ *Told }
	// Deviation tells of a deviation.
	Deviation struct{ *Told }
	// Recall tells of a recall.
	Recall struct{ *Told }
	// Change tells of anything else.
	Change struct{ *Told }
)

// Shown is the event as the API shows it.
func (t *Told) Shown() Object {
	switch t.What() {
	case DecisionRecorded:
		return &Decision{t}
	case LotRegistered, LotStatusChanged, LotChanged:
		return &Lot{t}
	case LotExposed, ExposureEnded:
		return &Exposure{t}
	case TransformationRecorded, TransformationVoided:
		return &Transformation{t}
	case RunStarted, RunPhaseAdvanced, RunStatusChanged, LineMeasured:
		return &Run{t}
	case MeasurementViolated:
		return &Measurement{t}
	case AlertRaised, AlertAcknowledged:
		return &Alert{t}
	case DeviationOpened, DeviationChanged:
		return &Deviation{t}
	case RecallOpened, RecallClosed:
		return &Recall{t}
	case MasterDataChanged:
		return &Change{t}
	}
	return &Change{t} // a newer replica's, while servers are replaced one by one
}

// Object is one of the types above.
type Object interface{ IsEvent() }

// StatusBefore is what the lot's status was, as the API calls it; nil where it didn't change.
func (l *Lot) StatusBefore() (*string, error) {
	d, err := l.details()
	return text[string](d.Before), err
}

// Reason is why the lot exposes; nil where it is no longer one's cause.
func (e *Exposure) Reason() (*db.ExposureReason, error) {
	d, err := e.details()
	if d.Reason == nil {
		return nil, err
	}
	return new(db.ExposureReason(*d.Reason)), err
}

// LotCount is how many lots it reaches; nil for a single one that was cleared.
func (e *Exposure) LotCount() (*int32, error) {
	d, err := e.details()
	return d.Lots, err
}

// StatusBefore is what the run's status was; nil where it didn't change.
func (r *Run) StatusBefore() (*db.RunStatus, error) {
	d, err := r.details()
	return text[db.RunStatus](d.Before), err
}

// PhaseBefore is the number of the phase that the run has left; nil where it hasn't.
func (r *Run) PhaseBefore() (*int32, error) {
	d, err := r.details()
	return number(d.Before), err
}

// Gate is the number of the gate whose limit it is.
func (m *Measurement) Gate() (*quantity.Decimal, error) {
	d, err := m.details()
	return d.Gate, err
}

// Message says which limit, and what was read.
func (m *Measurement) Message() (string, error) {
	d, err := m.details()
	if d.Message == nil {
		return "", err
	}
	return *d.Message, err
}
