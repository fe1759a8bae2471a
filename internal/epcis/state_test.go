package epcis_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// state is what the site ALFA knows, without ids and times of recording: the same events have to end in the same state.
var state = map[string]string{
	"lots": `SELECT concat_ws(' ', l.code, l.gs1_key, t.code, l.status, l.source, l.weight_kg || ' kg', l.remaining_kg || ' left',
			l.quantity, l.unit, l.remaining_quantity || ' left', l.attributes, l.occurred_at)
		FROM lot l JOIN lot_type t ON t.id = l.lot_type_id ORDER BY 1`,
	"links": `SELECT DISTINCT p.code || ' → ' || c.code || ' ' || t.kind
		FROM lot_genealogy g JOIN lot p ON p.id = g.parent_id JOIN lot c ON c.id = g.child_id JOIN transformation t ON t.id = g.transformation_id ORDER BY 1`,
	"transformations": `SELECT concat_ws(' ', t.kind, t.occurred_at, p.name,
			(SELECT string_agg(concat_ws(' ', l.code, i.quantity_kg || ' kg', i.quantity, i.unit), ', ' ORDER BY l.code) FROM transformation_input i JOIN lot l ON l.id = i.lot_id WHERE i.transformation_id = t.id), '→',
			(SELECT string_agg(concat_ws(' ', l.code, o.quantity_kg || ' kg', o.quantity, o.unit), ', ' ORDER BY l.code) FROM transformation_output o JOIN lot l ON l.id = o.lot_id WHERE o.transformation_id = t.id))
		FROM transformation t LEFT JOIN partner p ON p.id = t.partner_id WHERE t.voided_at IS NULL ORDER BY 1`,
	"containment": `SELECT concat_ws(' ', c.code, 'holds', l.code, k.quantity_kg || ' kg', k.quantity, k.unit, k.added_at, 'to', k.removed_at)
		FROM lot_containment k JOIN lot c ON c.id = k.container_id JOIN lot l ON l.id = k.lot_id ORDER BY 1`,
	"partners": `SELECT concat_ws(' | ', name, gln, identifier, address) FROM partner ORDER BY 1`,
	"events":   `SELECT identity || CASE WHEN voided_at IS NULL THEN '' ELSE ' void' END FROM epcis_event ORDER BY 1`,
}

func (w *world) state() map[string][]string {
	w.Helper()
	all := map[string][]string{}
	for name, sql := range state {
		all[name] = w.ask(sql)
	}
	return all
}

// contents is a digest of every table: nothing at all may differ.
func (w *world) contents() map[string]string {
	w.Helper()
	all := map[string]string{}
	for _, table := range w.ask("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1") {
		all[table] = w.ask("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') FROM " + table + " t")[0]
	}
	return all
}

// cut makes documents of a JSON-LD document, each with the events at some places of its list.
func cut(t *testing.T, data []byte, places ...[]int) [][]byte {
	t.Helper()
	var doc map[string]json.RawMessage
	unmarshal(t, data, &doc)
	list := events(t, data)
	doc["type"] = json.RawMessage(`"EPCISDocument"`)
	out := make([][]byte, len(places))
	for i, part := range places {
		some := make([]json.RawMessage, len(part))
		for j, place := range part {
			some[j] = list[place]
		}
		doc["epcisBody"] = marshal(t, map[string]any{"eventList": some})
		out[i] = marshal(t, doc)
	}
	return out
}

// events are those of a document, or of the answer to a query.
func events(t *testing.T, data []byte) []json.RawMessage {
	t.Helper()
	var doc struct {
		EPCISBody struct {
			EventList    []json.RawMessage
			QueryResults struct {
				ResultsBody struct{ EventList []json.RawMessage }
			}
		}
	}
	unmarshal(t, data, &doc)
	return append(doc.EPCISBody.EventList, doc.EPCISBody.QueryResults.ResultsBody.EventList...)
}

func unmarshal(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (w *world) same(what string, want map[string][]string) {
	w.Helper()
	if diff := cmp.Diff(want, w.state()); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
