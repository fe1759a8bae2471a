package epcis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told makes a document of events, of which each has its type, time and what else is given.
func told(events ...string) []byte {
	return []byte(`{"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": [` + strings.Join(events, ",\n") + "]}}")
}

func at(kind, clock, fields string) string {
	return fmt.Sprintf(`{"type": "%sEvent", "eventTime": "2026-03-01T%s:00Z", "eventTimeZoneOffset": "+00:00", %s}`, kind, clock, fields)
}

// amounts is a list of quantities in kilograms: lot, kilograms, lot, kilograms …
func amounts(list string, of ...any) string {
	parts := make([]string, 0, len(of)/2)
	for i := 0; i < len(of); i += 2 {
		parts = append(parts, fmt.Sprintf(`{"epcClass": "urn:example:%v", "quantity": %v, "uom": "KGM"}`, of[i], of[i+1]))
	}
	return fmt.Sprintf(`"%s": [%s]`, list, strings.Join(parts, ", "))
}

func made(clock string, input string, used int, output string, out int) string {
	return at("Transformation", clock, amounts("inputQuantityList", input, used)+", "+amounts("outputQuantityList", output, out))
}

// with adds a field at the front of an event.
func with(event, field string) string { return "{" + field + ", " + event[1:] }

func id(name string) string { return `"eventID": "urn:example:event:` + name + `"` }

// wrong declares an event to be so.
func wrong(event, reason string, corrective ...string) string {
	ids := make([]string, len(corrective))
	for i, c := range corrective {
		ids[i] = `"urn:example:event:` + c + `"`
	}
	return with(event, fmt.Sprintf(`"errorDeclaration": {"declarationTime": "2026-03-02T00:00:00Z", "reason": "%s", "correctiveEventIDs": [%s]}`,
		reason, strings.Join(ids, ", ")))
}

var orders = [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}

func TestErrorDeclarationInAnyOrder(t *testing.T) {
	t.Parallel()
	birth := at("Object", "05:00", `"action": "ADD", `+amounts("quantityList", "milk", 1000))
	named := with(made("08:00", "milk", 900, "butter", 40), id("wrong"))
	nameless := made("08:00", "milk", 900, "butter", 40)
	right := with(made("08:10", "milk", 300, "butter", 12), id("right"))
	base := newWorld(t)
	for name, event := range map[string]string{"by eventID": named, "by content": nameless} {
		parts := []string{event, wrong(event, "incorrect_data", "right"), right}
		for _, order := range append(orders, nil) {
			base.in(fmt.Sprint(name, order), func(w *world) {
				voided := 0
				w.load("birth", told(birth))
				if order == nil { // all of them in one document
					voided = w.load("all", told(parts...)).Voided
				}
				for _, i := range order {
					voided += w.load(fmt.Sprintf("part-%d", i), told(parts[i])).Voided
				}
				if voided != 1 {
					w.Errorf("%d events were voided, and one was declared wrong", voided)
				}
				w.want("SELECT p.code || ' → ' || c.code FROM lot_genealogy g JOIN lot p ON p.id = g.parent_id JOIN lot c ON c.id = g.child_id",
					"urn:example:milk → urn:example:butter")
				w.want("SELECT code || ' ' || weight_kg || ' ' || remaining_kg || ' ' || occurred_at FROM lot ORDER BY code",
					"urn:example:butter 12.000 12.000 2026-03-01 08:10:00+00", "urn:example:milk 1000.000 700.000 2026-03-01 05:00:00+00")
				w.want(`SELECT t.void_reason || ', replaced by what used ' || i.quantity_kg FROM transformation t
					JOIN transformation_input i ON i.transformation_id = t.replaced_by_id WHERE t.voided_at IS NOT NULL`,
					"declared wrong on 2026-03-02: its data is incorrect, replaced by what used 300.000")
				w.lots()

				before := w.contents()
				for i := range parts {
					w.load("again", told(parts[i]))
				}
				if diff := cmp.Diff(before, w.contents()); diff != "" {
					w.Errorf("importing all again changed something:\n%s", diff)
				}
			})
		}
	}
}

// want compares a query's rows.
func (w *world) want(sql string, rows ...string) {
	w.Helper()
	if diff := cmp.Diff(rows, w.ask(sql), equateEmpty); diff != "" {
		w.Errorf("%s (-want +got):\n%s", sql, diff)
	}
}

var equateEmpty = cmp.Transformer("empty", func(s []string) []string { return append([]string{}, s...) })

func TestDeclarationThatRepeatsTheEventIDAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load("told", told(with(made("08:00", "milk", 900, "butter", 40), id("wrong"))))
	w.load("declared", told(wrong(with(made("08:00", "milk", 900, "butter", 41), id("wrong")), "did_not_occur")))
	w.want("SELECT child_id::text FROM lot_genealogy")
	w.want("SELECT void_reason || ' ' || coalesce(replaced_by_id::text, 'by nothing') FROM transformation",
		"declared wrong on 2026-03-02: it did not occur by nothing")
}

func TestDeclaringWrongWhatMakesNoLinks(t *testing.T) {
	t.Parallel()
	birth := at("Object", "05:00", `"action": "ADD", `+amounts("quantityList", "milk", 1000))
	sight := at("Object", "06:00", `"action": "OBSERVE", "bizStep": "storing", `+amounts("quantityList", "milk", 990))
	load := at("Aggregation", "07:00", `"action": "ADD", "parentID": "urn:example:tank", `+amounts("childQuantityList", "milk", 990))
	leave := at("Object", "08:00", `"action": "OBSERVE", "bizStep": "shipping", `+amounts("quantityList", "milk", 990))
	w := newWorld(t)
	lot := "SELECT coalesce(weight_kg::text, '?') || ' ' || coalesce(remaining_kg::text, '?') || ' ' || status FROM lot WHERE code = 'urn:example:milk'"
	w.load("told", told(birth, sight, load, leave))
	w.want(lot, "1000.000 10.000 RELEASED")
	w.want("SELECT quantity_kg::text FROM lot_containment", "990.000")
	w.load("load", told(wrong(load, "did_not_occur")))
	w.want("SELECT quantity_kg::text FROM lot_containment")
	w.load("birth", told(wrong(birth, "")))
	w.want(lot, "990.000 0.000 SHIPPED")
	w.load("leave", told(wrong(leave, "")))
	w.want(lot, "990.000 990.000 RELEASED")
	w.load("sight", told(wrong(sight, "")))
	w.want(lot, "? ? RELEASED")
}
