package graph_test

import (
	"strings"
	"testing"

	"flowviz/internal/linetest"
)

// TestARunAnnouncesItsLots goes the way of a client: what a phase announces is measured, made or dropped, and the run's summary tells.
func TestARunAnnouncesItsLots(t *testing.T) {
	t.Parallel()
	line := linetest.New(t)
	p := &plant{owner: line.Owner, h: newHandler(t, newResolver(line.App)), actor: line.Manager}
	const (
		startRun = `mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }`
		advance  = `mutation ($input: AdvancePhaseInput!) { advancePhase(input: $input) { run { phase { number } } lots { id code status source announced weightKg temperatureC registeredBy { id } parents { lot { code } } massBalance { inKg } } } }`
		register = `mutation ($input: RegisterLotInput!) { registerLot(input: $input) { lot { announced source weightKg parents { quantityKg lot { code } } } transformation { kind } } }`
		record   = `mutation ($input: RecordTransformationInput!) { recordTransformation(input: $input) { transformation { kind outputs { quantityKg lot { code } } } } }`
		measure  = `mutation ($input: MeasureLotInput!) { measureLot(input: $input) { lot { weightKg announced } } }`
		drop     = `mutation ($input: DropLotsInput!) { dropLots(input: $input) { lots { code status announced weightKg } } }`
	)
	runID := idIn(t, p.ask(t, startRun, `{"siteCode":"DUNA","scenarioKey":"chilled-ready-meal","autoRegister":true}`))
	run := `"runId":"` + runID + `"`
	prep := line.Make("PREP", "30")
	enter := func(number, announced string) string {
		t.Helper()
		answer := p.ask(t, advance, `{`+run+`}`)
		if !strings.Contains(answer, `"phase":{"number":`+number+`}},"lots":[`) || strings.Count(answer, `"announced":true`) != len(strings.Fields(announced)) {
			t.Fatal(answer)
		}
		for code := range strings.FieldsSeq(announced) {
			if !strings.Contains(answer, `"code":"`+code+`-`) || !strings.Contains(answer, `"source":"AUTO","announced":true,"weightKg":null,"temperatureC":null,"registeredBy":null,"parents":[],"massBalance":null`) {
				t.Fatal(answer)
			}
		}
		return answer
	}
	raw := enter("1", "ING RAW")
	p.ask(t, drop, `{"lotIds":["`+idIn(t, raw)+`","`+idIn(t, raw[strings.LastIndex(raw, `"id":`):])+`"]}`)
	first := idIn(t, enter("2", "PREP"))
	kit := idIn(t, enter("3", "KIT"))
	p.walk(t, []step{
		{"both", register, `{"siteCode":"DUNA",` + run + `,"lotType":"KIT","lotId":"` + kit + `"}`, []string{faulty("BAD_USER_INPUT", "lotType")}},
		{"neither", register, `{"siteCode":"DUNA",` + run + `}`, []string{faulty("BAD_USER_INPUT", "lotType")}},
		{"used before it is made", register, `{"siteCode":"DUNA","scenarioKey":"chilled-ready-meal","lotType":"COOK","inputs":[{"lotId":"` + kit + `"}]}`, []string{faulty("FAILED_PRECONDITION", "inputs[0].lotId")}},
		{"no run", register, `{"siteCode":"DUNA","lotId":"` + kit + `","inputs":[{"lotId":"` + line.LotID(prep).String() + `"}]}`, []string{faulty("BAD_USER_INPUT", "runId")}},
		{"measured", measure, `{"lotId":"` + kit + `","weightKg":"20"}`, []string{`"weightKg":"20.000","announced":true`}},
		{"measured lots aren't dropped", drop, `{"lotIds":["` + first + `","` + kit + `"]}`, []string{faulty("FAILED_PRECONDITION", "lotIds[1]")}},
		{
			"made", register, `{"siteCode":"DUNA",` + run + `,"lotId":"` + kit + `","inputs":[{"lotId":"` + line.LotID(prep).String() + `","quantityKg":"21"}]}`,
			[]string{`{"announced":false,"source":"AUTO","weightKg":"20.000","parents":[{"quantityKg":"21.000","lot":{"code":"` + line.Lot(prep).Code + `"}}]},"transformation":{"kind":"PROCESS"}`},
		},
		{"dropped", drop, `{"lotIds":["` + first + `"]}`, []string{`"status":"CONSUMED","announced":true,"weightKg":null`}},
		{
			"the balance", `{ node(id: "` + runID + `") { ... on Run { massBalance { inKg remainingKg lostKg } summary { lotTypes { count lotType { code } } phases { phase { number } leftAt enteredBy { email } } } } } }`, "",
			[]string{`"inKg":"21.000","remainingKg":"20.000","lostKg":"1.000"`, `"lotTypes":[{"count":1,"lotType":{"code":"KIT"}}]`, `{"phase":{"number":3},"leftAt":null,"enteredBy":{"email":"manager@example.com"}}`},
		},
	})
	cook := idIn(t, enter("4", "COOK"))
	p.walk(t, []step{
		{"it waits", advance, `{` + run + `}`, []string{faulty("FAILED_PRECONDITION", "runId"), "lacks the PASS of gate 4, and nobody has made it yet"}},
		{
			"one of several outputs", record, `{"siteCode":"DUNA",` + run + `,"kind":"PROCESS","inputs":[{"lotId":"` + kit + `"}],"outputs":[{"lotId":"` + cook + `","weightKg":"18"},{"lotType":"WASTE","weightKg":"1"}]}`,
			[]string{`"kind":"PROCESS"`, `{"quantityKg":"18.000","lot":{"code":"COOK-`, `{"quantityKg":"1.000","lot":{"code":"WASTE-`},
		},
		{"made once", record, `{"siteCode":"DUNA",` + run + `,"kind":"PROCESS","inputs":[{"lotId":"` + line.LotID(prep).String() + `"}],"outputs":[{"lotId":"` + cook + `"}]}`, []string{faulty("FAILED_PRECONDITION", "outputs[0].lotId")}},
	})
}
