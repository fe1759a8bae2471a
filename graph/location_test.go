package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

const (
	createLocation = `mutation ($input: CreateLocationInput!) { createLocation(input: $input) { location { id code name kind lotTypes capacityKg temperatureMinC temperatureMaxC usedKg endedAt site { code } } } }`
	changeLocation = `mutation ($input: ChangeLocationInput!) { changeLocation(input: $input) { location { name lotTypes capacityKg temperatureMinC temperatureMaxC } } }`
	endLocation    = `mutation ($input: EndLocationInput!) { endLocation(input: $input) { location { code endedAt } } }`
	moveLots       = `mutation ($input: MoveLotsInput!) { moveLots(input: $input) { location { code usedKg lots { totalCount nodes { code } } } lots { code location { code } } } }`
	chill          = `{"siteCode":"DUNA","code":"CHILL","name":"Chiller","kind":"BUFFER","lotTypes":["GOODS"],"capacityKg":"100","temperatureMinC":"0","temperatureMaxC":"4"}`
)

// lotOf is a lot of a test.
type lotOf struct {
	code, lotType, status string
	site                  int32
	kg, temperature       any // nil for not known
}

// goods and units are the lot types that every database has.
const (
	goods = "00000000-0000-7000-8000-000000000001"
	units = "00000000-0000-7000-8000-000000000002"
)

// lot writes a lot, and returns its id in the API.
func (p *plant) lot(t *testing.T, l lotOf) string {
	t.Helper()
	id := newID()
	p.sql(t, `INSERT INTO lot (id, site_id, code, lot_type_id, status, source, weight_kg, remaining_kg, temperature_c, occurred_at, registered_at)
		VALUES ($1, $2, $3, $4, $5::text::lot_status, 'PERSON', $6, $6, $7, now(), now())`, id, l.site, l.code, l.lotType, l.status, l.kg, l.temperature)
	return relay.ID{Kind: relay.Lot, Site: l.site, UUID: id}.String()
}

// idIn is the first id in an answer.
func idIn(t *testing.T, answer string) string {
	t.Helper()
	_, rest, ok := strings.Cut(answer, `"id":"`)
	if !ok {
		t.Fatal(answer)
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func TestLocations(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleMANAGER)
	made := p.ask(t, createLocation, chill)
	if !strings.Contains(made, `"code":"CHILL","name":"Chiller","kind":"BUFFER","lotTypes":["GOODS"],"capacityKg":"100.000","temperatureMinC":"0.00","temperatureMaxC":"4.00","usedKg":"0.000","endedAt":null,"site":{"code":"DUNA"}`) {
		t.Fatal(made)
	}
	id := idIn(t, made)
	p.walk(t, []step{
		{"a dock takes anything", createLocation, `{"siteCode":"DUNA","code":"DOCK-1","name":"Dock","kind":"DOCK"}`, []string{`"kind":"DOCK","lotTypes":null,"capacityKg":null,`}},
		{"a code twice", createLocation, chill, []string{faulty("CONFLICT", "code")}},
		{"an unknown site", createLocation, strings.Replace(chill, "DUNA", "TISZ", 1), []string{faulty("NOT_FOUND", "siteCode")}},
		{"a buffer without anything", createLocation, `{"siteCode":"DUNA","code":"chill","name":" ","kind":"BUFFER"}`, []string{
			faulty("BAD_USER_INPUT", "code"), faulty("BAD_USER_INPUT", "name"), faulty("BAD_USER_INPUT", "lotTypes"), faulty("BAD_USER_INPUT", "capacityKg"),
			faulty("BAD_USER_INPUT", "temperatureMinC"), faulty("BAD_USER_INPUT", "temperatureMaxC"),
		}},
		{
			"a band upside down, no capacity", createLocation,
			`{"siteCode":"DUNA","code":"X","name":"x","kind":"BUFFER","lotTypes":["GOODS"],"capacityKg":"0","temperatureMinC":"4","temperatureMaxC":"3.99"}`,
			[]string{faulty("BAD_USER_INPUT", "capacityKg"), faulty("BAD_USER_INPUT", "temperatureMaxC")},
		},
		{
			"an area with a buffer's values", createLocation, `{"siteCode":"DUNA","code":"X","name":"x","kind":"AREA","lotTypes":["GOODS"],"capacityKg":"1"}`,
			[]string{faulty("BAD_USER_INPUT", "lotTypes"), faulty("BAD_USER_INPUT", "capacityKg")},
		},
		{"an unknown lot type", createLocation, strings.NewReplacer("CHILL", "X", `"GOODS"`, `"GOODS","NONE"`).Replace(chill), []string{faulty("BAD_USER_INPUT", "lotTypes[1]")}},
		{"changed", changeLocation, `{"locationId":"` + id + `","name":"Cold room","lotTypes":["LU","GOODS","LU"],"capacityKg":"50.5","temperatureMinC":"-1"}`, []string{
			`{"name":"Cold room","lotTypes":["LU","GOODS"],"capacityKg":"50.500","temperatureMinC":"-1.00","temperatureMaxC":"4.00"}`,
		}},
		{"the log says what", events, "", []string{`{"action":"CHANGE_LOCATION","subjectLabel":"CHILL","before":{"capacityKg":"100.000","lotTypes":["GOODS"],"name":"Chiller","temperatureMinC":"0.00"},"after":{"capacityKg":"50.500","lotTypes":["LU","GOODS"],"name":"Cold room","temperatureMinC":"-1.00"}}`}},
		{"changed badly", changeLocation, `{"locationId":"` + id + `","name":"","lotTypes":[],"temperatureMinC":"5"}`, []string{
			faulty("BAD_USER_INPUT", "name"), faulty("BAD_USER_INPUT", "lotTypes"), faulty("BAD_USER_INPUT", "temperatureMaxC"),
		}},
		{"no location", changeLocation, `{"locationId":"` + relay.ID{Kind: relay.Location, Site: 1, UUID: newID()}.String() + `"}`, []string{faulty("NOT_FOUND", "locationId")}},
		{"no location's id", endLocation, `{"locationId":"` + relay.ID{Kind: relay.Lot, Site: 1}.String() + `"}`, []string{faulty("BAD_USER_INPUT", "locationId")}},
		{"by its id", `{ node(id: "` + id + `") { ... on Location { code } } }`, "", []string{`{"node":{"code":"CHILL"}}`}},
		{"buffers that take a type", `{ locations(filter: {site: "DUNA", kind: [BUFFER], lotType: "LU", search: "room", ended: false}) { totalCount nodes { code } } }`, "", []string{`{"totalCount":1,"nodes":[{"code":"CHILL"}]}`}},
	})

	equipment := idIn(t, p.ask(t, `mutation ($input: CreateEquipmentInput!) { createEquipment(input: $input) { equipment { id } } }`,
		`{"siteCode":"DUNA","code":"PR1","name":"Probe","kind":"PROBE","locationCode":"CHILL"}`))
	lot := p.lot(t, lotOf{"A", goods, "RELEASED", 1, "50.5", "2.00"})
	p.walk(t, []step{
		{"a lot comes", moveLots, `{"lotIds":["` + lot + `"],"locationCode":"CHILL"}`, []string{`"usedKg":"50.500"`}},
		{"less than lies there", changeLocation, `{"locationId":"` + id + `","capacityKg":"50","lotTypes":["LU"]}`, []string{faulty("FAILED_PRECONDITION", "capacityKg"), faulty("FAILED_PRECONDITION", "lotTypes")}},
		{"not empty", endLocation, `{"locationId":"` + id + `"}`, []string{`lots lie at CHILL, 1 of them`, `PR1 stands at CHILL`, faulty("FAILED_PRECONDITION", "locationId")}},
		{"the lot goes", moveLots, `{"lotIds":["` + lot + `"],"locationCode":"DOCK-1"}`, []string{`"location":{"code":"DOCK-1"}`}},
		{"the probe goes", `mutation ($input: EndEquipmentInput!) { endEquipment(input: $input) { equipment { location { code } } } }`, `{"equipmentId":"` + equipment + `"}`, []string{`"location":null`}},
		{"ended", endLocation, `{"locationId":"` + id + `"}`, []string{`"code":"CHILL","endedAt":"20`}},
		{"ended twice", endLocation, `{"locationId":"` + id + `"}`, []string{faulty("FAILED_PRECONDITION", "locationId")}},
		{"changed after its end", changeLocation, `{"locationId":"` + id + `","name":"x"}`, []string{faulty("FAILED_PRECONDITION", "locationId")}},
		{"nothing comes there", moveLots, `{"lotIds":["` + lot + `"],"locationCode":"CHILL"}`, []string{faulty("FAILED_PRECONDITION", "locationCode")}},
		{"nothing is put there", `mutation ($input: CreateEquipmentInput!) { createEquipment(input: $input) { equipment { id } } }`, `{"siteCode":"DUNA","code":"PR2","name":"x","kind":"PROBE","locationCode":"CHILL"}`, []string{faulty("FAILED_PRECONDITION", "locationCode")}},
		{"it can be read", `{ locations(filter: {ended: true}) { nodes { code } } }`, "", []string{`[{"code":"CHILL"}]`}},
	})
	p.actor.Memberships[1] = db.RoleOPERATOR
	p.walk(t, []step{{"an operator makes none", createLocation, chill, []string{`"FORBIDDEN"`}}})
	p.actor.Memberships = map[int32]identity.Role{1: db.RoleOPERATOR, 2: db.RoleMANAGER}
	p.walk(t, []step{{"nor who manages elsewhere", changeLocation, `{"locationId":"` + id + `","name":"x"}`, []string{`"FORBIDDEN"`}}})
}

func TestMoveLots(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleMANAGER)
	tisz, err := db.New(p.owner).InsertSite(t.Context(), db.InsertSiteParams{Code: "TISZ", Name: "Tisza", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	p.ask(t, createLocation, chill)
	p.ask(t, createLocation, `{"siteCode":"DUNA","code":"AREA","name":"Area","kind":"AREA"}`)
	p.actor.Memberships[1] = db.RoleOPERATOR
	of := func(l lotOf) string { return p.lot(t, l) }
	move := func(to string, ids ...string) string {
		return `{"locationCode":"` + to + `","lotIds":["` + strings.Join(ids, `","`) + `"]}`
	}
	a, b := of(lotOf{"A", goods, "RELEASED", 1, "60", "4.00"}), of(lotOf{"B", goods, "QUARANTINE", 1, "40", "0.00"})
	unknown := of(lotOf{"UNKNOWN", goods, "QUARANTINE", 1, nil, nil})
	gram := of(lotOf{"GRAM", goods, "RELEASED", 1, "0.001", nil})
	unit, warm := of(lotOf{"UNIT", units, "RELEASED", 1, nil, nil}), of(lotOf{"WARM", goods, "RELEASED", 1, "1", "4.01"})
	cold := of(lotOf{"COLD", units, "RELEASED", 1, "1", "-0.01"})
	eaten, gone, bad := of(lotOf{"EATEN", goods, "CONSUMED", 1, "1", nil}), of(lotOf{"GONE", goods, "SHIPPED", 1, "1", nil}), of(lotOf{"BAD", goods, "REJECTED", 1, "1", nil})
	other := of(lotOf{"OTHER", goods, "RELEASED", tisz, "1", nil})
	missing := relay.ID{Kind: relay.Lot, Site: 1, UUID: newID()}.String()
	p.walk(t, []step{
		{"in the order given", moveLots, move("CHILL", b, a), []string{`"usedKg":"100.000","lots":{"totalCount":2,`, `"lots":[{"code":"B","location":{"code":"CHILL"}},{"code":"A","location":{"code":"CHILL"}}]`}},
		{"again is counted once", moveLots, move("CHILL", a, b), []string{`"usedKg":"100.000"`}},
		{"what isn't weighed", moveLots, move("CHILL", unknown), []string{`"totalCount":3`}},
		{"a gram too much", moveLots, move("CHILL", gram), []string{faulty("FAILED_PRECONDITION", "locationCode"), `CHILL holds 100.000 kg, and 100.000 kg lie there: 0.001 kg more are 0.001 kg too many`}},
		{"all reasons at once", moveLots, move("CHILL", unit, warm, cold, eaten, gone, bad, missing), []string{
			`lot UNIT is of type LU, which CHILL doesn't take`, `lot WARM has 4.01 °C, and CHILL takes 0.00 to 4.00 °C`, faulty("FAILED_PRECONDITION", "lotIds[1]"),
			`lot COLD is of type LU, which CHILL doesn't take`, `lot COLD has -0.01 °C`, faulty("FAILED_PRECONDITION", "lotIds[2]"),
			`lot EATEN is CONSUMED and goes nowhere`, faulty("FAILED_PRECONDITION", "lotIds[3]"), `lot GONE is SHIPPED`,
			faulty("NOT_FOUND", "lotIds[6]"), faulty("FAILED_PRECONDITION", "locationCode"),
		}},
		{"anything to an area", moveLots, move("AREA", unit, warm, cold, a, bad), []string{`"usedKg":"63.000"`, `"totalCount":5`}},
		{"and then there is room", moveLots, move("CHILL", gram), []string{`"usedKg":"40.001"`}},
		{"a lot, and a location, that aren't there", moveLots, move("NONE", missing, a), []string{faulty("NOT_FOUND", "lotIds[0]"), faulty("NOT_FOUND", "locationCode")}},
		{"named twice, no lot, another site's", moveLots, move("AREA", a, a, relay.ID{Kind: relay.Run, Site: 1}.String(), other), []string{
			`is the same lot as lotIds[0]`, faulty("BAD_USER_INPUT", "lotIds[1]"), faulty("BAD_USER_INPUT", "lotIds[2]"), faulty("BAD_USER_INPUT", "lotIds[3]"),
		}},
		{"another site's alone", moveLots, move("AREA", other), []string{faulty("NOT_FOUND", "lotIds[0]")}},
		{"none", moveLots, `{"locationCode":"AREA","lotIds":[]}`, []string{faulty("BAD_USER_INPUT", "lotIds")}},
		{"too many", moveLots, move("AREA", strings.Split(strings.Repeat(missing+",", 1000)+missing, ",")...), []string{`"extensions":{"code":"BAD_USER_INPUT","cost":1001,"field":"lotIds","limit":"lotIds","value":1000}`}},
		{"lots by place", `{ lots(filter: {location: "CHILL", site: "DUNA"}) { totalCount nodes { code } } }`, "", []string{`{"totalCount":3,"nodes":[{"code":"GRAM"},{"code":"UNKNOWN"},{"code":"B"}]}`}},
	})
	p.sql(t, `UPDATE lot SET status = 'CONSUMED', remaining_kg = 0 WHERE code = 'B'`)
	p.walk(t, []step{{"nothing of it is there", `{ lots(filter: {search: "GRAM"}) { nodes { location { usedKg lots(first: 1) { totalCount nodes { code } } } } } }`, "", []string{`{"usedKg":"0.001","lots":{"totalCount":2,"nodes":[{"code":"GRAM"}]}}`}}})
	if _, err := p.owner.Exec(t.Context(), `UPDATE lot SET location_id = (SELECT id FROM location WHERE code = 'AREA') WHERE code = 'EATEN'`); err == nil {
		t.Error("a consumed lot lies somewhere")
	}
	p.actor.Memberships[1] = db.RoleMANAGER
	p.walk(t, []step{{"each move is in the log", `{ auditEvents(filter: {action: "MOVE_LOT"}) { totalCount nodes { subject { ... on Lot { code } } before after } } }`, "", []string{
		`{"totalCount":9,`, `{"subject":{"code":"A"},"before":{"location":"CHILL"},"after":{"location":"AREA"}}`, `{"subject":{"code":"B"},"before":{"location":null},"after":{"location":"CHILL"}}`,
	}}})
	p.actor.Memberships[1] = db.RoleVIEWER
	p.walk(t, []step{{"a viewer moves nothing", moveLots, move("AREA", a), []string{`"FORBIDDEN"`}}})
	p.actor.Memberships[tisz] = db.RoleOPERATOR
	p.walk(t, []step{{"nor an operator elsewhere", moveLots, move("AREA", a), []string{`"FORBIDDEN"`}}})
}

// TestMoveManyLots: a batch is one operation. A full one of 1,000 takes less than a second, but on a starved machine more than an answer's five.
func TestMoveManyLots(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleMANAGER)
	p.ask(t, createLocation, `{"siteCode":"DUNA","code":"AREA","name":"Area","kind":"AREA"}`)
	p.sql(t, `INSERT INTO lot (id, site_id, code, lot_type_id, status, source, weight_kg, remaining_kg, occurred_at, registered_at)
		SELECT gen_random_uuid(), 1, 'L' || n, '`+goods+`', 'RELEASED', 'PERSON', 1, 1, now(), now() FROM generate_series(1, 100) n`)
	rows, err := p.owner.Query(t.Context(), `SELECT id FROM lot`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, relay.ID{Kind: relay.Lot, Site: 1, UUID: id}.String())
	}
	answer := p.ask(t, `mutation ($input: MoveLotsInput!) { moveLots(input: $input) { location { usedKg } } }`, fmt.Sprintf(`{"locationCode":"AREA","lotIds":["%s"]}`, strings.Join(ids, `","`)))
	if !strings.Contains(answer, `"usedKg":"100.000"`) {
		t.Errorf("%.500s", answer)
	}
}

func TestEquipment(t *testing.T) {
	t.Parallel()
	const (
		create = `mutation ($input: CreateEquipmentInput!) { createEquipment(input: $input) { equipment { id code name kind phases location { code equipment { code } } site { code } endedAt } } }`
		change = `mutation ($input: ChangeEquipmentInput!) { changeEquipment(input: $input) { equipment { name kind phases location { code } } } }`
		end    = `mutation ($input: EndEquipmentInput!) { endEquipment(input: $input) { equipment { endedAt location { code } } } }`
	)
	p := newPlant(t, db.RoleMANAGER)
	p.ask(t, createLocation, `{"siteCode":"DUNA","code":"HALL","name":"Hall","kind":"AREA"}`)
	made := p.ask(t, create, `{"siteCode":"DUNA","code":"MD1","name":"Detector","kind":"METAL_DETECTOR","locationCode":"HALL","phases":[9,8,9]}`)
	if !strings.Contains(made, `"code":"MD1","name":"Detector","kind":"METAL_DETECTOR","phases":[8,9],"location":{"code":"HALL","equipment":[{"code":"MD1"}]},"site":{"code":"DUNA"},"endedAt":null`) {
		t.Fatal(made)
	}
	id := idIn(t, made)
	p.walk(t, []step{
		{"a code twice", create, `{"siteCode":"DUNA","code":"MD1","name":"x","kind":"OTHER"}`, []string{faulty("CONFLICT", "code")}},
		{"all wrong", create, `{"siteCode":"DUNA","code":"md 1","name":"","kind":"OTHER","phases":[-1,1000]}`, []string{
			faulty("BAD_USER_INPUT", "code"), faulty("BAD_USER_INPUT", "name"), faulty("BAD_USER_INPUT", "phases[0]"), faulty("BAD_USER_INPUT", "phases[1]"),
		}},
		{"no such location", create, `{"siteCode":"DUNA","code":"X","name":"x","kind":"OTHER","locationCode":"NONE"}`, []string{faulty("NOT_FOUND", "locationCode")}},
		{"no such site", create, `{"siteCode":"TISZ","code":"X","name":"x","kind":"OTHER"}`, []string{faulty("NOT_FOUND", "siteCode")}},
		{"changed", change, `{"equipmentId":"` + id + `","name":"Scale","kind":"SCALE","locationCode":"","phases":[]}`, []string{`{"name":"Scale","kind":"SCALE","phases":[],"location":null}`}},
		{"the log says what", events, "", []string{`{"action":"CHANGE_EQUIPMENT","subjectLabel":"MD1","before":{"kind":"METAL_DETECTOR","location":"HALL","name":"Detector","phases":[8,9]},"after":{"kind":"SCALE","location":null,"name":"Scale","phases":[]}}`}},
		{"changed badly", change, `{"equipmentId":"` + id + `","name":" ","locationCode":"NONE"}`, []string{faulty("BAD_USER_INPUT", "name"), faulty("NOT_FOUND", "locationCode")}},
		{"no such equipment", end, `{"equipmentId":"` + relay.ID{Kind: relay.Equipment, Site: 1, UUID: newID()}.String() + `"}`, []string{faulty("NOT_FOUND", "equipmentId")}},
		{"no equipment's id", change, `{"equipmentId":"` + relay.ID{Kind: relay.Site, Site: 1}.String() + `"}`, []string{faulty("BAD_USER_INPUT", "equipmentId")}},
		{"ended", end, `{"equipmentId":"` + id + `"}`, []string{`"endedAt":"20`}},
		{"changed after its end", change, `{"equipmentId":"` + id + `","name":"x"}`, []string{faulty("FAILED_PRECONDITION", "equipmentId")}},
		{"it can be read", `{ equipment(filter: {site: "DUNA", ended: true, kind: [SCALE, PROBE], search: "MD1"}) { totalCount nodes { code } } node(id: "` + id + `") { ... on Equipment { name } } }`, "", []string{`{"totalCount":1,"nodes":[{"code":"MD1"}]},"node":{"name":"Scale"}`}},
	})
	p.actor.Memberships[1] = db.RoleOPERATOR
	p.walk(t, []step{{"an operator makes none", create, `{"siteCode":"DUNA","code":"X","name":"x","kind":"OTHER"}`, []string{`"FORBIDDEN"`}}})
}
