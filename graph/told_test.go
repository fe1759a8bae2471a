package graph_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"flowviz/graph"
	"flowviz/internal/event"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
)

// listener hears all that is told at a desk's site.
type listener struct {
	t      *testing.T
	events *stream
	heard  map[event.Type]bool
}

func (d desk) listen() *listener {
	d.t.Helper()
	in, err := newIdentity(d.App).SignIn(d.t.Context(), identity.Credentials{Email: "manager@example.com", Password: linetest.Password})
	if err != nil {
		d.t.Fatal(err)
	}
	tw := &tower{url: serveLive(d.t, d.App, graph.Edge{}).URL}
	return &listener{d.t, tw.stream(d.t, string(in.AccessToken), fmt.Sprintf(everyEvent, d.Site.Code), nil, beginning), map[event.Type]bool{}}
}

// codedID is the id of what has a code, or a kind, too.
var codedID = regexp.MustCompile(`"id":"[^"]+",`)

// hears wants the next events, in order: each is a type, and all that its object has beyond what events have in common.
func (l *listener) hears(want ...string) {
	l.t.Helper()
	for _, want := range want {
		_, data := l.events.next(l.t)
		var m struct {
			Data struct {
				Events struct {
					Typename   string `json:"__typename"`
					Type       event.Type
					OccurredAt string
				}
			}
		}
		if err := json.Unmarshal([]byte(data), &m); err != nil {
			l.t.Fatal(err, data)
		}
		e := m.Data.Events
		_, own, _ := strings.Cut(strings.TrimSuffix(data, "}}}"), `"site":{"code":"DUNA"},`)
		own = codedID.ReplaceAllString(own, "")
		if got := string(e.Type) + " " + own; got != want || e.Typename != shownAs[e.Type] || e.OccurredAt != "2026-10-01T08:00:00Z" {
			l.t.Fatalf("heard %s\nwant  %s", data, want)
		}
		l.heard[e.Type] = true
	}
}

// TestEachTypeIsTold makes all that is told happen, by a command each, and hears it as its object, with what it is about as that is then.
func TestEachTypeIsTold(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	d := desk{p, t, newHandler(t, newResolverAt(p.App, p.Now))}
	l := d.listen()
	// does sends a mutation, and wants what is told of it.
	does := func(mutation, payload, input string, told ...string) (answer string) {
		t.Helper()
		of := strings.ToUpper(mutation[:1]) + mutation[1:]
		answer = d.answer(d.Manager, `mutation ($input: `+of+`Input!) { `+mutation+`(input: $input) { `+payload+` } }`, input)
		if strings.Contains(answer, `"errors"`) {
			t.Fatal(answer)
		}
		l.hears(told...)
		return answer
	}
	const run, wip = `"run":{"code":"RUN-20261001-DUNA-0001","status":"`, `"lot":{"code":"WIP-20261001-DUNA-0001"`
	line := idIn(t, does("startRun", `run { id }`, `{"siteCode":"DUNA","scenarioKey":"chilled-ready-meal"}`,
		`RUN_STARTED `+run+`RUNNING"},"runStatusBefore":null,"phaseBefore":null`))
	does("recordMeasurements", `count`, `{"measurements":[`+read("runId", line, "", "air_temp", "CEL", "4", p.Now())+`]}`, `LINE_MEASURED `+run+`RUNNING"},"runStatusBefore":null,"phaseBefore":null`)
	does("advancePhase", `run { id }`, about("runId", line, ""), `RUN_PHASE_ADVANCED `+run+`RUNNING"},"runStatusBefore":null,"phaseBefore":0`)
	does("holdRun", `run { id }`, about("runId", line, `,"reason":"the belt is torn"`), `RUN_STATUS_CHANGED `+run+`HOLD"},"runStatusBefore":"RUNNING","phaseBefore":null`)

	tub := idIn(t, does("registerLot", `lot { id }`, meal("WIP", "10", ""), `ALERT_RAISED "alert":{"kind":"RULE_BROKEN"}`,
		`TRANSFORMATION_RECORDED "transformation":{"kind":"RECEIVE"}`, `LOT_REGISTERED `+wip+`,"status":"RELEASED"},"statusBefore":null`))
	tray := func(code string) string {
		t.Helper()
		return idIn(t, does("registerLot", `transformation { id }`, meal("TRAY", "4", `,"inputs":[{"lotId":"`+tub+`","quantityKg":"4"}]`),
			`TRANSFORMATION_RECORDED "transformation":{"kind":"PROCESS"}`, `LOT_REGISTERED "lot":{"code":"`+code+`","status":"RELEASED"},"statusBefore":null`))
	}
	does("voidTransformation", `transformation { id }`, about("transformationId", tray("TRAY-20261001-DUNA-0001"), `,"reason":"it was another tray"`),
		`TRANSFORMATION_VOIDED "transformation":{"kind":"PROCESS"}`)
	does("measureLot", `lot { id }`, about("lotId", tub, `,"temperatureC":"3"`), `LOT_CHANGED `+wip+`,"status":"RELEASED"},"statusBefore":null`)
	tray("TRAY-20261001-DUNA-0002")

	does("recordQcDecision", `decision { id }`, `{"gateId":"`+d.gate("6")+`","lotId":"`+tub+`","decision":"HOLD","notes":"9 °C in the middle"}`,
		`DEVIATION_OPENED "deviation":{"code":"DEV-20261001-DUNA-0001","status":"OPEN"}`, `DECISION_RECORDED "decision":{"gate":{"number":"6.00"}}`,
		`LOT_EXPOSED `+wip+`},"reason":"HOLD","lotCount":1`, `LOT_STATUS_CHANGED `+wip+`,"status":"HOLD"},"statusBefore":"RELEASED"`, `ALERT_RAISED "alert":{"kind":"QC_HOLD"}`)
	does("describeDeviation", `deviation { id }`, about("deviationId", d.deviation(), described), `DEVIATION_CHANGED "deviation":{"code":"DEV-20261001-DUNA-0001","status":"OPEN"}`)
	does("releaseLot", `lot { id }`, about("lotId", tub, `,"reason":"it is cold again"`+signed),
		`LOT_STATUS_CHANGED `+wip+`,"status":"RELEASED"},"statusBefore":"HOLD"`, `EXPOSURE_ENDED `+wip+`},"reason":null,"lotCount":1`)

	does("recordMeasurements", `count`, `{"measurements":[`+read("lotId", tub, d.gate("6"), "core_temp", "CEL", "19.5", p.Now())+`]}`,
		`LOT_CHANGED `+wip+`,"status":"HOLD"},"statusBefore":null`,
		`DEVIATION_OPENED "deviation":{"code":"DEV-20261001-DUNA-0002","status":"OPEN"}`, `LOT_EXPOSED `+wip+`},"reason":"HOLD","lotCount":1`,
		`LOT_STATUS_CHANGED `+wip+`,"status":"HOLD"},"statusBefore":"RELEASED"`,
		`MEASUREMENT_VIOLATED "subject":{"id":"`+tub+`"},"gate":"6","message":"Core temperature: core_temp is 19.5 °C (2026-10-01T08:00:00Z), and must be at most 4 °C"`,
		`ALERT_RAISED "alert":{"kind":"LIMIT_EXCEEDED"}`)
	alert := idIn(t, d.answer(d.Manager, `{ alerts(first: 1) { nodes { id } } }`, ""))
	does("acknowledgeAlert", `alert { id }`, about("alertId", alert, ""), `ALERT_ACKNOWLEDGED "alert":{"kind":"LIMIT_EXCEEDED"}`)

	recall := idIn(t, does("openRecall", `recall { id }`, `{"kind":"MOCK","reason":"the exercise of this quarter","lotIds":["`+tub+`"]}`, `RECALL_OPENED "recall":{"code":"REC-20261001-DUNA-0001"}`))
	does("closeRecall", `recall { id }`, about("recallId", recall, signed), `RECALL_CLOSED "recall":{"code":"REC-20261001-DUNA-0001"}`)
	farm := idIn(t, d.answer(d.Manager, `mutation { registerPartner(input: {siteCode: "DUNA", name: "Farm"}) { partner { id } } }`, ""))
	l.hears(`MASTER_DATA_CHANGED "subject":{"__typename":"Partner","id":"` + farm + `"}`)

	for what := range shownAs {
		if !l.heard[what] {
			t.Errorf("%s isn't told", what)
		}
	}
}
