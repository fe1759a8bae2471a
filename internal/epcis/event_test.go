package epcis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/epcis/document"
)

func TestWhatEventsSay(t *testing.T) {
	t.Parallel()
	lots := `"quantityList": [{"epcClass": "L", "quantity": 2, "uom": "KGM"}]`
	children := `"parentID": "P", "childQuantityList": [{"epcClass": "L", "quantity": 2, "uom": "KGM"}]`
	for name, c := range map[string]struct{ kind, fields, want string }{
		"born":                     {"Object", `"action": "ADD", "bizStep": "commissioning", ` + lots, "PROCESS: BORN L 2.000 kg"},
		"born by being received":   {"Object", `"action": "ADD", "bizStep": "receiving", ` + lots, "RECEIVE: BORN L 2.000 kg"},
		"seen":                     {"Object", `"action": "OBSERVE", ` + lots, ": SEEN L 2.000 kg"},
		"shipped":                  {"Object", `"action": "OBSERVE", "bizStep": "urn:epcglobal:cbv:bizstep:shipping", ` + lots, "SHIP: SEEN L 2.000 kg"},
		"received":                 {"Object", `"action": "OBSERVE", "bizStep": "receiving", ` + lots, "RECEIVE: SEEN L 2.000 kg"},
		"destroyed":                {"Object", `"action": "DELETE", "bizStep": "destroying", ` + lots, "WASTE: SEEN L 2.000 kg"},
		"sold":                     {"Object", `"action": "DELETE", "bizStep": "retail_selling", ` + lots, "SHIP: SEEN L 2.000 kg"},
		"one thing":                {"Object", `"action": "OBSERVE", "epcList": ["X"]`, ": SEEN X 1 EA"},
		"made":                     {"Transformation", `"inputEPCList": ["X"], "outputQuantityList": [{"epcClass": "L"}]`, "PROCESS: USED X 1 EA, BORN L"},
		"packed":                   {"Aggregation", `"action": "ADD", "bizStep": "packing", ` + children, ": CONTAINER P, PACKED L 2.000 kg"},
		"unpacked":                 {"Aggregation", `"action": "DELETE", ` + children, ": CONTAINER P, UNPACKED L 2.000 kg"},
		"emptied":                  {"Aggregation", `"action": "DELETE", "parentID": "P"`, ": EMPTIED P"},
		"seen inside":              {"Aggregation", `"action": "OBSERVE", ` + children, ": CONTAINER P, INSIDE L 2.000 kg"},
		"together in what unknown": {"Aggregation", `"action": "OBSERVE", "childEPCs": ["X"]`, ": NAMED X"},
		"a pallet received":        {"Aggregation", `"action": "OBSERVE", "bizStep": "receiving", ` + children, "RECEIVE: CONTAINER P, INSIDE L 2.000 kg, SEEN P 1 EA, SEEN L 2.000 kg"},
		"loading is no shipment":   {"Aggregation", `"action": "ADD", "bizStep": "shipping", ` + children, ": CONTAINER P, PACKED L 2.000 kg"},
		"in a transaction":         {"Transaction", `"action": "ADD", "bizStep": "shipping", "parentID": "P", "bizTransactionList": [{"bizTransaction": "urn:x:1"}], ` + lots, ": NAMED P, SEEN L 2.000 kg"},
		"an association":           {"Association", `"action": "ADD", "parentID": "P", "childEPCs": ["X"]`, ": NAMED P, NAMED X"},
		"wrong":                    {"Object", `"action": "ADD", "errorDeclaration": {"declarationTime": "2026-03-02T00:00:00Z"}, ` + lots, ": "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &event{Event: parsed(t, c.kind, c.fields)}
			if err := e.read(); err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, it := range e.items {
				said = append(said, strings.TrimSpace(fmt.Sprintf("%s %s %s", it.role, it.code, spelled(it.amount))))
			}
			if got := fmt.Sprintf("%s: %s", e.kind, strings.Join(said, ", ")); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func spelled(a amount) string {
	switch {
	case a.kg != nil:
		return a.kg.String() + " kg"
	case a.count != nil:
		return a.count.String() + " " + *a.unit
	}
	return ""
}

func parsed(t *testing.T, kind, fields string) *document.Event {
	t.Helper()
	doc, err := document.Parse("event", fmt.Appendf(nil, `{"type": "%sEvent", "eventTime": "2026-03-01T05:00:00Z", "eventTimeZoneOffset": "+02:00", %s}`, kind, fields))
	if err != nil {
		t.Fatal(err)
	}
	return &doc.Events[0]
}

func TestDatesOfMasterData(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fields, best, lot string }{
		{`{"x:bestBeforeDate": "2026-03-20"}`, "2026-03-19T22:00:00Z", ""},
		{`{"x:itemExpirationDate": "2022-02-03T03:00:00.0000000+00:00"}`, "2022-02-03T03:00:00Z", ""},
		{`{"x:itemExpirationDate": "2026-04-02", "x:bestBeforeDate": "2026-03-20", "x:lotNumber": "L 1"}`, "2026-03-19T22:00:00Z", "L 1"},
		{`{"x:bestBeforeDate": "next spring", "x:lotNumber": ""}`, "", ""},
	} {
		t.Run(c.fields, func(t *testing.T) {
			t.Parallel()
			e := &event{Event: parsed(t, "Object", `"action": "ADD", "ilmd": `+c.fields)}
			like := said(e)
			best, lot := "", ""
			if like.BestBefore != nil {
				best = like.BestBefore.Format("2006-01-02T15:04:05Z07:00")
			}
			if like.SupplierLotCode != nil {
				lot = *like.SupplierLotCode
			}
			if best != c.best || lot != c.lot {
				t.Errorf("best before %q and lot %q, want %q and %q", best, lot, c.best, c.lot)
			}
			e.wrong = true
			if diff := cmp.Diff(said(&event{Event: &document.Event{}}), said(e)); diff != "" {
				t.Errorf("declared wrong, it still says:\n%s", diff)
			}
		})
	}
}

func TestProductOfALot(t *testing.T) {
	t.Parallel()
	p := newProducts(document.Vocabulary{Products: []document.Element{
		{ID: "urn:epc:idpat:sgtin:9520000.012345.*", Name: "milk"},
		{ID: "https://id.gs1.org/01/09520000123468", Name: "yoghurt"},
		{ID: "urn:epc:class:lgtin:9520000.012345.M-2", Name: "this very milk"},
		{ID: "urn:gdst:example.org:product:class:culture.yo", Name: "culture"},
		{ID: "urn:gdst:example.org:product:class:culture", Name: "any culture"},
	}})
	for code, want := range map[string]string{
		"urn:epc:class:lgtin:9520000.012345.M-1":                 "milk",
		"https://id.gs1.org/01/09520000123451/10/M-1":            "milk",
		"urn:epc:id:sgtin:9520000.012346.7":                      "yoghurt",
		"urn:epc:class:lgtin:9520000.012345.M-2":                 "this very milk",
		"urn:gdst:example.org:product:lot:class:culture.yo.C.1":  "culture",
		"urn:gdst:example.org:product:lot:class:culture.kefir.1": "any culture",
		"urn:gdst:example.org:product:lot:class:cultures.yo.1":   "",
		"urn:gdst:other.org:product:lot:class:culture.yo.1":      "",
		"urn:epc:id:sscc:9520000.0123456789":                     "",
		"urn:example:lot:1":                                      "",
	} {
		got := ""
		if e := p.of(code); e != nil {
			got = e.Name
		}
		if got != want {
			t.Errorf("%s is %q, want %q", code, got, want)
		}
	}
}
