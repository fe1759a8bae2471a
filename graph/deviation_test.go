package graph_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
)

const (
	describeDeviation = `mutation ($input: DescribeDeviationInput!) { describeDeviation(input: $input) { deviation { status cause correctiveAction disposition describedBy { fullName } } } }`
	assignDeviation   = `mutation ($input: AssignDeviationInput!) { assignDeviation(input: $input) { deviation { dueAt responsible { fullName } } } }`
	verifyDeviation   = `mutation ($input: VerifyDeviationInput!) { verifyDeviation(input: $input) { deviation { status verification verifiedBy { fullName } } } }`
	closeDeviation    = `mutation ($input: CloseDeviationInput!) { closeDeviation(input: $input) { deviation { status closeReason closedBy { fullName } } } }`
	decide            = `mutation ($input: RecordQcDecisionInput!) { recordQcDecision(input: $input) { decision { id deviation {
		code status severity description overdue site { code } gate { number } run { code } openedBy { fullName } responsible { code: fullName } decisions { decision } lots { totalCount nodes { code } } } } } }`
	releaseLot = `mutation ($input: ReleaseLotInput!) { releaseLot(input: $input) { lot { held holds { deviation { code status } disposition } deviations { totalCount nodes { code } } } } }`
)

// desk is a plant at work, behind the API.
type desk struct {
	*linetest.Plant
	t *testing.T
	h http.Handler
}

func newDesk(t *testing.T) desk {
	t.Helper()
	p := linetest.New(t)
	t.Cleanup(func() { hearAll(t, p.Owner, p.App, p.Manager) })
	return desk{p, t, newHandler(t, newResolver(p.App))}
}

// ask asks as somebody, and wants all parts in the answer.
func (d desk) ask(name string, who *identity.Actor, query, input string, want ...string) {
	d.t.Helper()
	answer := d.answer(who, query, input)
	for _, part := range want {
		if !strings.Contains(answer, part) {
			d.t.Errorf("%s: %s\nwant %s", name, answer, part)
		}
	}
}

func (d desk) answer(who *identity.Actor, query, input string) string {
	d.t.Helper()
	variables := json.RawMessage(nil)
	if input != "" {
		variables = json.RawMessage(`{"input":` + input + `}`)
	}
	_, answer, _ := askAs(d.t, d.h, who, query, variables)
	return string(answer)
}

// gate is the id of a gate of the ready meals.
func (d desk) gate(number string) string {
	d.t.Helper()
	var id uuid.UUID
	if err := d.Owner.QueryRow(d.t.Context(), `SELECT g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id
		WHERE s.key = 'chilled-ready-meal' AND g.number = $1::numeric`, number).Scan(&id); err != nil {
		d.t.Fatal(err)
	}
	return relay.ID{Kind: relay.QcGate, UUID: id}.String()
}

// deviation is the id of the latest one.
func (d desk) deviation() string {
	d.t.Helper()
	return idIn(d.t, d.answer(d.Operator, `{ deviations(first: 1) { nodes { id } } }`, ""))
}

// about is an input about a thing, with more fields.
func about(field, id, more string) string { return `{"` + field + `":"` + id + `"` + more + `}` }

const (
	described = `,"cause":"the tub stood beside the oven","correctiveAction":"tubs stand in the chiller, a line on the floor says so"`
	verified  = `,"verification":"three tubs looked at, each below 4 °C"`
	closing   = `,"reason":"measured again and released","password":"` + linetest.Password + `"`
)

// TestDeviation is a deviation's whole life.
func TestDeviation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wip := d.LotID(d.Make("WIP", "10")).String()
	const code = `"code":"DEV-`
	d.ask("a HOLD opens one", d.Operator, decide, `{"gateId":"`+d.gate("6")+`","lotId":"`+wip+`","decision":"HOLD","notes":" 9 °C in the middle "}`,
		code, `"status":"OPEN","severity":"MAJOR","description":"9 °C in the middle","overdue":false,"site":{"code":"DUNA"},"gate":{"number":"6.00"},"run":null,"openedBy":{"fullName":"operator"},`+
			`"responsible":null,"decisions":[{"decision":"HOLD"}],"lots":{"totalCount":1,"nodes":[{"code":"WIP-20261001-DUNA-0001"}]}`)
	id := d.deviation()
	second := relay.ID{Kind: relay.User, UUID: d.Second.UserID}.String()
	d.ask("assigned", d.Manager, assignDeviation, about("deviationId", id, `,"responsibleId":"`+second+`","dueAt":"2126-01-02T03:04:05Z","reason":"the laboratory needs time"`),
		`"dueAt":"2126-01-02T03:04:05Z","responsible":{"fullName":"second"}`)
	d.ask("described", d.Operator, describeDeviation, about("deviationId", id, described), `"status":"OPEN","cause":"the tub stood`, `"disposition":null,"describedBy":[{"fullName":"operator"}]`)
	d.ask("it isn't said what becomes of the lot", d.Manager, verifyDeviation, about("deviationId", id, verified), faulty("FAILED_PRECONDITION", "deviationId"), "lacks the disposition of WIP-")
	d.ask("described by another too", d.Second, describeDeviation, about("deviationId", id, `,"disposition":"RELEASE"`), `"disposition":"RELEASE","describedBy":[{"fullName":"operator"},{"fullName":"second"}]`)
	d.ask("who described it", d.Second, verifyDeviation, about("deviationId", id, verified), faulty("FAILED_PRECONDITION", "deviationId"), "you described")
	d.ask("not verified", d.Second, closeDeviation, about("deviationId", id, closing), faulty("FAILED_PRECONDITION", "deviationId"), "isn't verified")
	d.ask("verified", d.Manager, verifyDeviation, about("deviationId", id, verified), `{"status":"VERIFIED","verification":"three tubs`, `"verifiedBy":{"fullName":"manager"}`)
	d.ask("its lot is held", d.Second, closeDeviation, about("deviationId", id, closing), faulty("FAILED_PRECONDITION", "deviationId"), "WIP-20261001-DUNA-0001 is still held")
	d.ask("released", d.Manager, releaseLot, about("lotId", wip, `,"reason":"it is cold again","password":"`+linetest.Password+`"`),
		`"held":false,"holds":[{"deviation":{"code":"DEV-`, `"status":"VERIFIED"},"disposition":null}],"deviations":{"totalCount":1`)
	d.ask("a wrong password", d.Second, closeDeviation, about("deviationId", id, `,"reason":"measured again and released","password":"four brown cows"`), faulty("BAD_USER_INPUT", "password"))
	once := about("deviationId", id, closing+`,"idempotencyKey":"once"`)
	d.ask("closed", d.Second, closeDeviation, once, `{"status":"CLOSED","closeReason":"measured again and released","closedBy":{"fullName":"second"}}`)
	d.ask("closed, sent again", d.Second, closeDeviation, once, `{"status":"CLOSED"`)
	d.ask("the key with another input", d.Second, closeDeviation, strings.Replace(once, "measured", "weighed", 1), faulty("CONFLICT", "idempotencyKey"))
	for name, mutation := range map[string]string{describeDeviation: described, verifyDeviation: verified, closeDeviation: closing, assignDeviation: `,"dueAt":"2126-01-02T03:04:05Z","reason":"one day more"`} {
		d.ask("closed for good", d.Second, name, about("deviationId", id, mutation), faulty("FAILED_PRECONDITION", "deviationId"), "is closed")
	}
	d.ask("the log", d.Manager, `{ auditEvents(first: 20) { nodes { action reason subject { ... on Deviation { status } } } } }`, "",
		`{"action":"CLOSE_DEVIATION","reason":"measured again and released","subject":{"status":"CLOSED"}}`, `"VERIFY_DEVIATION"`, `"DESCRIBE_DEVIATION"`,
		`{"action":"ASSIGN_DEVIATION","reason":"the laboratory needs time"`, `"OPEN_DEVIATION"`)
	d.ask("it is no more overdue", d.Operator, `{ deviations(filter: {overdue: false, status: [CLOSED], gate: "6", lot: "WIP-20261001-DUNA-0001", severity: [MAJOR], site: "DUNA"}) { totalCount nodes { id } } }`, "", id)
}

// TestDeviationsFaults: all that is wrong with an input is named, and whose it is.
func TestDeviationsFaults(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lot, other := d.LotID(d.Make("WIP", "10")).String(), d.LotID(d.Make("WIP", "10")).String()
	d.ask("held", d.Operator, `mutation ($input: HoldLotsInput!) { holdLots(input: $input) { lots { id } } }`, `{"lotIds":["`+lot+`"],"reason":"the supplier phoned"}`, lot)
	id := d.deviation()
	none := relay.ID{Kind: relay.Deviation, Site: d.Site.ID, UUID: newID()}.String()
	user := func(id uuid.UUID) string { return relay.ID{Kind: relay.User, UUID: id}.String() }
	for _, tc := range []struct {
		name, mutation, input string
		who                   *identity.Actor
		want                  []string
	}{
		{"nothing said", describeDeviation, about("deviationId", id, ""), d.Operator, []string{`"extensions":{"code":"BAD_USER_INPUT"}`}},
		{
			"too short, twice, no lot", describeDeviation,
			about("deviationId", id, `,"cause":"  ?  ","correctiveAction":"none","lots":[{"lotId":"`+lot+`","disposition":"RELEASE"},{"lotId":"`+lot+`","disposition":"RETURN"},{"lotId":"`+id+`","disposition":"RETURN"}]`),
			d.Operator,
			[]string{faulty("BAD_USER_INPUT", "cause"), faulty("BAD_USER_INPUT", "correctiveAction"), faulty("BAD_USER_INPUT", "lots[1].lotId"), faulty("BAD_USER_INPUT", "lots[2].lotId")},
		},
		{
			"another lot", describeDeviation, about("deviationId", id, described+`,"lots":[{"lotId":"`+lot+`","disposition":"RETURN"},{"lotId":"`+other+`","disposition":"RETURN"}]`), d.Operator,
			[]string{faulty("NOT_FOUND", "lots[1].lotId")},
		},
		{"no deviation", describeDeviation, about("deviationId", none, described), d.Operator, []string{faulty("NOT_FOUND", "deviationId")}},
		{"a lot's id", describeDeviation, about("deviationId", lot, described), d.Operator, []string{faulty("BAD_USER_INPUT", "deviationId")}},
		{"a lot's id", assignDeviation, about("deviationId", lot, `,"dueAt":"2126-01-02T03:04:05Z","reason":"one day more"`), d.Manager, []string{faulty("BAD_USER_INPUT", "deviationId")}},
		{"a lot's id", verifyDeviation, about("deviationId", lot, verified), d.Manager, []string{faulty("BAD_USER_INPUT", "deviationId")}},
		{"a lot's id", closeDeviation, about("deviationId", lot, closing), d.Manager, []string{faulty("BAD_USER_INPUT", "deviationId")}},
		{"nothing assigned, no reason", assignDeviation, about("deviationId", id, `,"reason":""`), d.Manager, []string{faulty("BAD_USER_INPUT", "reason"), `"extensions":{"code":"BAD_USER_INPUT"}`}},
		{
			"to the past, to nobody", assignDeviation, about("deviationId", id, `,"dueAt":"2001-01-02T03:04:05Z","responsibleId":"`+user(newID())+`","reason":"one day more"`), d.Manager,
			[]string{faulty("BAD_USER_INPUT", "dueAt"), faulty("NOT_FOUND", "responsibleId")},
		},
		{"to a lot", assignDeviation, about("deviationId", id, `,"responsibleId":"`+lot+`","reason":"one day more"`), d.Manager, []string{faulty("BAD_USER_INPUT", "responsibleId")}},
		{"too short", verifyDeviation, about("deviationId", id, `,"verification":"seen"`), d.Manager, []string{faulty("BAD_USER_INPUT", "verification")}},
		{"no reason", closeDeviation, about("deviationId", id, `,"reason":"","password":"x"`), d.Manager, []string{faulty("BAD_USER_INPUT", "reason")}},
		{"an operator puts nothing off", assignDeviation, about("deviationId", id, `,"dueAt":"2126-01-02T03:04:05Z","reason":"one day more"`), d.Operator, []string{`"code":"FORBIDDEN"`}},
		{"an operator verifies nothing", verifyDeviation, about("deviationId", id, verified), d.Operator, []string{`"code":"FORBIDDEN"`}},
		{"an operator closes nothing", closeDeviation, about("deviationId", id, closing), d.Operator, []string{`"code":"FORBIDDEN"`}},
	} {
		d.ask(tc.name, tc.who, tc.mutation, tc.input, tc.want...)
	}
	tisz := d.AddSite("TISZ")
	stranger := &identity.Actor{UserID: d.Manager.UserID, Memberships: map[int32]identity.Role{tisz.ID: db.RoleMANAGER}}
	d.ask("another site's", stranger, describeDeviation, about("deviationId", id, described), faulty("NOT_FOUND", "deviationId"))
	d.ask("it isn't there for them", stranger, `{ deviations { totalCount } node(id: "`+id+`") { id } }`, "", `{"deviations":{"totalCount":0},"node":null}`)
	d.ask("nothing of it was written", d.Operator, `{ node(id: "`+id+`") { ... on Deviation { status cause dueAt verification lots { nodes { holds { disposition } } } } } }`, "",
		`{"status":"OPEN","cause":null,`, `"disposition":null`)
}

// TestDeviationIsClosedOnce: two who close it at the same moment through the API, each with a key of their own.
func TestDeviationIsClosedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wip := d.LotID(d.Make("WIP", "10")).String()
	d.ask("held", d.Operator, `mutation ($input: HoldLotsInput!) { holdLots(input: $input) { lots { id } } }`, `{"lotIds":["`+wip+`"],"reason":"the supplier phoned"}`, wip)
	id := d.deviation()
	d.ask("described", d.Operator, describeDeviation, about("deviationId", id, described+`,"disposition":"DESTROY"`), `"DESTROY"`)
	d.ask("verified", d.Manager, verifyDeviation, about("deviationId", id, verified), `"VERIFIED"`)
	d.ask("rejected", d.Manager, `mutation ($input: RejectLotInput!) { rejectLot(input: $input) { lot { status } } }`, about("lotId", wip, `,"reason":"it smells of diesel","password":"`+linetest.Password+`"`), `"REJECTED"`)
	answers := make([]string, 2)
	var wg sync.WaitGroup
	for i, who := range []*identity.Actor{d.Manager, d.Second} {
		wg.Go(func() {
			answers[i] = d.answer(who, closeDeviation, about("deviationId", id, closing+`,"idempotencyKey":"k"`))
		})
	}
	wg.Wait()
	closed, refused := 0, 0
	for _, answer := range answers {
		closed += strings.Count(answer, `"status":"CLOSED"`)
		refused += strings.Count(answer, faulty("FAILED_PRECONDITION", "deviationId"))
	}
	if closed != 1 || refused != 1 {
		t.Errorf("%d closed it, %d were refused: %s", closed, refused, answers)
	}
}
