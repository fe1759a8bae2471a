package graph_test

import (
	"strings"
	"sync"
	"testing"

	"flowviz/db"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

const (
	createProduct = `mutation ($input: CreateProductInput!) { createProduct(input: $input) { product { id sku gtin name hu: name(locale: "hu") lotType unit unitWeightKg shelfLifeDays allergens recipe { version } endedAt } } }`
	changeProduct = `mutation ($input: ChangeProductInput!) { changeProduct(input: $input) { product { gtin name unitWeightKg shelfLifeDays allergens recipe { version components { product { sku } lotType sharePercent } } recipes { version components { sharePercent } } } } }`
	endProduct    = `mutation ($input: EndProductInput!) { endProduct(input: $input) { product { sku endedAt } } }`
	rod           = `{"sku":"ROD","gtin":"9521001000154","name":{"en":"Rod","hu":"Nyárs"},"lotType":"GOODS","unit":"KGM","unitWeightKg":"15","shelfLifeDays":365,"allergens":["MILK"]}`
)

func TestProducts(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleMANAGER)
	made := p.ask(t, createProduct, rod)
	if !strings.Contains(made, `"sku":"ROD","gtin":"09521001000154","name":"Rod","hu":"Nyárs","lotType":"GOODS","unit":"KGM","unitWeightKg":"15.000","shelfLifeDays":365,"allergens":["MILK"],"recipe":null,"endedAt":null`) {
		t.Fatal(made)
	}
	id := idIn(t, made)
	input := func(fields string) string { return `{"productId":"` + id + `",` + fields + `}` }
	p.walk(t, []step{
		{"spice", createProduct, `{"sku":"SPICE","name":{"en":"Spice","hu":"Fűszer"},"lotType":"GOODS","unit":"KGM"}`, []string{`"gtin":null`, `"unitWeightKg":null,"shelfLifeDays":null,"allergens":[]`}},
		{"a SKU twice", createProduct, strings.Replace(rod, "9521001000154", "9521001000307", 1), []string{faulty("CONFLICT", "sku")}},
		{"a GTIN twice, in another length", createProduct, strings.NewReplacer("ROD", "ROD2", "9521001000154", "09521001000154").Replace(rod), []string{faulty("CONFLICT", "gtin")}},
		{"a wrong check digit", createProduct, strings.NewReplacer("ROD", "ROD2", "9521001000154", "9521001000155").Replace(rod), []string{
			faulty("BAD_USER_INPUT", "gtin"), `ends in 5, but the check digit of its other digits is 4`,
		}},
		{"ten digits", createProduct, strings.Replace(rod, "9521001000154", "9521001000", 1), []string{faulty("BAD_USER_INPUT", "gtin")}},
		{"Arabic digits", createProduct, strings.Replace(rod, "9521001000154", "٩521001000154", 1), []string{faulty("BAD_USER_INPUT", "gtin")}},
		{
			"all wrong", createProduct, `{"sku":" x","gtin":"","name":{"en":"","hu":" "},"lotType":"GOODS","unit":"kg","unitWeightKg":"0","shelfLifeDays":0,"allergens":["MILK",""," EGG","MILK"],
				"recipe":[{"sharePercent":"50"},{"sku":" x","sharePercent":"0"},{"sku":"A","lotType":"B","sharePercent":"100.001"},{"sku":"A","sharePercent":"0.0001"}]}`,
			[]string{
				faulty("BAD_USER_INPUT", "sku"), faulty("BAD_USER_INPUT", "name.en"), faulty("BAD_USER_INPUT", "name.hu"), faulty("BAD_USER_INPUT", "unit"),
				faulty("BAD_USER_INPUT", "unitWeightKg"), faulty("BAD_USER_INPUT", "shelfLifeDays"), faulty("BAD_USER_INPUT", "allergens[1]"), faulty("BAD_USER_INPUT", "allergens[2]"),
				faulty("BAD_USER_INPUT", "allergens[3]"), faulty("BAD_USER_INPUT", "recipe[0]"), faulty("BAD_USER_INPUT", "recipe[1].sku"), faulty("BAD_USER_INPUT", "recipe[1].sharePercent"),
				faulty("BAD_USER_INPUT", "recipe[2]"), faulty("BAD_USER_INPUT", "recipe[2].sharePercent"), faulty("BAD_USER_INPUT", "recipe[3].sharePercent"),
			},
		},
		{"shares that make 99.999 %", createProduct, `{"sku":"MIX","name":{"en":"m","hu":"m"},"lotType":"GOODS","unit":"KGM","recipe":[{"sku":"ROD","sharePercent":"49.999"},{"sku":"SPICE","sharePercent":"50"}]}`, []string{
			faulty("BAD_USER_INPUT", "recipe"), `the shares make 99.999 %, not 100`,
		}},
		{"what isn't there", createProduct, `{"sku":"MIX","name":{"en":"m","hu":"m"},"lotType":"NONE","unit":"KGM","recipe":[{"sku":"NONE","sharePercent":"50"},{"lotType":"NO","sharePercent":"50"}]}`, []string{
			faulty("BAD_USER_INPUT", "lotType"), faulty("NOT_FOUND", "recipe[0].sku"), faulty("BAD_USER_INPUT", "recipe[1].lotType"),
		}},
		{"changed", changeProduct, input(`"name":{"en":"Kebab rod","hu":"Nyárs"},"shelfLifeDays":0,"allergens":[],"recipe":[{"lotType":"GOODS","sharePercent":"92.2"},{"sku":"SPICE","sharePercent":"7.8"}]`), []string{
			`{"gtin":"09521001000154","name":"Kebab rod","unitWeightKg":"15.000","shelfLifeDays":null,"allergens":[],"recipe":{"version":1,"components":[{"product":null,"lotType":"GOODS","sharePercent":"92.200"},{"product":{"sku":"SPICE"},"lotType":null,"sharePercent":"7.800"}]},"recipes":[{"version":1,`,
		}},
		{"the log says what", events, "", []string{
			`{"action":"CHANGE_PRODUCT","subjectLabel":"ROD","before":{"allergens":["MILK"],"name":{"en":"Rod","hu":"Nyárs"},"recipe":[],"shelfLifeDays":365},` +
				`"after":{"allergens":[],"name":{"en":"Kebab rod","hu":"Nyárs"},"recipe":[{"lotType":"GOODS","sharePercent":"92.200"},{"sku":"SPICE","sharePercent":"7.800"}],"shelfLifeDays":null}}`,
		}},
		{"the same recipe is no new version", changeProduct, input(`"recipe":[{"lotType":"GOODS","sharePercent":"92.20"},{"sku":"SPICE","sharePercent":"7.800"}]`), []string{`"recipe":{"version":1`}},
		{"another is", changeProduct, input(`"recipe":[{"lotType":"GOODS","sharePercent":"100"}]`), []string{
			`"recipe":{"version":2,"components":[{"product":null,"lotType":"GOODS","sharePercent":"100.000"}]},"recipes":[{"version":1,"components":[{"sharePercent":"92.200"},{"sharePercent":"7.800"}]},{"version":2,`,
		}},
		{"taken away", changeProduct, input(`"gtin":"","unitWeightKg":"0","recipe":[]`), []string{`"gtin":null`, `"unitWeightKg":null`, `"recipe":null,"recipes":[`, `{"version":3,"components":[]}`}},
		{"of itself", changeProduct, input(`"recipe":[{"sku":"ROD","sharePercent":"100"}]`), []string{faulty("BAD_USER_INPUT", "recipe[0].sku")}},
		{"with a wrong GTIN of 12 digits", changeProduct, input(`"gtin":"952100100019"`), []string{faulty("BAD_USER_INPUT", "gtin")}},
		{"with one of 8", changeProduct, input(`"gtin":"95210018"`), []string{`"gtin":"00000095210018"`}},
		{"by any of its numbers", `{ a: product(gtin: "95210018") { sku } b: product(gtin: "000095210018") { sku } c: product(sku: "ROD") { gtin } d: product(sku: "NONE") { sku } }`, "", []string{
			`{"a":{"sku":"ROD"},"b":{"sku":"ROD"},"c":{"gtin":"00000095210018"},"d":null}`,
		}},
		{"by both", `{ product(gtin: "95210018", sku: "ROD") { sku } }`, "", []string{faulty("BAD_USER_INPUT", "sku")}},
		{"by a wrong one", `{ product(gtin: "95210013") { sku } }`, "", []string{faulty("BAD_USER_INPUT", "gtin")}},
		{"by its id", `{ node(id: "` + id + `") { ... on Product { sku } } }`, "", []string{`{"node":{"sku":"ROD"}}`}},
		{"by its Hungarian name", `{ products(filter: {search: "nyár", lotType: ["GOODS"], ended: false}) { totalCount nodes { sku } } }`, "", []string{`{"totalCount":1,"nodes":[{"sku":"ROD"}]}`}},
		{"by its GTIN in a search", `{ products(filter: {search: "95210018"}) { nodes { sku } } }`, "", []string{`[{"sku":"ROD"}]`}},
		{"no product", endProduct, `{"productId":"` + relay.ID{Kind: relay.Product, UUID: newID()}.String() + `"}`, []string{faulty("NOT_FOUND", "productId")}},
		{"a partner's id", endProduct, `{"productId":"` + relay.ID{Kind: relay.Partner, Site: 1}.String() + `"}`, []string{faulty("BAD_USER_INPUT", "productId")}},
		{"ended", endProduct, `{"productId":"` + id + `"}`, []string{`"sku":"ROD","endedAt":"20`}},
		{"ended twice", endProduct, `{"productId":"` + id + `"}`, []string{faulty("FAILED_PRECONDITION", "productId")}},
		{"changed after its end", changeProduct, input(`"allergens":[]`), []string{faulty("FAILED_PRECONDITION", "productId")}},
		{"in no new recipe", createProduct, `{"sku":"MIX","name":{"en":"m","hu":"m"},"lotType":"GOODS","unit":"KGM","recipe":[{"sku":"ROD","sharePercent":"100"}]}`, []string{faulty("FAILED_PRECONDITION", "recipe[0].sku")}},
		{"its GTIN is never given again", createProduct, strings.NewReplacer("ROD", "ROD2", "9521001000154", "95210018").Replace(rod), []string{faulty("CONFLICT", "gtin")}},
	})
	p.actor.Memberships[1] = db.RoleOPERATOR
	p.walk(t, []step{{"an operator makes none", createProduct, rod, []string{`"FORBIDDEN"`}}})
}

// TestProductsOfTheCompany: who manages one site changes what all sites know, and each one's log says so.
func TestProductsOfTheCompany(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleMANAGER)
	tisz, err := db.New(p.owner).InsertSite(t.Context(), db.InsertSiteParams{Code: "TISZ", Name: "Tisza", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	p.ask(t, createProduct, rod)
	p.walk(t, []step{{"one's own log", events, "", []string{`{"nodes":[{"action":"CREATE_PRODUCT","subjectLabel":"ROD"`}}})
	p.actor.Memberships = map[int32]identity.Role{tisz: db.RoleMANAGER}
	p.walk(t, []step{
		{"the other one's", events, "", []string{`{"nodes":[{"action":"CREATE_PRODUCT","subjectLabel":"ROD"`}},
		{"nothing else of the first", `{ sites { code } }`, "", []string{`{"sites":[{"code":"TISZ"}]}`}},
	})
}

// TestOneKeyTwice: a mutation sent again under its key gives what it gave, and changes nothing; with another input it is refused.
func TestOneKeyTwice(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleMANAGER)
	keyed := func(input string) string { return strings.Replace(input, "{", `{"idempotencyKey":"k",`, 1) }
	made := p.ask(t, createProduct, keyed(rod))
	partner := p.ask(t, `mutation ($input: RegisterPartnerInput!) { registerPartner(input: $input) { partner { id } } }`, keyed(`{"siteCode":"DUNA","name":"Farm"}`))
	p.walk(t, []step{
		{"a product", createProduct, keyed(rod), []string{made}},
		{"another product", createProduct, keyed(strings.Replace(rod, "ROD", "ROD2", 1)), []string{faulty("CONFLICT", "idempotencyKey")}},
		{"its end", endProduct, keyed(`{"productId":"` + idIn(t, made) + `"}`), []string{`"endedAt":"20`}},
		{"its end again", endProduct, keyed(`{"productId":"` + idIn(t, made) + `"}`), []string{`"endedAt":"20`}},
		{"a partner's end", endPartner, keyed(`{"partnerId":"` + idIn(t, partner) + `"}`), []string{`"endedAt":"20`}},
		{"a partner's end again", endPartner, keyed(`{"partnerId":"` + idIn(t, partner) + `"}`), []string{`"endedAt":"20`}},
		{"the log has each once", `{ auditEvents { totalCount } }`, "", []string{`{"totalCount":4}`}},
	})
}

// TestOneGtinForMany: of those who give one GTIN at the same time, in whatever length, one gets it.
func TestOneGtinForMany(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleMANAGER)
	var all sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		all.Go(func() {
			gtin := []string{"95210018", "00000095210018"}[i%2]
			answers[i] = p.ask(t, createProduct, strings.NewReplacer("ROD", "ROD-"+string(rune('A'+i)), "9521001000154", gtin).Replace(rod))
		})
	}
	all.Wait()
	got := strings.Join(answers, "\n")
	if made, refused := strings.Count(got, `"gtin":"00000095210018"`), strings.Count(got, faulty("CONFLICT", "gtin")); made != 1 || refused != len(answers)-1 {
		t.Errorf("%d got it, %d were refused:\n%s", made, refused, got)
	}
}
