package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"flowviz/db"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
)

const (
	registerLot          = `mutation ($input: RegisterLotInput!) { registerLot(input: $input) { lot { id code sscc digitalLink product { sku } location { code usedKg } attributes { sku allergens bestBefore } } transformation { kind } } }`
	registerLots         = `mutation ($input: RegisterLotsInput!) { registerLots(input: $input) { lots { code location { code } product { sku } } } }`
	recordTransformation = `mutation ($input: RecordTransformationInput!) { recordTransformation(input: $input) { transformation { id kind outputs { lot { id code sscc } } } } }`
)

// newLine is a plant whose company has published the scenarios of the catalogue.
func newLine(t *testing.T, role db.Role) *plant {
	t.Helper()
	p := newPlant(t, role)
	defs, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.InTx(t.Context(), p.owner, db.Scope{}, func(q *db.Queries) error {
		for _, def := range defs {
			if _, err := scenario.Store(t.Context(), q, def, newID, db.ScenarioStatusPUBLISHED); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

// meal is a lot of the ready meals, with more fields.
func meal(lotType, kg, more string) string {
	return fmt.Sprintf(`{"siteCode":"DUNA","scenarioKey":"chilled-ready-meal","lotType":%q,"weightKg":%q%s}`, lotType, kg, more)
}

// meals is meal of several at once.
func meals(lots ...string) string {
	return `{"siteCode":"DUNA","scenarioKey":"chilled-ready-meal","lots":[` + strings.Join(lots, ",") + `]}`
}

// of names an input: all of it.
func of(id string) string { return fmt.Sprintf(`,"inputs":[{"lotId":%q}]`, id) }

func TestNewLotsArePlaced(t *testing.T) {
	t.Parallel()
	p := newLine(t, db.RoleMANAGER)
	p.ask(t, createLocation, `{"siteCode":"DUNA","code":"COLD","name":"Cold","kind":"BUFFER","lotTypes":["PREP","KIT"],"capacityKg":"100","temperatureMinC":"0","temperatureMaxC":"4"}`)
	p.ask(t, createLocation, `{"siteCode":"DUNA","code":"WARM","name":"Warm","kind":"BUFFER","lotTypes":["PREP"],"capacityKg":"10","temperatureMinC":"10","temperatureMaxC":"20"}`)
	p.ask(t, createLocation, `{"siteCode":"DUNA","code":"HALL","name":"Hall","kind":"AREA"}`)
	end := idIn(t, p.ask(t, createLocation, `{"siteCode":"DUNA","code":"OLD","name":"Old","kind":"AREA"}`))
	p.ask(t, endLocation, `{"locationId":"`+end+`"}`)
	first := p.ask(t, registerLot, meal("PREP", "60", `,"temperatureC":"4","location":"COLD"`))
	if !strings.Contains(first, `"location":{"code":"COLD","usedKg":"60.000"}`) {
		t.Fatal(first)
	}
	p.walk(t, []step{
		{"too much", registerLot, meal("PREP", "40.001", `,"location":"COLD"`), []string{faulty("FAILED_PRECONDITION", "location"), `COLD holds 100.000 kg, and 60.000 kg lie there: 40.001 kg more are 0.001 kg too many`}},
		{"what is drawn of it makes room", registerLot, meal("KIT", "100", `,"location":"COLD"`+of(idIn(t, first))), []string{`"location":{"code":"COLD","usedKg":"100.000"}`}},
		{"anything anywhere else", registerLot, meal("FG", "500", `,"location":"HALL"`), []string{`"location":{"code":"HALL","usedKg":"500.000"}`}},
		{"all that keeps lots away", registerLots, meals(
			`{"lotType":"PREP","weightKg":"4","temperatureC":"9.99","location":"WARM"}`,
			`{"lotType":"KIT","weightKg":"6.001","temperatureC":"10","location":"WARM"}`,
			`{"lotType":"PREP","weightKg":"1","location":"NONE"}`,
			`{"lotType":"PREP","weightKg":"1","location":"OLD"}`,
		), []string{
			faulty("FAILED_PRECONDITION", "lots[0].location"), `the new lot has 9.99 °C, and WARM takes 10.00 to 20.00 °C`, `10.001 kg more are 0.001 kg too many`,
			faulty("FAILED_PRECONDITION", "lots[1].location"), `the new lot is of type KIT, which WARM doesn't take`,
			faulty("NOT_FOUND", "lots[2].location"), faulty("FAILED_PRECONDITION", "lots[3].location"),
		}},
		{"together they fit", registerLots, meals(`{"lotType":"PREP","weightKg":"4","location":"WARM"}`, `{"lotType":"PREP","weightKg":"6","location":"WARM"}`, `{"lotType":"PREP","weightKg":"6"}`), []string{
			`"location":{"code":"WARM"},"product":null},{"code":"PREP-`, `"location":null`,
		}},
		{"of a transformation", recordTransformation, `{"siteCode":"DUNA","scenarioKey":"chilled-ready-meal","kind":"RECEIVE","outputs":[{"lotType":"PREP","weightKg":"1","location":"HALL"},{"lotType":"PREP","weightKg":"1","location":"WARM"}]}`, []string{
			faulty("FAILED_PRECONDITION", "outputs[1].location"),
		}},
	})
}

// TestBatchesPlaceInFewStatements: many lots at many locations cost the statements of two at two.
func TestBatchesPlaceInFewStatements(t *testing.T) {
	t.Parallel()
	p := newLine(t, db.RoleMANAGER)
	p.sql(t, `INSERT INTO location (id, site_id, code, name, kind, lot_types, capacity_kg, temperature_min_c, temperature_max_c)
		SELECT gen_random_uuid(), 1, 'B' || n, 'x', 'BUFFER', '{PREP}', 10, 0, 4 FROM generate_series(1, 20) n`)
	p.ask(t, createProduct, `{"sku":"PREPPED","name":{"en":"Prepped","hu":"Kész"},"lotType":"PREP","unit":"KGM"}`)
	ran := func(lots int) string {
		var batch []string
		for n := range lots {
			batch = append(batch, fmt.Sprintf(`{"lotType":"PREP","weightKg":"1","location":"B%d","product":"PREPPED"}`, n+1))
		}
		_, answer, ran := askAs(t, p.h, p.actor, registerLots, []byte(`{"input":`+meals(batch...)+`}`))
		if strings.Contains(string(answer), `"errors"`) {
			t.Fatal(string(answer))
		}
		return ran.sorted()
	}
	if few, many := ran(2), ran(20); few != many {
		t.Errorf("two lots ran\n%s\ntwenty\n%s", few, many)
	}
}

func TestNewLotsAreOfProducts(t *testing.T) {
	t.Parallel()
	p := newLine(t, db.RoleMANAGER)
	product := func(sku, gtin, lotType, more string) string {
		return idIn(t, p.ask(t, createProduct, fmt.Sprintf(`{"sku":%q,"gtin":%q,"name":{"en":"x","hu":"x"},"lotType":%q,"unit":"KGM"%s}`, sku, gtin, lotType, more)))
	}
	product("SOUP", "9521001000154", "FG", `,"shelfLifeDays":5,"allergens":["SOY","CELERY"]`)
	product("STEW", "9521001000161", "FG", `,"shelfLifeDays":30`)
	product("9521001000161", "", "FG", "") // a SKU that is another's GTIN
	product("KITS", "", "KIT", "")
	p.ask(t, endProduct, `{"productId":"`+product("GONE", "9521001000178", "FG", "")+`"}`)
	const at = `,"occurredAt":"2026-01-10T12:00:00Z"`
	tray := func() string {
		return of(idIn(t, p.ask(t, registerLot, meal("TRAY", "10", at+`,"attributes":{"allergens":["MILK"]}`))))
	}
	p.walk(t, []step{
		{"its allergens and its shelf life", registerLot, meal("FG", "10", at+`,"product":"SOUP"`+tray()), []string{
			`"product":{"sku":"SOUP"}`, `"attributes":{"sku":"SOUP","allergens":["CELERY","MILK","SOY"],"bestBefore":"2026-01-15T00:00:00Z"}`,
			`"digitalLink":"https://id.gs1.org/01/09521001000154/10/FG260110DUNA0001"`,
		}},
		{"which bounds no rule", registerLot, meal("FG", "10", at+`,"product":"STEW"`+tray()), []string{`"bestBefore":"2026-01-19T00:00:00Z"`}},
		{"a date that is too late", registerLot, meal("FG", "10", at+`,"product":"SOUP","attributes":{"bestBefore":"2026-01-16T00:00:00Z"}`+tray()), []string{faulty("FAILED_PRECONDITION", "lotType")}},
		{"what is received keeps its maker's", registerLot, meal("FG", "10", at+`,"product":"SOUP"`), []string{`"digitalLink":null`, `"bestBefore":null`}},
		{"all that is wrong", registerLots, meals(
			`{"lotType":"FG","product":"NONE"}`, `{"lotType":"FG","product":"(01)09521001000153"}`, `{"lotType":"FG","product":"9521001000153"}`,
			`{"lotType":"FG","product":"9521001000161"}`, `{"lotType":"FG","product":"KITS"}`, `{"lotType":"FG","product":"GONE"}`, `{"lotType":"FG","product":"SOUP","attributes":{"sku":"STEW"}}`,
		), []string{
			faulty("NOT_FOUND", "lots[0].product"), faulty("BAD_USER_INPUT", "lots[1].product"), `the check digit of its other digits is 4`, faulty("BAD_USER_INPUT", "lots[2].product"),
			faulty("BAD_USER_INPUT", "lots[3].product"), `is the SKU of one product and the GTIN of STEW`, faulty("BAD_USER_INPUT", "lots[4].product"), `KITS is of the lot type KIT, and this lot is a FG`,
			faulty("FAILED_PRECONDITION", "lots[5].product"), faulty("BAD_USER_INPUT", "lots[6].attributes.sku"),
		}},
		{"found by its label", `{ lot(code: "(01)09521001000154(10)FG260110DUNA0001") { code } }`, "", []string{`{"code":"FG-20260110-DUNA-0001"}`}},
		{"lots of a product", `{ lots(filter: {product: "SOUP"}) { totalCount nodes { product { sku } } } }`, "", []string{`{"totalCount":2,"nodes":[{"product":{"sku":"SOUP"}},{"product":{"sku":"SOUP"}}]}`}},
		{"lots of a GTIN", `{ lots(filter: {product: "https://example.com/01/09521001000154"}) { totalCount } }`, "", []string{`{"totalCount":2}`}},
	})
	soup := idIn(t, p.ask(t, registerLot, meal("KIT", "10", at+`,"product":"KITS"`)))
	p.walk(t, []step{{"divided, it is the same", registerLot, meal("KIT", "5", of(soup)), []string{`"product":{"sku":"KITS"}`, `"kind":"SPLIT"`}}})
}

func TestPalletsHaveAnSSCC(t *testing.T) {
	t.Parallel()
	p := newLine(t, db.RoleADMIN)
	pack := func() string {
		goods := idIn(t, p.ask(t, registerLot, meal("FG", "10", "")))
		p.sql(t, `UPDATE lot SET status = 'RELEASED' WHERE status = 'QUARANTINE'`)
		return p.ask(t, registerLot, meal("PAL", "10", of(goods)))
	}
	if answer := pack(); !strings.Contains(answer, `"sscc":null`) || !strings.Contains(answer, `"kind":"PACK"`) {
		t.Errorf("a site without a company prefix: %s", answer)
	}
	p.ask(t, changeSite, `{"siteCode":"DUNA","companyPrefix":"952100112345"}`)
	p.sql(t, `INSERT INTO lot (id, site_id, code, gs1_key, lot_type_id, status, source, occurred_at, registered_at)
		VALUES (gen_random_uuid(), 1, 'theirs', '00/095210011234500021', $1, 'RELEASED', 'IMPORT', now(), now())`, units)
	for _, want := range []string{"095210011234500014", "095210011234500038"} { // the second number a document has used
		answer := pack()
		if !strings.Contains(answer, `"sscc":"`+want+`","digitalLink":"https://id.gs1.org/00/`+want+`"`) {
			t.Errorf("%s\nwant %s", answer, want)
		}
	}
	if answer := p.ask(t, registerLot, meal("SHIP", "10", of(idIn(t, pack())))); !strings.Contains(answer, `"sscc":null`) {
		t.Errorf("a load of pallets: %s", answer)
	}
	if answer := p.ask(t, registerLot, meal("PAL", "10", "")); !strings.Contains(answer, `"sscc":null`) {
		t.Errorf("a pallet of others: %s", answer)
	}
	p.sql(t, `UPDATE sscc_counter SET last = 9998`)
	if answer := pack(); !strings.Contains(answer, `"sscc":"095210011234599995"`) {
		t.Errorf("the last with the extension digit 0: %s", answer)
	}
	if answer := pack(); !strings.Contains(answer, `"sscc":"195210011234500004"`) {
		t.Errorf("the first with the extension digit 1: %s", answer)
	}
	p.sql(t, `UPDATE sscc_counter SET last = 99999`)
	if answer := pack(); !strings.Contains(answer, faulty("FAILED_PRECONDITION", "siteCode")) {
		t.Errorf("a prefix that is used up: %s", answer)
	}
}
