package demo

import (
	"fmt"
	"strconv"
	"strings"

	"flowviz/db"
	"flowviz/internal/gs1"
)

// Everybody and every place here is invented, and says so. GS1 keeps the prefix 952 for examples: no company has it.

// Emails are the addresses of the demo's users, members of both plants in the role that each is named after.
func Emails() []string {
	var emails []string
	for _, u := range demoUsers().all() {
		emails = append(emails, u.email)
	}
	return emails
}

func demoUsers() users {
	of := func(role, name string) *user {
		return &user{email: role + "@demo.flowviz", name: name, role: db.Role(strings.ToUpper(role))}
	}
	return users{
		viewer: of("viewer", "Demo Viewer"), operator: of("operator", "Demo Operator"), manager: of("manager", "Demo Manager"),
		auditor: of("auditor", "Demo Auditor"), admin: of("admin", "Demo Admin"),
	}
}

// timeZone is that of both plants.
const timeZone = "Europe/Budapest"

func demoPlants(c clock) (duna, tisz *plant) {
	duna = &plant{
		clock: c, code: "DUNA", name: "Duna Food Plant", address: "1 Example Quay, 9999 Demo on Danube, Hungary",
		approval: "HU-DEMO-1", prefix: "9521001",
	}
	tisz = &plant{
		clock: c, code: "TISZ", name: "Tisza Food Plant", address: "2 Example Dike, 9998 Demo on Tisza, Hungary",
		approval: "HU-DEMO-2", prefix: "9521002",
	}
	duna.trade([][2]string{
		{"poultry-north", "Northern Poultry Slaughterhouse"},
		{"poultry-south", "Southern Poultry Slaughterhouse"},
		{"beef", "Plains Beef Slaughterhouse"},
		{"beef-frozen", "Cold Chain Meat Trade"},
		{"vegetables", "River Vegetable Growers"},
		{"dairy", "Hill Country Dairy"},
		{"spices", "Spice and Seasoning Works"},
		{"dry-goods", "Dry Goods Wholesale"},
		{"packaging", "Food Packaging Works"},
		{"depot-capital", "Retail Depot Capital"},
		{"depot-west", "Retail Depot West"},
		{"depot-north", "Retail Depot North"},
		{"wholesale-abroad", "Kebab Wholesale Abroad"},
		{"catering", "Catering Wholesale"},
		{"laboratory", "Contract Food Laboratory"},
		{"by-products", "By-products Collection"},
	})
	tisz.trade([][2]string{
		{"milk-east", "Eastern Dairy Farms"},
		{"milk-south", "Southern Dairy Farms"},
		{"fruit", "Orchard Fruit Preparations"},
		{"cultures", "Starter Cultures Trade"},
		{"pork", "Lowland Pork Slaughterhouse"},
		{"turkey", "Lowland Turkey Slaughterhouse"},
		{"vegetables", "Sand Ridge Vegetable Growers"},
		{"dairy", "Lowland Dairy"},
		{"dry-goods", "Dry Goods Wholesale"},
		{"packaging", "Cup and Tray Works"},
		{"depot-south", "Retail Depot South"},
		{"depot-east", "Retail Depot East"},
		{"depot-capital", "Retail Depot Capital"},
		{"wholesale", "Dairy Wholesale"},
		{"laboratory", "Contract Food Laboratory"},
		{"by-products", "By-products Collection"},
	})
	return duna, tisz
}

// trade gives a plant its GLN and its partners, whose GLNs follow.
func (p *plant) trade(partners [][2]string) {
	p.gln = gln(p.prefix, 0)
	for i, one := range partners {
		p.partners = append(p.partners, &partner{
			key: one[0], name: one[1] + " (demo)", gln: gln(p.prefix, 101+i), address: strconv.Itoa(i+1) + " Example Road, 9997 Demo Town",
		})
	}
}

// gln is the GLN of a place of a company.
func gln(prefix string, place int) string { return checked(fmt.Sprintf("%s%05d", prefix, place)) }

// gtin is the GTIN of an item that the plant sells, 14 digits.
func (p *plant) gtin(item int) string { return "0" + checked(fmt.Sprintf("%s%05d", p.prefix, item)) }

func checked(digits string) string {
	check, err := gs1.CheckDigit(digits)
	if err != nil {
		panic("demo: " + err.Error()) // the prefixes are constants
	}
	return digits + string(check)
}
