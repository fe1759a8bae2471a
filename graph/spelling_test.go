package graph_test

import (
	"strings"
	"testing"

	"flowviz/db"
	"flowviz/internal/gs1"
)

// TestCodesInAnySpelling writes each code that an argument takes in all spellings of GS1, and with a wrong check digit, of which the
// answer names the right one. %s in a query is where the code stands.
func TestCodesInAnySpelling(t *testing.T) {
	t.Parallel()
	const gtin, gln, sscc, fnc1 = "9521001000154", "9521001000000", "395210010000000018", "\x1d"
	gtins := []string{gtin, "0" + gtin, "010" + gtin, "(01)0" + gtin, "(01)0" + gtin + "(10)ABC", "]C1010" + gtin + "10ABC" + fnc1 + "15270101", "https://id.gs1.org/01/0" + gtin, "https://shop.example/p/01/" + gtin + "?x=1", "urn:epc:idpat:sgtin:9521001.000015.*"}
	glns := []string{gln, "(414)" + gln, "(417)" + gln, "414" + gln, "https://id.gs1.org/414/" + gln, "https://id.gs1.org/417/" + gln, "urn:epc:id:pgln:9521001.00000", "urn:epc:id:sgln:9521001.00000.0"}
	ssccs := []string{sscc, "00" + sscc, "(00)" + sscc, "]C100" + sscc, "https://id.gs1.org/00/" + sscc, "https://shop.example/00/" + sscc, "urn:epc:id:sscc:9521001.3000000001"}
	lots := []string{"(01)0" + gtin + "(10)LOT/7", "]d2010" + gtin + "10LOT/7" + fnc1 + "15270101", "https://id.gs1.org/01/0" + gtin + "/10/LOT%2F7", "https://shop.example/01/" + gtin + "/10/LOT%2F7", "urn:epc:class:lgtin:9521001.000015.LOT%2F7"}
	p := newLine(t, db.RoleADMIN)
	p.ask(t, register, `{"siteCode":"DUNA","name":"Farm","gln":"`+gln+`"}`)
	p.ask(t, createProduct, `{"sku":"SOUP","gtin":"`+gtin+`","name":{"en":"Soup","hu":"Leves"},"lotType":"FG","unit":"KGM"}`)
	p.sql(t, `INSERT INTO lot (id, site_id, code, gs1_key, product_id, lot_type_id, status, source, occurred_at, registered_at)
		SELECT gen_random_uuid(), 1, v.code, v.key, CASE WHEN v.code = 'ITEM' THEN p.id END, $1, 'RELEASED', 'PERSON', now(), now()
		FROM product p, (VALUES ('ITEM', '01/0`+gtin+`/10/LOT%2F7'), ('PALLET', '00/`+sscc+`')) v(code, key)`, goods)
	for name, c := range map[string]struct {
		query, input, want string
		spellings          []string
	}{
		"lot(code) of an SSCC":              {`{ lot(code: "%s") { code } }`, "", `{"lot":{"code":"PALLET"}}`, ssccs},
		"lot(code) of GTIN and lot":         {`{ lot(code: "%s") { code } }`, "", `{"lot":{"code":"ITEM"}}`, lots},
		"lots(filter.search)":               {`{ lots(filter: {search: "%s"}) { nodes { code } } }`, "", `[{"code":"ITEM"}]`, lots},
		"lots(filter.search) of an SSCC":    {`{ lots(filter: {search: "%s"}) { nodes { code } } }`, "", `[{"code":"PALLET"}]`, ssccs},
		"lots(filter.product)":              {`{ lots(filter: {product: "%s"}) { nodes { code } } }`, "", `{"code":"ITEM"}`, gtins},
		"product(gtin)":                     {`{ product(gtin: "%s") { sku } }`, "", `{"product":{"sku":"SOUP"}}`, gtins},
		"products(filter.search)":           {`{ products(filter: {search: "%s"}) { nodes { sku } } }`, "", `[{"sku":"SOUP"}]`, gtins},
		"partners(filter.search)":           {`{ partners(filter: {search: "%s"}) { nodes { name } } }`, "", `[{"name":"Farm"}]`, glns},
		"registerLot(product)":              {registerLot, meal("FG", "1", `,"product":"%s"`), `"product":{"sku":"SOUP"}`, gtins},
		"registerLots(product)":             {registerLots, meals(`{"lotType":"FG","product":"%s"}`), `"product":{"sku":"SOUP"}`, gtins},
		"recordTransformation(product)":     {recordTransformation, `{"siteCode":"DUNA","scenarioKey":"chilled-ready-meal","kind":"RECEIVE","outputs":[{"lotType":"FG","product":"%s"}]}`, `"kind":"RECEIVE"`, gtins},
		"changeSite(gln)":                   {changeSite, `{"siteCode":"DUNA","gln":"%s"}`, `"gln":"` + gln + `"`, glns},
		"registerPartner(gln), found again": {register, `{"siteCode":"DUNA","name":"x","gln":"%s"}`, faulty("CONFLICT", "gln"), glns},
		"createProduct(gtin), found again":  {createProduct, `{"sku":"x","gtin":"%s","name":{"en":"x","hu":"x"},"lotType":"FG","unit":"KGM"}`, faulty("CONFLICT", "gtin"), gtins},
	} {
		for _, spelling := range c.spellings {
			in := func(s string) string { return strings.Replace(s, "%s", escaped(spelling), 1) }
			if answer := p.ask(t, in(c.query), in(c.input)); !strings.Contains(answer, c.want) {
				t.Errorf("%s, %q: %s\nwant %s", name, spelling, answer, c.want)
			}
		}
	}
}

// escaped writes a text as it stands between quotes, in JSON and in GraphQL.
func escaped(s string) string { return strings.ReplaceAll(s, "\x1d", `\u001d`) }

// TestWrongCheckDigits: each argument that takes a code says which check digit was expected.
func TestWrongCheckDigits(t *testing.T) {
	t.Parallel()
	p := newLine(t, db.RoleADMIN)
	const wrongGTIN, wrongGLN, wrongSSCC = "(01)09521001000153", "(414)9521001000001", "(00)395210010000000017"
	for _, right := range []string{"09521001000154", "9521001000000"} {
		if digit, err := gs1.CheckDigit(right[:len(right)-1]); err != nil || digit != right[len(right)-1] {
			t.Fatalf("%s should end in %c (%v)", right, digit, err)
		}
	}
	const gtinEnds, glnEnds, ssccEnds = `ends in 3, but the check digit of its other digits is 4`, `ends in 1, but the check digit of its other digits is 0`, `ends in 7, but the check digit of its other digits is 8`
	p.walk(t, []step{
		{"an SSCC", `{ lot(code: "` + wrongSSCC + `") { code } }`, "", []string{faulty("BAD_USER_INPUT", "code"), ssccEnds}},
		{"a bare SSCC", `{ lot(code: "395210010000000017") { code } }`, "", []string{faulty("BAD_USER_INPUT", "code"), ssccEnds}},
		{"an SSCC's link", `{ lot(code: "https://id.gs1.org/00/395210010000000017") { code } }`, "", []string{faulty("BAD_USER_INPUT", "code"), ssccEnds}},
		{"a lot", `{ lot(code: "` + wrongGTIN + `(10)A") { code } }`, "", []string{faulty("BAD_USER_INPUT", "code"), gtinEnds}},
		{"no GS1 key", `{ lot(code: "A-7") { code } }`, "", []string{`{"data":{"lot":null}}`}},
		{"a product asked for", `{ product(gtin: "` + wrongGTIN + `") { sku } }`, "", []string{faulty("BAD_USER_INPUT", "gtin"), gtinEnds}},
		{"a new product", createProduct, `{"sku":"x","gtin":"` + wrongGTIN + `","name":{"en":"x","hu":"x"},"lotType":"FG","unit":"KGM"}`, []string{faulty("BAD_USER_INPUT", "gtin"), gtinEnds}},
		{"a lot's product", registerLot, meal("FG", "1", `,"product":"`+wrongGTIN+`"`), []string{faulty("BAD_USER_INPUT", "product"), gtinEnds}},
		{"a partner", register, `{"siteCode":"DUNA","name":"x","gln":"` + wrongGLN + `"}`, []string{faulty("BAD_USER_INPUT", "gln"), glnEnds}},
		{"a place in a partner", register, `{"siteCode":"DUNA","name":"x","gln":"(414)9521001000000(254)RAMP"}`, []string{faulty("BAD_USER_INPUT", "gln"), `give the GLN alone`}},
		{"a site", changeSite, `{"siteCode":"DUNA","gln":"` + wrongGLN + `"}`, []string{faulty("BAD_USER_INPUT", "gln"), glnEnds}},
	})
}
