package transformation

import (
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/event"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// loggedTransformation is what the log keeps of a transformation.
type loggedTransformation struct {
	Inputs      []loggedInput         `json:"inputs"`
	Kind        db.TransformationKind `json:"kind"`
	OccurredAt  time.Time             `json:"occurredAt"`
	Outputs     []loggedOutput        `json:"outputs"`
	ShippedLots []loggedShipped       `json:"shippedLots,omitempty"`
}

type loggedInput struct {
	Lot        string            `json:"lot"`
	Quantity   *quantity.Decimal `json:"quantity"`
	QuantityKg *quantity.Decimal `json:"quantityKg"`
}

type loggedShipped struct {
	loggedInput
	Site string `json:"site"`
}

type loggedOutput struct {
	Lot          string            `json:"lot"`
	Quantity     *quantity.Decimal `json:"quantity"`
	TemperatureC *quantity.Decimal `json:"temperatureC"`
	WeightKg     *quantity.Decimal `json:"weightKg"`
}

// loggedLot is what the log keeps of a lot that was made; how, where it was registered by itself.
type loggedLot struct {
	Announced      *bool        `json:"announced,omitempty"`
	Status         db.LotStatus `json:"status"`
	Transformation string       `json:"transformation,omitempty"`
	*loggedTransformation
}

// tell puts an entry into the log and the stream. A lot that is registered is one act, and one event of the log: the lot's, with what it was made of. Two
// of them cost a batch of lots a tenth of its time.
func (b *booking) tell(e *entry) {
	subject := relay.ID{Kind: relay.Transformation, Site: b.site.ID, UUID: e.id}
	var made *loggedTransformation
	if e.single {
		made = e.logged()
	} else {
		b.tx.Audit(audit.Entry{
			Site: b.site.ID, Action: audit.RecordTransformation, Subject: subject, Label: fmt.Sprintf("%s %s", e.Kind, b.labelOf(e)), After: e.logged(),
		})
	}
	b.tx.Tell(event.Event{Type: event.TransformationRecorded, Site: b.site.ID, Subject: subject, Run: e.runKey()})
	for i := range e.made {
		b.tellMade(e, i, loggedLot{Status: e.statuses[i], Transformation: subject.String(), loggedTransformation: made})
	}
	for _, d := range e.draws {
		if d.empties {
			lotID := relay.ID{Kind: relay.Lot, Site: b.site.ID, UUID: d.use.ID}
			b.tx.Tell(event.Event{Type: event.LotStatusChanged, Site: b.site.ID, Subject: lotID, Run: e.runKey(), Data: map[string]any{"before": d.use.Status()}})
		}
	}
}

// tellMade tells of one of the lots that an entry made.
func (b *booking) tellMade(e *entry, i int, after loggedLot) {
	subject := relay.ID{Kind: relay.Lot, Site: b.site.ID, UUID: e.made[i]}
	log := audit.Entry{Site: b.site.ID, Action: audit.RegisterLot, Subject: subject, Label: e.codes[i], After: &after}
	tell := event.Event{Type: event.LotRegistered, Site: b.site.ID, Subject: subject, Run: e.runKey()}
	if was := e.announced[i]; was != nil {
		before := was.Lot.Lot.Status
		log.Before, after.Announced = loggedLot{Announced: new(true), Status: before}, new(false)
		tell.Type = event.LotChanged
		if after.Status != before {
			tell.Type, tell.Data = event.LotStatusChanged, map[string]any{"before": was.Status(), "after": after.Status}
		}
	}
	b.tx.Audit(log)
	b.tx.Tell(tell)
}

func (e *entry) logged() *loggedTransformation {
	l := &loggedTransformation{Kind: e.Kind, OccurredAt: e.at, Inputs: make([]loggedInput, len(e.draws)), Outputs: make([]loggedOutput, len(e.Outputs))}
	for i, d := range e.draws {
		l.Inputs[i] = loggedInput{Lot: d.use.Code, QuantityKg: d.kg, Quantity: d.pieces}
	}
	for i, o := range e.Outputs {
		l.Outputs[i] = loggedOutput{Lot: e.codes[i], WeightKg: o.WeightKg, Quantity: o.Quantity, TemperatureC: o.TemperatureC}
	}
	for _, r := range e.receipts {
		l.ShippedLots = append(l.ShippedLots, loggedShipped{loggedInput{Lot: r.use.Code, QuantityKg: r.kg, Quantity: r.pieces}, e.origin.Code})
	}
	return l
}

// labelOf is what people call a transformation: the codes of what it made, or else of what it used.
func (b *booking) labelOf(e *entry) string {
	switch {
	case len(e.codes) > 0:
		return e.codes[0]
	case len(e.draws) > 0:
		return e.draws[0].use.Code
	}
	return b.site.Code
}
