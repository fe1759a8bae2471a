package graph

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/graph/generated"
	"flowviz/internal/relay"
)

// maxCost bounds an operation. A trace of 10,000 lots with their types costs 20,000.
const maxCost = 50_000

// A cost counts objects that an operation may have to read: 1 each, nothing for what stands in them. Objects in a list
// count as often as the list is long: as `first` says, or as weights assumes where nothing says so. What takes more work than
// its objects tell has a weight beside.

// weight is what a field costs beyond the rule.
type weight struct {
	itself int // objects' worth of its own work, at each place where it is asked
	fanOut int // elements of a list that has no `first`, or none given
}

const (
	// defaultFanOut is assumed of a list that weights doesn't name.
	defaultFanOut = 10
	// walkCost is a genealogy followed: 7,272 ancestors take as long as some 100 pages of one lot.
	walkCost = 100
	// stopCost is what stops or frees lots, and with them all that was made of them: as a rule little, and now and then 100,000 lots.
	stopCost = 1_000
	// logCost is an audit log verified: half of what an operation may cost, so that none verifies two.
	logCost = maxCost / 2
	// countCost is a list counted to its end.
	countCost = 10
)

// weights are by type and field. docs/cost.md shows them beside the schema's own lists.
var weights = map[string]weight{
	"Lot.ancestors":         {itself: walkCost},
	"Lot.descendants":       {itself: walkCost},
	"Lot.genealogy":         {itself: walkCost, fanOut: 1_000},
	"Exposure.path":         {itself: walkCost, fanOut: 20},
	"Query.pathsBetween":    {itself: 2 * walkCost, fanOut: defaultPaths},
	"Query.commonAncestors": {itself: 5 * walkCost},
	"Lot.allergenSources":   {itself: walkCost, fanOut: 5},
	"Lot.earliestExpiry":    {itself: walkCost},
	"LotPath.lots":          {fanOut: 20},
	"Run.summary":           {itself: countCost},
	"Run.massBalance":       {itself: countCost},
	"Location.usedKg":       {itself: countCost},

	"Query.verifyAudit": {itself: logCost},

	"Mutation.registerLots":       {itself: walkCost}, // 1,000 of them
	"Mutation.recordQcDecision":   {itself: stopCost},
	"Mutation.recordMeasurements": {itself: stopCost},
	"Mutation.holdLots":           {itself: stopCost},
	"Mutation.releaseLot":         {itself: stopCost},
	"Mutation.rejectLot":          {itself: stopCost},
	"Mutation.clearExposure":      {itself: stopCost},
	"Mutation.voidTransformation": {itself: stopCost},
	"Mutation.openRecall":         {itself: stopCost},
	"Mutation.refreshRecall":      {itself: stopCost},
	"Mutation.closeRecall":        {itself: stopCost},

	"Lot.parents":                     {fanOut: 5},
	"Lot.children":                    {fanOut: 5},
	"Lot.exposures":                   {fanOut: 5},
	"Lot.holds":                       {fanOut: 3},
	"Deviation.decisions":             {fanOut: 2},
	"Deviation.describedBy":           {fanOut: 3},
	"RecallReport.onSite":             {fanOut: 20},
	"RecallReport.consignees":         {fanOut: 20},
	"Product.recipes":                 {fanOut: 3},
	"AcknowledgeAlertsPayload.alerts": {fanOut: 100},

	"RunSummary.phases":   {fanOut: 20},
	"Scenario.phases":     {fanOut: 20},
	"Scenario.lotTypes":   {fanOut: 20},
	"Scenario.gates":      {fanOut: 30},
	"Scenario.definition": {itself: 20}, // some 100 KB

	"Query.scenarioFaults": {itself: 20},

	// Introspection: what it finds is this schema.
	"__Schema.types":   {fanOut: 100},
	"__Type.fields":    {fanOut: 8},
	"__Field.args":     {fanOut: 2},
	"__Directive.args": {fanOut: 2},

	"__Type.interfaces": {fanOut: 1}, "__Type.possibleTypes": {fanOut: 1}, "__Type.enumValues": {fanOut: 2}, "__Type.inputFields": {fanOut: 2},
}

// coster counts what one operation costs with one set of variables.
type coster struct {
	schema    *ast.Schema
	variables map[string]any
	fragments map[sharedFragment]float64
}

// sharedFragment is counted once for each length of the page that it is spread in.
type sharedFragment struct {
	name string
	page int
}

// cost is an operation's; far above maxCost it is only roughly so.
func cost(schema *ast.Schema, operation *ast.OperationDefinition, variables map[string]any) int {
	c := coster{schema: schema, variables: variables, fragments: map[sharedFragment]float64{}}
	return int(min(c.selection(operation.SelectionSet, 0), 1e15)) // floats: 16 levels of 10,000 are 10⁶⁴
}

// selection is what a selection costs in one object. page is how many elements the lists of a page have; 0 outside of one.
func (c *coster) selection(set ast.SelectionSet, page int) float64 {
	total := 0.0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			total += c.field(s, page)
		case *ast.InlineFragment:
			total += c.selection(s.SelectionSet, page)
		case *ast.FragmentSpread:
			key := sharedFragment{s.Name, page}
			known, ok := c.fragments[key]
			if !ok {
				known = c.selection(s.Definition.SelectionSet, page)
				c.fragments[key] = known
			}
			total += known
		}
	}
	return total
}

func (c *coster) field(f *ast.Field, page int) float64 {
	w := weights[f.ObjectDefinition.Name+"."+f.Name]
	own := float64(w.itself)
	if f.Name == "totalCount" && page > 0 {
		own += countCost
	}
	def := c.schema.Types[f.Definition.Type.Name()]
	if def == nil || !def.IsCompositeType() {
		return own
	}
	switch {
	case isPage(def):
		length := c.length(f, w, def)
		return own + 1 + c.selection(f.SelectionSet, max(length, 1))
	case f.Definition.Type.Elem == nil:
		return own + 1 + c.selection(f.SelectionSet, 0)
	case page > 0 && inPage(f.Name):
		return own + float64(page)*(1+c.selection(f.SelectionSet, 0))
	}
	return own + float64(c.length(f, w, def))*(1+c.selection(f.SelectionSet, 0))
}

// isPage tells connections, genealogies and ways: `first` or `limit` of the field that leads to them is the length of their lists.
func isPage(def *ast.Definition) bool {
	return def.Fields.ForName("pageInfo") != nil || def.Name == "Genealogy" || def.Name == "LotPaths"
}

func inPage(field string) bool {
	return field == "edges" || field == "nodes" || field == "links" || field == "paths"
}

// length is how many elements a list may have.
func (c *coster) length(f *ast.Field, w weight, def *ast.Definition) int {
	longest := relay.MaxPage
	if def.Name == "LotKinConnection" || def.Name == "Genealogy" {
		longest = relay.MaxKin
	} else if !isPage(def) {
		longest = relay.MaxWhole
	}
	for _, name := range []string{"first", "last", "limit"} {
		if n, ok := c.number(f.Arguments.ForName(name)); ok {
			return min(max(n, 0), longest) // what is more is refused where it is read, which says so better
		}
	}
	if ids := f.Arguments.ForName("ids"); ids != nil {
		if list, err := ids.Value.Value(c.variables); err == nil {
			if list, ok := list.([]any); ok {
				return len(list)
			}
		}
	}
	switch {
	case w.fanOut > 0:
		return w.fanOut
	case isPage(def):
		return relay.DefaultPage
	}
	return defaultFanOut
}

func (c *coster) number(argument *ast.Argument) (int, bool) {
	if argument == nil {
		return 0, false
	}
	value, err := argument.Value.Value(c.variables)
	if err != nil || value == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	return int(min(max(n, -1), 1e9)), err == nil
}

// affordable refuses what costs more than an operation may.
func affordable(cost int) *gqlerror.Error {
	if cost <= maxCost {
		return nil
	}
	return overLimit("cost", maxCost, cost, "the operation costs %d, and may cost %d: ask for shorter pages, or for fewer lists in lists", cost, maxCost)
}

// CostTable is the weights of the whole schema for reading.
func CostTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# What an operation costs

Written by `+"`make generate`"+` from the schema and the weights in `+"`graph/cost.go`"+`.

An operation may cost %d. Each object that it may have to read costs 1, and what stands in an object nothing. Objects in a list
count as often as the list is long: as many as `+"`first`, `last` or `limit`"+` says, or as the table assumes where they are left out. Where a field takes more
work than its objects tell, it has a cost of its own; so has each `+"`totalCount`"+`: %d. A refusal says what the operation costs (`+"`extensions.cost`"+`).

| list or field | length where nothing is said | cost of its own |
|---|--:|--:|
`, maxCost, countCost)
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	c := &coster{schema: schema}
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		def := schema.Types[name]
		if def.Kind != ast.Object && def.Kind != ast.Interface {
			continue
		}
		for _, field := range def.Fields {
			w, weighted := weights[name+"."+field.Name]
			target := schema.Types[field.Type.Name()]
			list := target.IsCompositeType() && (isPage(target) || field.Type.Elem != nil && !(isPage(def) && inPage(field.Name)))
			if !list && !weighted || def.BuiltIn && !weighted {
				continue
			}
			length := ""
			if list {
				length = strconv.Itoa(c.length(&ast.Field{Name: field.Name, Definition: field}, w, target))
			}
			own := ""
			if w.itself > 0 {
				own = strconv.Itoa(w.itself)
			}
			fmt.Fprintf(&b, "| %s.%s | %s | %s |\n", name, field.Name, length, own)
		}
	}
	return b.String()
}

// checkWeights refuses weights of what the schema hasn't.
func checkWeights(schema *ast.Schema) error {
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		typ, field, _ := strings.Cut(name, ".")
		if def := schema.Types[typ]; def == nil || def.Fields.ForName(field) == nil {
			return fmt.Errorf("there is a weight for %s, which the schema hasn't", name)
		}
	}
	return nil
}
