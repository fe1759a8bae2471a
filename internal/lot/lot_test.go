package lot_test

import (
	"testing"

	"flowviz/db"
	"flowviz/internal/lot"
)

func TestStatusOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		stored string
		held   bool
		want   lot.Status
	}{
		{"QUARANTINE", false, lot.Quarantine},
		{"RELEASED", false, lot.Released},
		{"RELEASED", true, lot.Hold},
		{"QUARANTINE", true, lot.Hold},
		{"CONSUMED", true, lot.Consumed}, // what it was stays known
		{"SHIPPED", true, lot.Shipped},
		{"REJECTED", true, lot.Rejected},
	} {
		if got := lot.StatusOf(tc.stored, tc.held); got != tc.want {
			t.Errorf("%s, held %v, shows %s, want %s", tc.stored, tc.held, got, tc.want)
		}
	}
}

func TestGS1Lot(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"RAW-20261027-DUNA-0002":                       "RAW261027DUNA0002",
		"REWORK-20261027-DUNA-0002":                    "REWORK261027DUNA0002",
		"REWORK-20261027-DUNA-00002":                   "", // 21 characters don't fit
		"urn:epc:class:lgtin:0614141.077777.987":       "987",
		"https://id.gs1.org/01/09506000134352/10/AB-1": "AB-1",
		"urn:epc:id:sscc:0614141.1234567890":           "",
		"urn:example:lot:7":                            "",
	} {
		got := (&lot.Lot{Lot: db.Lot{Code: code}}).GS1Lot()
		if got == nil && want != "" || got != nil && *got != want {
			t.Errorf("%s has the label %v, want %q", code, got, want)
		}
	}
}
