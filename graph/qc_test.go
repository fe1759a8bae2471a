package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/db"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

const recordMeasurements = `mutation ($input: RecordMeasurementsInput!) { recordMeasurements(input: $input) { count } }`

// read is a reading as a client sends it; about names the lot or the run.
func read(about, id, gate, parameter, unit, value string, at time.Time) string {
	if gate != "" {
		gate = `"gateId":"` + gate + `",`
	}
	return fmt.Sprintf(`{%q:%q,%s"parameter":%q,"unit":%q,"value":%q,"at":%q}`, about, id, gate, parameter, unit, value, at.Format(time.RFC3339))
}

// values asks for readings, and gives what was read with the places of the page's ends.
func (d desk) values(who *identity.Actor, of, id, arguments string) (values []string, info relay.PageInfo, total int) {
	d.t.Helper()
	answer := d.answer(who, `{ node(id: "`+id+`") { ... on `+of+` { measurements(`+arguments+`) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { value } } } } }`, "")
	var got struct {
		Data struct {
			Node struct {
				Measurements struct {
					TotalCount int
					PageInfo   struct {
						HasNextPage, HasPreviousPage bool
						StartCursor, EndCursor       relay.Cursor
					}
					Nodes []struct{ Value string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil || strings.Contains(answer, `"errors"`) {
		d.t.Fatalf("%v: %s", err, answer)
	}
	m := got.Data.Node.Measurements
	for _, n := range m.Nodes {
		values = append(values, n.Value)
	}
	return values, relay.PageInfo{
		HasNextPage: m.PageInfo.HasNextPage, HasPreviousPage: m.PageInfo.HasPreviousPage,
		StartCursor: &m.PageInfo.StartCursor, EndCursor: &m.PageInfo.EndCursor,
	}, m.TotalCount
}

// TestMeasurementsAreListed: what probes sent of a lot and of a line is read again, in pages both ways, and each stands in one list.
func TestMeasurementsAreListed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lot, other := d.LotID(d.Make("WIP", "10")).String(), d.LotID(d.Make("WIP", "10")).String()
	line := idIn(t, d.answer(d.Operator, `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`, `{"siteCode":"DUNA","scenarioKey":"chilled-ready-meal"}`))
	start, gate := d.Now(), d.gate("6")
	d.Pass(time.Hour)
	sent := []string{read("lotId", other, gate, "core_temp", "CEL", "1.5", start), read("runId", line, "", "humidity", "P1", "70", start)}
	for i, value := range []string{"2.5", "2.6", "2.7", "2.8"} {
		sent = append(sent, read("lotId", lot, gate, "core_temp", "CEL", value, start.Add(time.Duration(i)*time.Minute)))
	}
	sent = append(sent, read("lotId", lot, "", "humidity", "P1", "80", start))
	d.ask("sent", d.Operator, recordMeasurements, `{"measurements":[`+strings.Join(sent, ",")+`]}`, `"count":7`)

	d.ask("whole", d.Operator, `{ node(id: "`+lot+`") { ... on Lot { measurements(first: 1) { edges { node { gate { number } parameter value unit probe at recordedBy { fullName } } } } } } }`, "",
		`{"node":{"gate":{"number":"6.00"},"parameter":"core_temp","value":"2.5","unit":"CEL","probe":null,"at":"`+start.Format(time.RFC3339)+`","recordedBy":{"fullName":"operator"}}}`)
	d.ask("none asked for it", d.Operator, `{ node(id: "`+line+`") { ... on Run { measurements { nodes { value gate { number } } } } } }`, "", `{"nodes":[{"value":"70","gate":null}]}`)
	for arguments, want := range map[string][]string{
		`first: 10`:                       {"2.5", "2.6", "2.7", "2.8", "80"},
		`last: 2`:                         {"2.8", "80"},
		`filter: {gate: "6"}`:             {"2.5", "2.6", "2.7", "2.8"},
		`filter: {gate: "6.00"}, last: 1`: {"2.8"},
		`filter: {gate: "7"}`:             nil,
		`filter: {parameter: "humidity"}`: {"80"},
		`filter: {at: {from: "` + start.Add(time.Minute).Format(time.RFC3339) + `", before: "` + start.Add(3*time.Minute).Format(time.RFC3339) + `"}}`: {"2.6", "2.7"},
	} {
		if got, _, _ := d.values(d.Operator, "Lot", lot, arguments); !cmp.Equal(got, want) {
			t.Errorf("measurements(%s): %v, want %v", arguments, got, want)
		}
	}
	const filter = `filter: {parameter: "core_temp"}, `
	got, info, total := d.values(d.Operator, "Lot", lot, filter+`first: 2`)
	if !cmp.Equal(got, []string{"2.5", "2.6"}) || !info.HasNextPage || info.HasPreviousPage || total != 4 {
		t.Errorf("the first page: %v %+v of %d", got, info, total)
	}
	got, info, _ = d.values(d.Operator, "Lot", lot, filter+`first: 2, after: "`+string(*info.EndCursor)+`"`)
	if !cmp.Equal(got, []string{"2.7", "2.8"}) || info.HasNextPage || !info.HasPreviousPage {
		t.Errorf("the next page: %v %+v", got, info)
	}
	got, info, _ = d.values(d.Operator, "Lot", lot, filter+`last: 1, before: "`+string(*info.StartCursor)+`"`)
	if !cmp.Equal(got, []string{"2.6"}) || !info.HasNextPage || !info.HasPreviousPage {
		t.Errorf("the page before: %v %+v", got, info)
	}
	d.ask("both ends", d.Operator, `{ node(id: "`+lot+`") { ... on Lot { measurements(first: 1, last: 1) { totalCount } } } }`, "", faulty("BAD_USER_INPUT", "last"))

	tisz := d.AddSite("TISZ")
	stranger := &identity.Actor{UserID: d.Manager.UserID, Memberships: map[int32]identity.Role{tisz.ID: db.RoleMANAGER}}
	d.ask("another site's", stranger, `{ node(id: "`+lot+`") { ... on Lot { measurements { totalCount } } } }`, "", `"node":null`)
}
