package graph_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"flowviz/db"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// border is two sites, DUNA, which ships, and TISZ, which receives, with somebody at each and somebody at both.
type border struct {
	*plant
	duna, tisz, both   *identity.Actor
	customer, supplier string // TISZ for DUNA, and DUNA for TISZ
}

const (
	dunaGLN, tiszGLN = "9521001000000", "9521002000009"
	ship             = `mutation ($input: ShipLotsInput!) { shipLots(input: $input) { transformation { id } } }`
	holdLots         = `mutation ($input: HoldLotsInput!) { holdLots(input: $input) { lots { code } } }`
)

func newBorder(t *testing.T) *border {
	t.Helper()
	b := &border{plant: newLine(t, db.RoleMANAGER)}
	tisz, err := db.New(b.owner).InsertSite(t.Context(), db.InsertSiteParams{Code: "TISZ", Name: "Tisza", TimeZone: "UTC", GLN: new(tiszGLN)})
	if err != nil {
		t.Fatal(err)
	}
	b.sql(t, `UPDATE site SET gln = $1 WHERE code = 'DUNA'`, dunaGLN)
	member := func(sites ...int32) *identity.Actor {
		who := &identity.Actor{UserID: newID(), Memberships: map[int32]identity.Role{}}
		if err := db.New(b.owner).InsertUser(t.Context(), db.InsertUserParams{ID: who.UserID, Email: who.UserID.String() + "@example.com", FullName: "X", CreatedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		for _, site := range sites {
			who.Memberships[site] = db.RoleMANAGER
		}
		return who
	}
	b.duna, b.tisz, b.both = member(1), member(tisz), member(1, tisz)
	const partner = `mutation ($input: RegisterPartnerInput!) { registerPartner(input: $input) { partner { id } } }`
	b.customer = idIn(t, b.as(t, b.duna, partner, `{"siteCode":"DUNA","name":"Our plant on the Tisza","gln":"`+tiszGLN+`"}`))
	b.supplier = idIn(t, b.as(t, b.tisz, partner, `{"siteCode":"TISZ","name":"Our plant on the Duna","gln":"`+dunaGLN+`"}`))
	return b
}

// as asks as somebody.
func (b *border) as(t *testing.T, who *identity.Actor, query, input string) string {
	t.Helper()
	p := *b.plant
	p.actor = who
	return p.ask(t, query, input)
}

// at walks steps as somebody.
func (b *border) at(t *testing.T, who *identity.Actor, steps ...step) {
	t.Helper()
	p := *b.plant
	p.actor = who
	p.walk(t, steps)
}

// shipped is a lot of so many kilograms that DUNA made of another and shipped to TISZ.
func (b *border) shipped(t *testing.T, kg string) (raw, sent relay.ID, code string) {
	t.Helper()
	first := b.as(t, b.duna, registerLot, meal("PREP", kg, `,"attributes":{"allergens":["MILK"]}`))
	second := b.as(t, b.duna, registerLot, meal("KIT", kg, of(idIn(t, first))))
	if answer := b.as(t, b.duna, ship, `{"lotIds":["`+idIn(t, second)+`"],"partnerId":"`+b.customer+`"}`); strings.Contains(answer, "errors") {
		t.Fatal(answer)
	}
	_, rest, _ := strings.Cut(second, `"code":"`)
	code, _, _ = strings.Cut(rest, `"`)
	return parsed(t, idIn(t, first)), parsed(t, idIn(t, second)), code
}

func parsed(t *testing.T, id string) relay.ID {
	t.Helper()
	out, err := relay.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// came is a lot that TISZ receives of a shipped one.
func (b *border) came(code, kg, quantity string) string {
	if quantity != "" {
		quantity = `,"quantityKg":"` + quantity + `"`
	}
	return `{"siteCode":"TISZ","scenarioKey":"chilled-ready-meal","lotType":"PREP","weightKg":"` + kg + `","supplierId":"` + b.supplier + `","shippedLots":[{"code":"` + code + `"` + quantity + `}]}`
}

func TestReceiptsCrossTheBorder(t *testing.T) {
	t.Parallel()
	b := newBorder(t)
	raw, sent, code := b.shipped(t, "100")
	received := b.as(t, b.tisz, registerLot, b.came(code, "60", "60"))
	if !strings.Contains(received, `"kind":"RECEIVE"`) || !strings.Contains(received, `"allergens":["MILK"]`) {
		t.Fatal(received)
	}
	made := idIn(t, b.as(t, b.tisz, registerLot, strings.Replace(meal("KIT", "60", of(idIn(t, received))), "DUNA", "TISZ", 1)))
	const up = `{ ancestors { totalCount nodes { code site { code } } } parents { lot { code } quantityKg transformation { inputs { lot { code } } } } supplier { name } attributes { supplierLotCode } `
	lotQuery := func(id, fields string) string { return `{ node(id: "` + id + `") { ... on Lot ` + fields + ` } }` }
	b.at(t, b.both,
		step{"who is at both sees it all", lotQuery(idIn(t, received), up+`genealogy { lotCount linkCount } } `), "", []string{
			`"ancestors":{"totalCount":2,"nodes":[{"code":"` + code + `","site":{"code":"DUNA"}},{"code":"PREP-`, `"parents":[{"lot":{"code":"` + code + `"},"quantityKg":"60.000","transformation":{"inputs":[{"lot":{"code":"` + code + `"}}]}}]`,
			`"genealogy":{"lotCount":4,"linkCount":3}`,
		}},
		step{"forward too", lotQuery(raw.String(), `{ descendants { totalCount } }`), "", []string{`"totalCount":3`}},
		step{"as it was known then", lotQuery(made, `{ genealogy(direction: ANCESTORS, asOf: "2100-01-01T00:00:00Z") { lotCount } }`), "", []string{`"lotCount":4`}},
	)
	b.at(t, b.tisz,
		step{"at the receiver it ends with partner and code", lotQuery(idIn(t, received), up+`genealogy { lotCount linkCount } } `), "", []string{
			`"ancestors":{"totalCount":0,"nodes":[]},"parents":[],"supplier":{"name":"Our plant on the Duna"},"attributes":{"supplierLotCode":"` + code + `"}`, `"genealogy":{"lotCount":2,"linkCount":1}`,
		}},
		step{"also as it was", lotQuery(made, `{ genealogy(asOf: "2100-01-01T00:00:00Z") { lotCount } }`), "", []string{`"lotCount":2`}},
	)
	b.at(t, b.duna, step{"at the sender it ends with the shipment", lotQuery(sent.String(), `{ children { lot { code } } descendants { totalCount } massBalance { shippedKg remainingKg } }`), "", []string{
		`"children":[],"descendants":{"totalCount":0},"massBalance":{"shippedKg":"100.000","remainingKg":"0.000"}`,
	}})
}

func TestReceiptsAreRefused(t *testing.T) {
	t.Parallel()
	b := newBorder(t)
	_, sent, code := b.shipped(t, "100")
	kept := b.as(t, b.duna, registerLot, meal("PREP", "5", ""))
	_, rest, _ := strings.Cut(kept, `"code":"`)
	keptCode, _, _ := strings.Cut(rest, `"`)
	b.at(t, b.tisz,
		step{"more than was shipped", registerLot, b.came(code, "100", "100.001"), []string{faulty("FAILED_PRECONDITION", "shippedLots[0].quantityKg"), `100.001 kg of ` + code + ` are said to have come, and of what was shipped here 100.000 have not come yet`}},
		step{"a lot that was never shipped", registerLot, b.came(keptCode, "1", ""), []string{faulty("NOT_FOUND", "shippedLots[0].code"), `DUNA has shipped no such lot here`}},
		step{"a lot that isn't there", registerLot, b.came("NONE", "1", ""), []string{faulty("NOT_FOUND", "shippedLots[0].code"), `DUNA has shipped no such lot here`}},
		step{"twice", registerLot, strings.Replace(b.came(code, "1", "1"), `"shippedLots":[`, `"shippedLots":[{"code":"`+code+`","quantityKg":"1"},`, 1), []string{faulty("BAD_USER_INPUT", "shippedLots[1].code")}},
		step{"in pieces", registerLot, strings.Replace(b.came(code, "1", "1"), `quantityKg`, `quantity`, 1), []string{faulty("BAD_USER_INPUT", "shippedLots[0].quantity")}},
		step{"from nobody", registerLot, strings.Replace(b.came(code, "1", ""), `"supplierId":"`+b.supplier+`",`, "", 1), []string{faulty("BAD_USER_INPUT", "supplierId")}},
		step{"not received", recordTransformation, `{"siteCode":"TISZ","kind":"SHIP","partnerId":"` + b.supplier + `","shippedLots":[{"code":"` + code + `"}]}`, []string{faulty("BAD_USER_INPUT", "shippedLots")}},
		step{"a part", registerLot, b.came(code, "40", "40"), []string{`"kind":"RECEIVE"`}},
		step{"more than is left", registerLot, b.came(code, "60", "60.001"), []string{`60.000 have not come yet`}},
		step{"the rest, which weighs more here", registerLot, b.came(code, "60.5", ""), []string{`"kind":"RECEIVE"`}},
		step{"an alert says so", `{ alerts { nodes { kind message lot { site { code } } } } }`, "", []string{`{"kind":"YIELD_OUT_OF_BAND","message":"60.5 kg were weighed of what came from DUNA, which shipped 60.000 kg"`}},
		step{"nothing is left", registerLot, b.came(code, "1", ""), []string{faulty("FAILED_PRECONDITION", "shippedLots[0].quantityKg")}},
	)
	other := `mutation ($input: RegisterPartnerInput!) { registerPartner(input: $input) { partner { id } } }`
	farm := idIn(t, b.as(t, b.tisz, other, `{"siteCode":"TISZ","name":"Farm"}`))
	b.at(t, b.tisz, step{"from no site of the company", registerLot, strings.Replace(b.came(code, "1", ""), b.supplier, farm, 1), []string{faulty("FAILED_PRECONDITION", "supplierId")}})

	void := `mutation ($input: VoidTransformationInput!) { voidTransformation(input: $input) { transformation { voidedAt } } }`
	var shipment, receipt relay.ID
	for kind, id := range map[string]*relay.ID{"SHIP": &shipment, "RECEIVE": &receipt} {
		id.Kind = relay.Transformation
		if err := b.owner.QueryRow(t.Context(), `SELECT t.id, t.site_id FROM transformation t
			WHERE t.kind = $1::text::transformation_kind AND (t.kind = 'SHIP' OR EXISTS (SELECT FROM receipt r WHERE r.transformation_id = t.id AND r.quantity_kg = 40))`, kind).Scan(&id.UUID, &id.Site); err != nil {
			t.Fatal(err)
		}
	}
	b.at(t, b.duna, step{"a shipment that has come isn't voided", void, `{"transformationId":"` + shipment.String() + `","reason":"it never left us"}`, []string{faulty("FAILED_PRECONDITION", "transformationId"), `another site has received ` + code}})
	b.at(t, b.tisz,
		step{"a receipt is", void, `{"transformationId":"` + receipt.String() + `","reason":"it was another pallet"}`, []string{`"voidedAt":"2`}},
		step{"and can come again", registerLot, b.came(code, "40", ""), []string{`"kind":"RECEIVE"`}},
	)
	hold := `{"lotIds":["` + sent.String() + `"],"reason":"the supplier phones"}`
	_, _, second := b.shipped(t, "10")
	b.at(t, b.duna, step{"held where it was", holdLots, strings.Replace(hold, sent.String(), b.idOf(t, second), 1), []string{second}})
	b.at(t, b.tisz, step{"what is held can't come", registerLot, b.came(second, "10", ""), []string{faulty("FAILED_PRECONDITION", "shippedLots[0].code"), `is held: set the goods apart until DUNA lets it go`}})
}

func (b *border) idOf(t *testing.T, code string) string {
	t.Helper()
	id := relay.ID{Kind: relay.Lot}
	if err := b.owner.QueryRow(t.Context(), `SELECT id, site_id FROM lot WHERE code = $1`, code).Scan(&id.UUID, &id.Site); err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// TestHoldsCrossTheBorder: who holds sees nothing of the other site, and the goods are stopped there.
func TestHoldsCrossTheBorder(t *testing.T) {
	t.Parallel()
	b := newBorder(t)
	raw, _, code := b.shipped(t, "100")
	received := idIn(t, b.as(t, b.tisz, registerLot, b.came(code, "100", "")))
	tisz := func(s string) string { return strings.Replace(s, "DUNA", "TISZ", 1) }
	made := idIn(t, b.as(t, b.tisz, registerLot, tisz(meal("KIT", "60", `,"inputs":[{"lotId":"`+received+`","quantityKg":"60"}]`))))
	b.at(t, b.duna, step{"held", holdLots, `{"lotIds":["` + raw.String() + `"],"reason":"the supplier phones"}`, []string{`PREP-`}})
	const exposures = `{ exposed exposures { reason cause { code } path { code } } }`
	lotQuery := func(id, fields string) string { return `{ node(id: "` + id + `") { ... on Lot ` + fields + ` } }` }
	receivedCode := b.codeOf(t, received)
	b.at(t, b.tisz,
		step{"what was made of it can't be used", registerLot, tisz(meal("KIT", "1", of(received))), []string{faulty("FAILED_PRECONDITION", "inputs[0].lotId"), `is exposed`}},
		step{"nor what was made of that", registerLot, tisz(meal("KIT", "1", of(made))), []string{`is exposed`}},
		step{"its people see where it came in", lotQuery(made, exposures), "", []string{`{"exposed":true,"exposures":[{"reason":"HOLD","cause":{"code":"` + receivedCode + `"},"path":[{"code":"` + receivedCode + `"},{"code":"KIT-`}},
		step{"the lot where it came in", lotQuery(received, exposures), "", []string{`"cause":{"code":"` + receivedCode + `"},"path":[{"code":"` + receivedCode + `"}]`}},
		step{"the log says it", `{ auditEvents(filter: {action: "EXPOSE_LOT"}) { nodes { subjectLabel site { code } } } }`, "", []string{`[{"subjectLabel":"` + receivedCode + `","site":{"code":"TISZ"}}]`}},
	)
	b.at(t, b.both, step{"who is at both sees the cause", lotQuery(made, exposures), "", []string{`"cause":{"code":"PREP-`, `"path":[{"code":"PREP-`, code, receivedCode}})
	var told int
	if err := b.owner.QueryRow(t.Context(), `SELECT count(*) FROM event e JOIN site s ON s.id = e.site_id WHERE s.code = 'TISZ' AND e.type = 'LOT_EXPOSED'`).Scan(&told); err != nil || told != 1 {
		t.Errorf("TISZ was told %d times (%v)", told, err)
	}

	// One lot was made of it at DUNA, and two at TISZ: how many there is not for DUNA.
	if err := newIdentity(b.app).SetPasswords(identity.WithOrigin(t.Context(), identity.Origin{Program: "test"}), []string{b.duna.UserID.String() + "@example.com"}, "", listenersPassword); err != nil {
		t.Fatal(err)
	}
	b.at(t, b.duna,
		step{"let go", releaseLot, `{"lotId":"` + raw.String() + `","reason":"the supplier took it back","password":"` + listenersPassword + `"}`, []string{`"held":false`}},
		step{"held, in its own log", `{ auditEvents(filter: {action: "HOLD_LOT"}) { nodes { after } } }`, "", []string{`"exposedLots":1`}},
		step{"let go, in its own log", `{ auditEvents(filter: {action: "RELEASE_LOT"}) { nodes { after } } }`, "", []string{`"exposuresEnded":1`}},
	)
	var others int
	if err := b.owner.QueryRow(t.Context(), `SELECT count(*) FROM event e JOIN site s ON s.id = e.site_id
		WHERE s.code = 'DUNA' AND e.type IN ('LOT_EXPOSED', 'EXPOSURE_ENDED') AND e.data ->> 'lots' IS DISTINCT FROM '1'`).Scan(&others); err != nil || others != 0 {
		t.Errorf("%d events at DUNA tell of lots elsewhere (%v)", others, err)
	}
}

func (b *border) codeOf(t *testing.T, id string) (code string) {
	t.Helper()
	if err := b.owner.QueryRow(t.Context(), `SELECT code FROM lot WHERE id = $1`, parsed(t, id).UUID).Scan(&code); err != nil {
		t.Fatal(err)
	}
	return code
}

// TestReceiveOrHoldAtOnce receives one lot many times at once while its site holds what it was made of: no more comes than was shipped, and
// whatever came is exposed.
func TestReceiveOrHoldAtOnce(t *testing.T) {
	t.Parallel()
	b := newBorder(t)
	for range 5 {
		raw, _, code := b.shipped(t, "30")
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { b.as(t, b.tisz, registerLot, b.came(code, "10", "10")) })
		}
		all.Go(func() {
			if answer := b.as(t, b.duna, holdLots, `{"lotIds":["`+raw.String()+`"],"reason":"the supplier phones"}`); strings.Contains(answer, "errors") {
				t.Error(answer)
			}
		})
		all.Wait()
	}
	var most, free int
	if err := b.owner.QueryRow(t.Context(), `SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM receipt GROUP BY lot_id) x`).Scan(&most); err != nil || most > 3 {
		t.Errorf("10 kg of 30 came %d times (%v)", most, err)
	}
	if err := b.owner.QueryRow(t.Context(), `SELECT count(*) FROM lot_genealogy g WHERE g.parent_site_id <> g.site_id
		AND NOT EXISTS (SELECT FROM exposure e WHERE e.lot_id = g.child_id AND e.ended_at IS NULL)`).Scan(&free); err != nil || free != 0 {
		t.Errorf("%d lots came and are not exposed (%v)", free, err)
	}
}
