// Package lot is a traceable amount of material: weighed or counted, with a status that says whether it may be used.
//
// A hold stands beside the status and takes nothing of it away: what a consumed or shipped lot was stays known.
package lot

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"flowviz/db"
	"flowviz/internal/gs1"
	"flowviz/internal/relay"
)

// Status is where a lot stands as people see it: the stored status, or HOLD while a hold is open on a lot that is there.
type Status string

// The statuses.
const (
	Quarantine Status = "QUARANTINE"
	Released   Status = "RELEASED"
	Hold       Status = "HOLD"
	Rejected   Status = "REJECTED"
	Consumed   Status = "CONSUMED"
	Shipped    Status = "SHIPPED"
)

// StatusOf is what a lot of a stored status shows.
func StatusOf(stored string, held bool) Status {
	status := Status(stored)
	if held && (status == Quarantine || status == Released) {
		return Hold
	}
	return status
}

// Lot is a traceable amount of material.
type Lot struct{ db.Lot }

// GlobalID is the lot's id in the API.
func (l *Lot) GlobalID() relay.ID { return relay.ID{Kind: relay.Lot, Site: l.SiteID, UUID: l.ID} }

// IsNode marks a type that the API finds by its id.
func (*Lot) IsNode() {}

// Status is where the lot stands.
func (l *Lot) Status() Status { return StatusOf(string(l.Lot.Status), l.Held) }

// Attributes are what a lot is like; nil where nobody said.
type Attributes struct {
	Species         *string    `json:"species,omitempty"`
	Category        *string    `json:"category,omitempty"`
	State           *string    `json:"state,omitempty"` // CHILLED, FROZEN or AMBIENT
	Sku             *string    `json:"sku,omitempty"`
	Description     *string    `json:"description,omitempty"`
	SupplierLotCode *string    `json:"supplierLotCode,omitempty"`
	BestBefore      *time.Time `json:"bestBefore,omitempty"`
	Allergens       []string   `json:"allergens,omitempty"`
}

// Attributes are what the lot is like.
func (l *Lot) Attributes() (*Attributes, error) {
	var a Attributes
	if err := json.Unmarshal(l.Lot.Attributes, &a); err != nil {
		return nil, fmt.Errorf("read the attributes of lot %s: %w", l.ID, err)
	}
	if a.Allergens == nil {
		a.Allergens = []string{}
	}
	return &a, nil
}

var ownCode = regexp.MustCompile(`^([A-Z][A-Z0-9]{0,5})-20(\d{6})-([A-Z]{4})-(\d{4,})$`)

// GS1Lot is the lot's number on labels, AI (10): TYPEYYMMDDSITE#### of an own code, the batch of an outside GS1 key; nil
// where the code has none, or it would be longer than the 20 characters of the GS1 General Specifications.
func (l *Lot) GS1Lot() *string {
	if m := ownCode.FindStringSubmatch(l.Code); m != nil {
		return label(m[1] + m[2] + m[3] + m[4])
	}
	if key, err := gs1.Parse(l.Code); err == nil {
		return label(key.Lot)
	}
	return nil
}

// DigitalLink is the lot's GS1 Digital Link at GS1's own resolver; nil where it has no GS1 key.
func (l *Lot) DigitalLink() *string {
	if l.GS1Key == nil {
		return nil
	}
	link := "https://id.gs1.org/" + *l.GS1Key
	return &link
}

func label(lot string) *string {
	if lot == "" || gs1.ValidLot(lot) != nil {
		return nil
	}
	return &lot
}

// Row is the narrow part of a lot that large flat lists are written from.
type Row = db.LotRow

func wrap(rows []db.Lot) []*Lot {
	out := make([]*Lot, len(rows))
	for i, row := range rows {
		out[i] = &Lot{row}
	}
	return out
}
