package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything of a lot that costs a statement.
const everything = `code exposed lotType { name } site { code } supplier { name site { code } } location { code usedKg equipment { code } } run { code scenario { key } phase { number } } phase { name stream { key } }
	registeredBy { fullName role memberships { role } } massBalance { remainingKg } holds { reason heldBy { email } decision { id } deviation { code } recall { code } } deviations(first: 2) { totalCount nodes { code } }
	parents { lot { code lotType { code } } quantityKg transformation { kind inputs { lot { code } } outputs { quantityKg } partner { name } run { code } replacedBy { id } } }
	children { lot { code } quantityKg }
	ancestors(first: 5) { totalCount edges { depth node { code site { code } } } }
	plain: ancestors(first: 5) { nodes { code } edges { depth node { code lotType { code } } } }
	raw: ancestors(filter: {lotType: ["RAW"], held: false}) { totalCount nodes { code } }
	descendants(maxDepth: 2) { totalCount nodes { exposed } }
	decisions(first: 2) { totalCount nodes { decision gate { number phase { number } lotTypes { code } } decidedBy { email } supersedes { id } deviation { code } } }
	measurements(last: 2, filter: {parameter: "core_temp"}) { totalCount nodes { value gate { number } recordedBy { email } } }
	allergenSources { allergen lots { code } } earliestExpiry { at lot { code } }
	exposures { cause { code } recall { code } path { code } }`

// TestStatementsDoNotGrow asks for all of a few lots, and of many: each relation costs the same statements.
func TestStatementsDoNotGrow(t *testing.T) {
	t.Parallel()
	a := loadedDemo(t)
	for name, query := range map[string]string{
		"lots":             `query ($n: Int!) { lots(first: $n, filter: {exposed: true}) { totalCount nodes { ` + everything + ` } } }`,
		"runs of lots":     `query ($n: Int!) { runs(first: $n) { nodes { code summary { yieldPercent phaseNumber lotTypes { lotType { code } } phases { phase { number } enteredBy { email } } } massBalance { lostKg } lots(first: 3, filter: {held: false}) { totalCount nodes { code } } decisions(first: 1) { totalCount nodes { id } } measurements(first: 1) { totalCount nodes { value gate { number } recordedBy { email } } } alerts { totalCount } } } }`,
		"audit events":     `query ($n: Int!) { auditEvents(first: $n) { nodes { site { code } actor { email } subject { id } } } }`,
		"locations":        `query ($n: Int!) { locations(first: $n) { totalCount nodes { code usedKg site { code } lots(first: 2) { totalCount nodes { code } } equipment { code } } } }`,
		"equipment":        `query ($n: Int!) { equipment(first: $n) { totalCount nodes { code site { code } location { code } } } }`,
		"products":         `query ($n: Int!) { products(first: $n) { totalCount nodes { sku recipe { version components { product { sku } } } recipes { version } } } }`,
		"products of lots": `query ($n: Int!) { lots(first: $n, filter: {lotType: ["FG15", "FG30"]}) { nodes { code product { sku recipe { components { product { sku } } } } } } }`,
		"deviations": `query ($n: Int!) { deviations(first: $n) { totalCount nodes { code overdue site { code } gate { number } run { code deviations(first: 2) { totalCount nodes { code } } } openedBy { email } responsible { email }
			describedBy { email } verifiedBy { email } closedBy { email } decisions { decision deviation { code } } lots(first: 2) { totalCount nodes { code deviations(first: 2) { totalCount nodes { code } } holds { disposition deviation { code } } } } } } }`,
		"recalls": `query ($n: Int!) { recalls(first: 1) { totalCount nodes { code site { code } suspects(first: 1) { totalCount nodes { code } } deviation { code } openedBy { email } closedBy { email }
			report { lots(first: $n) { totalCount nodes { code site { code } } } onSite { site { code } location { code } } consignees { partner { name } } } } } }`,
		"alerts": `query ($n: Int!) { alerts(first: $n) { nodes { lot { code } run { code site { code } } acknowledgedBy { email } } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var few, many string
			a.until(func(h http.Handler) bool {
				few, many = statementsFor(t, h, query, 4), statementsFor(t, h, query, 16)
				return few == many
			})
			if diff := cmp.Diff(few, many); diff != "" {
				t.Errorf("four times the rows ran other statements (-few +many):\n%s", diff)
			}
		})
	}
}

func statementsFor(t *testing.T, h http.Handler, query string, n int) string {
	t.Helper()
	_, answer, ran := ask(t, h, query, json.RawMessage(fmt.Sprintf(`{"n": %d}`, n)))
	if strings.Contains(string(answer), `"errors"`) {
		t.Fatalf("%.2000s", answer)
	}
	return ran.sorted()
}
