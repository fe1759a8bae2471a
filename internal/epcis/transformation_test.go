package epcis_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/epcis"
	"flowviz/internal/trace"
)

// inForce is what went into transformations in force and came out, by kind.
const inForce = `SELECT concat_ws(' ', t.kind,
		(SELECT string_agg(concat_ws(' ', replace(l.code, 'urn:example:', ''), i.quantity_kg), ' + ' ORDER BY l.code) FROM transformation_input i JOIN lot l ON l.id = i.lot_id WHERE i.transformation_id = t.id), '→',
		(SELECT string_agg(concat_ws(' ', replace(l.code, 'urn:example:', ''), o.quantity_kg), ' + ' ORDER BY l.code) FROM transformation_output o JOIN lot l ON l.id = o.lot_id WHERE o.transformation_id = t.id))
	FROM transformation t WHERE t.voided_at IS NULL ORDER BY t.occurred_at`

func TestOneTransformationInSeveralEvents(t *testing.T) {
	t.Parallel()
	const vat = `"transformationID": "urn:example:vat", `
	fill := at("Transformation", "08:00", vat+amounts("inputQuantityList", "milk", 600, "culture", 1))
	more := with(at("Transformation", "09:00", vat+amounts("inputQuantityList", "milk", 100)), id("more"))
	empty := at("Transformation", "14:00", vat+amounts("outputQuantityList", "yoghurt", 580))
	base := newWorld(t)
	for _, order := range append(orders, nil) {
		base.in(fmt.Sprint(order), func(w *world) {
			parts := []string{fill, more, empty}
			if order == nil {
				w.load("all", told(parts...))
			}
			for _, i := range order {
				w.load(fmt.Sprintf("part-%d", i), told(parts[i]))
			}
			w.want(inForce, "PROCESS culture 1.000 + milk 700.000 → yoghurt 580.000")
			w.want("SELECT count(*)::text FROM lot_genealogy", "2")
			// What was recorded before stays, void and replaced by what was told then.
			voided := w.ask("SELECT count(*)::text || ' ' || count(replaced_by_id) || ' ' || count(void_reason) FROM transformation WHERE voided_at IS NOT NULL")
			if want := fmt.Sprintf("%d %[1]d %[1]d", max(len(order)-1, 0)); voided[0] != want {
				w.Errorf("voided, replaced and given a reason: %v, want %s", voided, want)
			}

			w.load("declared", told(wrong(more, "did_not_occur")))
			w.want(inForce, "PROCESS culture 1.000 + milk 600.000 → yoghurt 580.000")
			w.want("SELECT count(*)::text FROM lot_genealogy", "2")
			w.load("declared", told(wrong(empty, "did_not_occur")))
			w.want(inForce, "PROCESS culture 1.000 + milk 600.000 →")
			w.want("SELECT count(*)::text FROM lot_genealogy", "0")
			w.load("declared", told(wrong(fill, "did_not_occur")))
			w.want(inForce)
		})
	}
}

func TestNoCycle(t *testing.T) {
	t.Parallel()
	circle := []string{made("08:00", "a", 1, "b", 1), made("09:00", "b", 1, "c", 1), made("10:00", "c", 1, "a", 1)}
	const links = `SELECT replace(p.code || ' → ' || c.code, 'urn:example:', '') FROM lot_genealogy g
		JOIN lot p ON p.id = g.parent_id JOIN lot c ON c.id = g.child_id ORDER BY 1`
	base := newWorld(t)
	base.in("in one document", func(w *world) {
		report := w.load("circle", told(circle...))
		w.want(links, "a → b", "b → c")
		w.want("SELECT l.code || ' ' || a.severity || ' ' || a.message FROM alert a JOIN lot l ON l.id = a.lot_id WHERE kind = 'RULE_BROKEN'",
			"urn:example:a WARNING urn:example:a is told to be made of urn:example:c, which was made of it: the genealogy leaves that out")
		w.want(inForce, "PROCESS a 1.000 → b 1.000", "PROCESS b 1.000 → c 1.000", "PROCESS c 1.000 → a 1.000")
		if report.Links != 2 || report.Transformations != 3 || report.Alerts != 1 {
			w.Errorf("report %v", report)
		}
		w.twice("circle", told(circle...))

		// The link that was left out fits when another one turns out to be wrong.
		w.load("declared", told(wrong(circle[1], "did_not_occur")))
		w.want(links, "a → b", "c → a")
		w.want("SELECT count(*)::text FROM alert WHERE kind = 'RULE_BROKEN'", "1")
	})
	for _, order := range orders {
		base.in(fmt.Sprint("in three documents", order), func(w *world) {
			for _, i := range order {
				w.load(fmt.Sprintf("part-%d", i), told(circle[i]))
			}
			w.want("SELECT count(*)::text FROM lot_genealogy", "2")
			w.want("SELECT count(*)::text FROM alert WHERE kind = 'RULE_BROKEN'", "1")
			w.acyclic()
		})
	}
	base.in("of itself", func(w *world) {
		w.load("self", told(at("Transformation", "08:00", amounts("inputQuantityList", "a", 5, "b", 1)+", "+amounts("outputQuantityList", "a", 6))))
		w.want(links, "b → a")
		w.want("SELECT message FROM alert WHERE kind = 'RULE_BROKEN'", "urn:example:a is told to be made of itself: the genealogy leaves that out")
	})
}

// acyclic checks that no lot is its own ancestor.
func (w *world) acyclic() {
	w.Helper()
	w.want(`WITH RECURSIVE up (root, id) AS (
			SELECT child_id, parent_id FROM lot_genealogy
			UNION SELECT up.root, g.parent_id FROM up JOIN lot_genealogy g ON g.child_id = up.id)
		SELECT root::text FROM up WHERE root = id`)
}

func TestUnits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load("units", told(
		at("Object", "05:00", `"action": "ADD", "epcList": ["urn:epc:id:sgtin:9520000.012345.7"], "quantityList": [
			{"epcClass": "urn:example:pounds", "quantity": 25000, "uom": "LBR"},
			{"epcClass": "urn:example:cases", "quantity": 500, "uom": "XCS"},
			{"epcClass": "urn:example:pieces", "quantity": 12},
			{"epcClass": "urn:example:unknown"},
			{"epcClass": "urn:example:both", "quantity": 20, "uom": "XCS"},
			{"epcClass": "urn:example:both", "quantity": 100, "uom": "KGM"}]`),
		at("Transformation", "06:00", `"inputQuantityList": [
			{"epcClass": "urn:example:pounds", "quantity": 1, "uom": "ONZ"},
			{"epcClass": "urn:example:cases", "quantity": 20, "uom": "XCS"},
			{"epcClass": "urn:example:pieces", "quantity": 2, "uom": "EA"},
			{"epcClass": "urn:example:cases", "quantity": 3, "uom": "XBX"}]`),
	))
	w.want(`SELECT concat_ws(' ', replace(code, 'urn:example:', ''), weight_kg || ' kg', remaining_kg || ' kg', quantity, unit, remaining_quantity) FROM lot ORDER BY code COLLATE "C"`,
		"urn:epc:id:sgtin:9520000.012345.7 1.000 EA 1.000",
		"both 100.000 kg 100.000 kg",
		"cases 500.000 XCS 480.000",
		"pieces 12.000 EA 10.000",
		"pounds 11339.809 kg 11339.781 kg",
		"unknown")
}

func TestOverdrawAndBoundsAreAlerts(t *testing.T) {
	t.Parallel()
	long := "long-" + fmt.Sprintf("%090d", 1)
	w := newWorld(t)
	w.load("first", told(
		at("Object", "05:00", `"action": "ADD", `+amounts("quantityList", "milk", 10_000, "silo", 10_001, long, 1)),
		made("06:00", "milk", 9_999, "yoghurt", 9_000),
	))
	const alerts = "SELECT kind || ' ' || severity || ' ' || replace(message, 'urn:example:', '') FROM alert ORDER BY id"
	bounds := []string{
		"OUT_OF_BOUNDS WARNING the code " + long + " has 107 characters, and 100 is the most that this system's own have",
		"OUT_OF_BOUNDS WARNING silo weighs 10001.000 kg, and 10000.000 kg is the most that a lot should here",
	}
	w.want(alerts, bounds...)
	report := w.load("second", told(made("07:00", "milk", 125, "cream", 12)))
	if report.Alerts != 1 {
		t.Errorf("report %v", report)
	}
	w.load("third", told(made("08:00", "milk", 1, "cream", 1)))
	w.want(alerts, append(bounds, "OVERDRAW WARNING of milk there were 10000.000 kg, and 10124.000 kg were used: 124.000 kg too much")...)
	w.want("SELECT remaining_kg || ' ' || status FROM lot WHERE code = 'urn:example:milk'", "-125.000 CONSUMED")
	w.lots()
}

func TestWhereGoodsAre(t *testing.T) {
	t.Parallel()
	step := func(clock, action, step string, kg int) string {
		return at("Object", clock, fmt.Sprintf(`"action": "%s", "bizStep": "%s", `, action, step)+amounts("quantityList", "milk", kg))
	}
	base := newWorld(t)
	for name, c := range map[string]struct {
		events []string
		want   string // weight, what remains, status
	}{
		"born":                        {[]string{step("05:00", "ADD", "commissioning", 100)}, "100.000 100.000 RELEASED"},
		"born twice":                  {[]string{step("05:00", "ADD", "", 100), step("06:00", "ADD", "", 20)}, "120.000 120.000 RELEASED"},
		"first received":              {[]string{step("05:00", "OBSERVE", "receiving", 100)}, "100.000 100.000 RELEASED"},
		"first seen":                  {[]string{step("05:00", "OBSERVE", "storing", 100), step("06:00", "OBSERVE", "receiving", 90)}, "100.000 100.000 RELEASED"},
		"first shipped":               {[]string{step("05:00", "OBSERVE", "shipping", 100)}, "100.000 0.000 SHIPPED"},
		"shipped and received":        {[]string{step("05:00", "OBSERVE", "shipping", 100), step("06:00", "OBSERVE", "receiving", 100)}, "100.000 100.000 RELEASED"},
		"received, never shipped":     {[]string{step("05:00", "ADD", "", 100), step("06:00", "OBSERVE", "receiving", 100)}, "100.000 100.000 RELEASED"},
		"received, then shipped":      {[]string{step("05:00", "ADD", "", 100), step("06:00", "OBSERVE", "receiving", 100), step("07:00", "OBSERVE", "shipping", 100)}, "100.000 0.000 SHIPPED"},
		"shipped on":                  {[]string{step("05:00", "ADD", "", 100), step("06:00", "OBSERVE", "shipping", 100), step("07:00", "OBSERVE", "shipping", 100)}, "100.000 0.000 SHIPPED"},
		"shipped on and received":     {[]string{step("05:00", "ADD", "", 100), step("06:00", "OBSERVE", "shipping", 100), step("07:00", "OBSERVE", "shipping", 100), step("08:00", "OBSERVE", "receiving", 100)}, "100.000 100.000 RELEASED"},
		"shipped, and more born":      {[]string{step("05:00", "ADD", "", 100), step("06:00", "OBSERVE", "shipping", 100), step("07:00", "ADD", "", 50)}, "150.000 50.000 RELEASED"},
		"partly received":             {[]string{step("05:00", "ADD", "", 100), step("06:00", "OBSERVE", "shipping", 80), step("07:00", "OBSERVE", "receiving", 70)}, "100.000 90.000 RELEASED"},
		"used":                        {[]string{step("05:00", "ADD", "", 100), made("06:00", "milk", 100, "butter", 4)}, "100.000 0.000 CONSUMED"},
		"shipped, used there":         {[]string{step("05:00", "ADD", "", 100), step("06:00", "OBSERVE", "shipping", 100), made("07:00", "milk", 100, "butter", 4)}, "100.000 0.000 CONSUMED"},
		"used, and all of it shipped": {[]string{step("05:00", "ADD", "", 100), made("06:00", "milk", 60, "butter", 4), step("07:00", "OBSERVE", "shipping", 100)}, "100.000 0.000 SHIPPED"},
		"destroyed":                   {[]string{step("05:00", "ADD", "", 100), step("06:00", "DELETE", "destroying", 30)}, "100.000 70.000 RELEASED"},
		"sold":                        {[]string{step("05:00", "ADD", "", 100), step("06:00", "DELETE", "retail_selling", 100)}, "100.000 0.000 SHIPPED"},
		"nothing but used":            {[]string{made("06:00", "milk", 100, "butter", 4)}, "? ? RELEASED"},
	} {
		base.in(name, func(w *world) {
			w.load("doc", told(c.events...))
			w.want("SELECT concat_ws(' ', coalesce(weight_kg::text, '?'), coalesce(remaining_kg::text, '?'), status) FROM lot WHERE code = 'urn:example:milk'", c.want)
			w.want("SELECT message FROM alert")
			w.lots()
		})
	}
}

// TestOwnLotsStayAsTheyAre: what others did with a lot of the site is linked to it, and takes nothing away. Where the lot is, its row alone can't tell then.
func TestOwnLotsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.pool.Exec(t.Context(), `INSERT INTO lot (id, site_id, code, lot_type_id, status, source, intricate, weight_kg, remaining_kg, occurred_at, registered_at)
		SELECT $1, id, 'urn:example:milk', '00000000-0000-7000-8000-000000000001', 'CONSUMED', 'PERSON', false, 100, 0, now(), now() FROM site WHERE code = 'ALFA'`, uuid.New())
	if err != nil {
		t.Fatal(err)
	}
	const own = "SELECT (to_jsonb(l) - 'intricate')::text FROM lot l WHERE source = 'PERSON'"
	before := w.ask(own)
	w.load("doc", told(
		at("Object", "05:00", `"action": "OBSERVE", "bizStep": "receiving", `+amounts("quantityList", "milk", 500)),
		made("06:00", "milk", 400, "butter", 4),
		at("Aggregation", "07:00", `"action": "ADD", "parentID": "urn:example:milk", `+amounts("childQuantityList", "butter", 4)),
	))
	w.want(own, before...)
	w.want("SELECT code FROM lot WHERE source = 'PERSON' AND intricate", "urn:example:milk")
	w.want(inForce, "RECEIVE → milk", "PROCESS milk → butter 4.000")
	w.want("SELECT count(*)::text FROM lot_genealogy", "1")
	w.want("SELECT message FROM alert")
	w.want("SELECT lot_id::text FROM lot_containment")
}

func TestAllSpellingsOfAKeyAreOneLot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load("doc", told(
		at("Object", "05:00", `"action": "ADD", "quantityList": [
			{"epcClass": "https://id.gs1.org/01/09520000123451/10/M-1", "quantity": 1, "uom": "KGM"},
			{"epcClass": "urn:epc:class:lgtin:9520000.012345.M-1", "quantity": 2, "uom": "KGM"}]`),
		at("Object", "06:00", `"action": "OBSERVE", "epcList": ["urn:epc:id:sscc:9520000.0123456789", "https://id.gs1.org/00/095200001234567899", "https://id.gs1.org/00/1"]`),
	))
	w.load("more", told(at("Object", "07:00", `"action": "ADD", "quantityList": [{"epcClass": "https://example.com/x/01/09520000123451/10/M-1", "quantity": 4, "uom": "KGM"}]`)))
	w.want("SELECT concat_ws(' ', l.code, gs1_key, t.code, weight_kg, quantity) FROM lot l JOIN lot_type t ON t.id = l.lot_type_id ORDER BY l.code",
		"https://id.gs1.org/00/1 LU 1.000",
		"https://id.gs1.org/01/09520000123451/10/M-1 01/09520000123451/10/M-1 GOODS 7.000",
		"urn:epc:id:sscc:9520000.0123456789 00/095200001234567899 LU 1.000")
}

func TestTheStandardsExampleInBothSpellings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.shared("Example_9.6.4-TransformationEvent.jsonld")
	second := w.shared("Example_9.6.4-TransformationEventWithDigitalLink.jsonld")
	if first.Lots != 9 || second.Lots != 0 || second.Events != 1 {
		t.Errorf("reports %v and %v: 9 lots, and the same once more", first, second)
	}
	w.want("SELECT count(*)::text FROM lot", "9")
	w.want("SELECT count(DISTINCT (child_id, parent_id))::text FROM lot_genealogy", "20")
}

// TestChildrenOfHeldLotsAreExposed also where others made them, and what is made of these.
func TestChildrenOfHeldLotsAreExposed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load("milk", told(at("Object", "05:00", `"action": "ADD", `+amounts("quantityList", "milk", 100)), made("06:00", "cream", 1, "butter", 1)))
	user, hold := uuid.New(), uuid.New()
	for _, sql := range []string{
		fmt.Sprintf("INSERT INTO app_user (id, email, full_name) VALUES ('%s', 'mia@example.com', 'Mia')", user),
		fmt.Sprintf(`INSERT INTO hold (id, site_id, lot_id, reason, held_at, held_by)
			SELECT '%s', site_id, id, 'antibiotics suspected', now(), '%s' FROM lot WHERE code = 'urn:example:milk'`, hold, user),
	} {
		if _, err := w.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	w.load("cream", told(made("05:30", "milk", 10, "cream", 1)))
	w.load("sauce", told(made("07:00", "butter", 1, "sauce", 1)))
	w.want("SELECT l.code || ' ' || e.reason || ' ' || (e.cause_id = '"+hold.String()+"') FROM exposure e JOIN lot l ON l.id = e.lot_id ORDER BY l.code",
		"urn:example:butter HOLD true", "urn:example:cream HOLD true", "urn:example:sauce HOLD true")
}

func TestPartners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := db.InTx(t.Context(), w.pool, db.Scope{}, func(q *db.Queries) error {
		site, err := q.SiteByCode(t.Context(), "ALFA")
		if err != nil {
			return err
		}
		gln := "9520000000028"
		_, err = q.InsertPartner(t.Context(), db.InsertPartnerParams{ID: w.newID(), SiteID: site.ID, Name: "Our own name", GLN: &gln})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.load("nameless", told(at("Object", "05:00", `"action": "OBSERVE", "bizStep": "receiving", `+amounts("quantityList", "milk", 1)+
		`, "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:9520000.00001"}]`)))
	w.want("SELECT concat_ws(' | ', name, gln, identifier, address) FROM partner ORDER BY id",
		"Our own name | 9520000000028", "urn:epc:id:pgln:9520000.00001 | 9520000000011 | urn:epc:id:pgln:9520000.00001")
	w.own("dairy.jsonld")
	w.want("SELECT concat_ws(' | ', name, gln, identifier, address) FROM partner ORDER BY id",
		"Our own name | 9520000000028",
		"Hillside Farm | 9520000000011 | urn:epc:id:pgln:9520000.00001 | Example Street 1, Sampleton, HU",
		"urn:example:party:dairy | urn:example:party:dairy",
		"https://id.gs1.org/417/9520000000035 | 9520000000035 | https://id.gs1.org/417/9520000000035")
	w.want("SELECT concat_ws(' ', t.kind, p.name) FROM transformation t JOIN partner p ON p.id = t.partner_id ORDER BY t.occurred_at",
		"RECEIVE Hillside Farm", "SHIP urn:example:party:dairy", "RECEIVE Hillside Farm", "RECEIVE Our own name", "SHIP https://id.gs1.org/417/9520000000035")
}

// TestTraceOfImportedLots: the whole way, as the API asks for it.
func TestTraceOfImportedLots(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.own("dairy.jsonld")
	var yoghurt uuid.UUID
	if err := w.pool.QueryRow(t.Context(), "SELECT id FROM lot WHERE gs1_key = '01/09520000123468/10/Y-1'").Scan(&yoghurt); err != nil {
		t.Fatal(err)
	}
	kin, err := trace.NewFinder(w.pool).Kin(t.Context(), []uuid.UUID{yoghurt}, trace.Ancestors, trace.Unbounded)
	if err != nil || len(kin[yoghurt]) != 2 {
		t.Errorf("ancestors %v, %v; want milk and culture", kin, err)
	}
}

func TestReportInOneLine(t *testing.T) {
	t.Parallel()
	r := epcis.Report{File: "doc.xml", Events: 1, Known: 2, Lots: 3, Transformations: 1, Links: 4, Voided: 5, Alerts: 1}
	const want = "doc.xml: 1 event taken in, 2 known already; 3 new lots, 1 transformation, 4 links; 5 declared wrong; 1 alert"
	if r.String() != want {
		t.Errorf("%s\nwant %s", r, want)
	}
}
