package graph_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
)

const (
	recallFields = `id code kind reason scope site { code } suspects { totalCount nodes { code } } deviation { severity } openedBy { fullName } closedAt closedBy { fullName } conclusion
		report { lotCount lots { totalCount nodes { code } } onSiteKg onSite { site { code } location { code } status lotCount kg } shippedKg consignees { partner { name } lotCount kg }
			takenKg missingKg locatedPercent within4Hours within24Hours }`
	openRecall    = `mutation ($input: OpenRecallInput!) { openRecall(input: $input) { recall { ` + recallFields + ` } } }`
	refreshRecall = `mutation ($input: RefreshRecallInput!) { refreshRecall(input: $input) { recall { id report { durationSeconds lotCount } } } }`
	closeRecall   = `mutation ($input: CloseRecallInput!) { closeRecall(input: $input) { recall { ` + recallFields + ` } } }`
	signed        = `,"password":"` + linetest.Password + `"`
)

// TestRecall is a recall's whole life.
func TestRecall(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wip := d.Make("WIP", "10")
	tray := d.LotID(d.Make("TRAY", "4", d.Of(wip, "4"))).String()
	lot := d.LotID(wip).String()
	d.ask("shipped", d.Operator, ship, `{"lotIds":["`+tray+`"],"partnerId":"`+d.Customer.String()+`"}`, "transformation")
	auditor := &identity.Actor{UserID: d.Second.UserID, Memberships: map[int32]identity.Role{d.Site.ID: db.RoleAUDITOR}}
	mock := `{"kind":"MOCK","reason":"the exercise of this quarter","lotIds":["` + lot + `"]}`
	d.ask("an auditor exercises", auditor, openRecall, mock, `"code":"REC-`, `"kind":"MOCK"`, `"scope":{"lotIds": ["`+lot+`"]}`, `"site":{"code":"DUNA"}`, `"suspects":{"totalCount":1,"nodes":[{"code":"WIP-`,
		`"deviation":null`, `"lotCount":2,"lots":{"totalCount":2,"nodes":[{"code":"WIP-20261001-DUNA-0001"},{"code":"TRAY-`, `"onSiteKg":"6.000","onSite":[{"site":{"code":"DUNA"},"location":null,"status":"RELEASED","lotCount":1,"kg":"6.000"}]`,
		`"shippedKg":"4.000","consignees":[{"partner":{"name":"Customer"},"lotCount":1,"kg":"4.000"}]`, `"takenKg":"0.000","missingKg":"0.000","locatedPercent":"100.00","within4Hours":true,"within24Hours":true`)
	d.ask("and recalls nothing", auditor, openRecall, `{"kind":"REAL","reason":"the exercise of this quarter","lotIds":["`+lot+`"]`+signed+`}`, `"code":"FORBIDDEN"`)
	stopping := `{"kind":"REAL","reason":"glass was found at a customer's","lotIds":["` + lot + `"]` + signed + `,"idempotencyKey":"once"}`
	d.ask("an operator recalls nothing", d.Operator, openRecall, stopping, `"code":"FORBIDDEN"`)
	answer := d.answer(d.Manager, openRecall, stopping)
	id := idIn(t, answer)
	d.ask("sent again", d.Manager, openRecall, stopping, id, `"kind":"REAL"`, `"deviation":{"severity":"MAJOR"}`, `"status":"HOLD"`)
	d.ask("the lots say so", d.Operator, `{ nodes(ids: ["`+lot+`", "`+tray+`"]) { ... on Lot { held exposed holds { recall { kind } } exposures { reason recall { code } cause { code } path { code } } } } }`, "",
		`"holds":[{"recall":{"kind":"REAL"}}]`, `{"held":false,"exposed":true,"holds":[],"exposures":[{"reason":"RECALL","recall":{"code":"REC-`, `"cause":{"code":"WIP-20261001-DUNA-0001"},"path":[{"code":"WIP-20261001-DUNA-0001"},{"code":"TRAY-`)
	d.ask("what is asked for", d.Manager, refreshRecall, about("recallId", id, ""), `"durationSeconds":`, `"lotCount":2`)
	d.ask("it holds a lot", d.Manager, closeRecall, about("recallId", id, signed), faulty("FAILED_PRECONDITION", "recallId"), "WIP-20261001-DUNA-0001 is still held by REC-")
	d.ask("released", d.Manager, releaseLot, about("lotId", lot, `,"reason":"it came from another lot"`+signed), `"held":false`)
	d.ask("a wrong password", d.Manager, closeRecall, about("recallId", id, `,"password":"four brown cows"`), faulty("BAD_USER_INPUT", "password"))
	d.ask("closed", d.Second, closeRecall, about("recallId", id, signed+`,"conclusion":"it was another supplier's glass"`), `"closedBy":{"fullName":"second"}`, `"conclusion":"it was another`)
	d.ask("the end", d.Operator, `{ node(id: "`+id+`") { ... on Recall { closedAt } } recalls(first: 1) { totalCount nodes { kind } } }`, "", `"recalls":{"totalCount":2,"nodes":[{"kind":"REAL"}]}`)
	d.ask("the log", d.Manager, `{ auditEvents(first: 20) { nodes { action reason subject { ... on Recall { code } } } } }`, "",
		`{"action":"CLOSE_RECALL","reason":null,"subject":{"code":"REC-`, `{"action":"REFRESH_RECALL"`, `{"action":"OPEN_RECALL","reason":"glass was found at a customer's"`)
}

func TestRecallFaults(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lot := d.LotID(d.Make("WIP", "10")).String()
	none := relay.ID{Kind: relay.Recall, Site: d.Site.ID, UUID: uuid.New()}.String()
	d.ask("nothing is suspect, and nobody says why", d.Manager, openRecall, `{"kind":"MOCK","reason":"why?"}`, faulty("BAD_USER_INPUT", "lotIds"), faulty("BAD_USER_INPUT", "reason"))
	d.ask("no signature", d.Manager, openRecall, `{"kind":"REAL","reason":"glass was found in it","lotIds":["`+lot+`"]}`, faulty("BAD_USER_INPUT", "password"))
	d.ask("no such lot", d.Manager, openRecall, `{"kind":"MOCK","reason":"glass was found in it","lotIds":["`+lot+`","`+relay.ID{Kind: relay.Lot, Site: d.Site.ID, UUID: uuid.New()}.String()+`"]}`, faulty("NOT_FOUND", "lotIds[1]"))
	for name, mutation := range map[string]string{closeRecall: signed, refreshRecall: ""} {
		d.ask("no recall", d.Manager, name, about("recallId", none, mutation), faulty("NOT_FOUND", "recallId"))
		d.ask("a lot", d.Manager, name, about("recallId", lot, mutation), faulty("BAD_USER_INPUT", "recallId"))
		d.ask("an operator", d.Operator, name, about("recallId", none, mutation), `"code":"FORBIDDEN"`)
	}
}

// TestRecallsCrossTheBorder: what was received at another site is reached, and counted for who sees both; for who doesn't it is with the partner.
func TestRecallsCrossTheBorder(t *testing.T) {
	t.Parallel()
	b := newBorder(t)
	raw, _, code := b.shipped(t, "100")
	received := idIn(t, b.as(t, b.tisz, registerLot, b.came(code, "60", "60")))
	tisz := func(s string) string { return strings.Replace(s, "DUNA", "TISZ", 1) }
	made := idIn(t, b.as(t, b.tisz, registerLot, tisz(meal("KIT", "20", `,"inputs":[{"lotId":"`+received+`","quantityKg":"20"}]`))))
	mock := `{"kind":"MOCK","reason":"the exercise of this quarter","lotIds":["` + raw.String() + `"]}`
	const figures = `{ recalls { nodes { report { lotCount lots { totalCount nodes { site { code } } } onSiteKg onSite { site { code } kg } shippedKg consignees { partner { name } lotCount kg } locatedPercent } } } }`
	b.at(t, b.duna,
		step{"opened by who sees one side", openRecall, mock, []string{`"lotCount":2`, `"shippedKg":"100.000"`}},
		step{"it is with the partner", figures, "", []string{`"lotCount":2,"lots":{"totalCount":2`, `"onSiteKg":"0.000","onSite":[],"shippedKg":"100.000","consignees":[{"partner":{"name":"Our plant on the Tisza"},"lotCount":1,"kg":"100.000"}],"locatedPercent":"100.00"`}},
	)
	b.at(t, b.both, step{"it is there, and the rest on its way", figures, "", []string{
		`"lotCount":4,"lots":{"totalCount":4`, `"onSiteKg":"60.000","onSite":[{"site":{"code":"TISZ"},"kg":"60.000"}],"shippedKg":"40.000","consignees":[{"partner":{"name":"Our plant on the Tisza"},"lotCount":1,"kg":"40.000"}]`,
	}})
	b.at(t, b.both, step{"the log has no figures of the other site", `{ auditEvents(filter: {action: "OPEN_RECALL"}) { nodes { after } } }`, "", []string{`"lots":2,"onSiteKg":"0.000"`, `"shippedKg":"100.000"`}})
	b.at(t, b.tisz, step{"a recall of others isn't there", `{ recalls { totalCount } }`, "", []string{`"totalCount":0`}})
	// A REAL one stops it there.
	signer := b.signer(t)
	stopping := strings.Replace(mock, `"MOCK"`, `"REAL"`, 1)
	answer := b.as(t, signer, openRecall, strings.TrimSuffix(stopping, "}")+signed+"}")
	id := idIn(t, answer)
	const exposures = `{ exposed exposures { reason recall { code } cause { code } } }`
	lotQuery := func(id string) string { return `{ node(id: "` + id + `") { ... on Lot ` + exposures + ` } }` }
	b.at(t, b.tisz,
		step{"what was made of it can't be used", registerLot, tisz(meal("KIT", "1", of(made))), []string{faulty("FAILED_PRECONDITION", "inputs[0].lotId"), `is exposed`}},
		step{"its people see where it came in, and no recall", lotQuery(made), "", []string{`{"exposed":true,"exposures":[{"reason":"RECALL","recall":null,"cause":{"code":"` + b.codeOf(t, received) + `"}`}},
		step{"what comes later can't be used", registerLot, b.came(code, "40", "40"), []string{faulty("FAILED_PRECONDITION", "shippedLots[0].code")}},
		step{"the log says it", `{ auditEvents(filter: {action: "EXPOSE_LOT"}) { nodes { subjectLabel } } }`, "", []string{b.codeOf(t, received)}},
	)
	b.at(t, b.both, step{"who is at both sees the cause", lotQuery(made), "", []string{`"recall":{"code":"REC-`, `"cause":{"code":"PREP-`}})
	b.as(t, signer, releaseLot, about("lotId", raw.String(), `,"reason":"it came from another lot"`+signed))
	if answer := b.as(t, signer, closeRecall, about("recallId", id, signed)); strings.Contains(answer, "errors") {
		t.Error(answer)
	}
	b.at(t, b.tisz,
		step{"it is over there too", lotQuery(made), "", []string{`{"exposed":false,"exposures":[]}`}},
		step{"the log says that", `{ auditEvents(filter: {action: "END_EXPOSURE"}) { nodes { subjectLabel } } }`, "", []string{b.codeOf(t, received)}},
	)
}

// signer is a manager of DUNA who has a password.
func (b *border) signer(t *testing.T) *identity.Actor {
	t.Helper()
	app := dbtest.AsApp(t, b.owner, nil)
	t.Cleanup(app.Close)
	console := identity.WithActor(identity.WithOrigin(t.Context(), identity.Origin{Program: "test"}), identity.Program([]int32{1}))
	made, err := newIdentity(app).Create(console, identity.NewUser{
		Email: "signer@example.com", FullName: "Signer", Password: linetest.Password, Memberships: []identity.SiteRole{{SiteCode: "DUNA", Role: db.RoleMANAGER}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &identity.Actor{UserID: made.ID, Memberships: map[int32]identity.Role{1: db.RoleMANAGER}}
}
