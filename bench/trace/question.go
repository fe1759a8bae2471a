package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// question is what all subjects are asked about a lot. What each of them answers is turned into the same lines, which are compared.
type question struct {
	name    string
	path    string // of the hand-written handler
	api     string // GraphQL of the API
	graphql string // PostGraphile's
	lines   func(body []byte) ([]string, error)
}

const (
	lotFields = "id code weightKg temperatureC lotType { code }"
	flatLot   = "id code weightKg temperatureC lotType"
)

// questions are all that is asked.
func questions() []question {
	return []question{
		kinQuestion("ancestors"), kinQuestion("descendants"),
		{
			name: "genealogy", path: "/genealogy",
			api:     "query ($code: String!) { lot(code: $code) { genealogy(direction: ANCESTORS) { nodes { lot { " + lotFields + " } } links { child parent } } } }",
			graphql: "query ($code: String!) { lotOf(code: $code) { " + flatLot + " ancestors { nodes { " + flatLot + " } } links { nodes { child parent } } } }",
			lines:   genealogyLines,
		},
		{name: "parents", path: "/parents", api: nested("lot(code: $code)", "parents { lot { code", "} }"), graphql: nested("lotOf(code: $code)", "parents { nodes { code", "} }"), lines: parentLines},
	}
}

func kinQuestion(kin string) question {
	return question{
		name: kin, path: "/" + kin,
		api:     "query ($code: String!) { lot(code: $code) { " + kin + "(first: 10000) { nodes { " + lotFields + " } } } }",
		graphql: "query ($code: String!) { lotOf(code: $code) { " + kin + " { nodes { " + flatLot + " } } } }",
		lines:   kinLines(kin),
	}
}

// nested asks for the parents of a lot, and theirs, six deep.
func nested(root, open, closing string) string {
	const steps = 6
	return "query ($code: String!) { " + root + " { " + strings.Repeat(open+" ", steps) + strings.Repeat(closing+" ", steps) + "} }"
}

// lot is a lot in any of the answers.
type answeredLot struct {
	ID, Code, WeightKg, TemperatureC string
	LotType                          any // a text, or an object with a code
}

func (l answeredLot) line() (string, error) {
	if l.ID == "" {
		return "", fmt.Errorf("%s comes without an id", l.Code)
	}
	lotType := l.LotType
	if of, ok := lotType.(map[string]any); ok {
		lotType = of["code"]
	}
	return fmt.Sprintf("%s %v %s %s", l.Code, lotType, l.WeightKg, l.TemperatureC), nil // ids are each subject's own
}

func lotLines(lots []answeredLot) ([]string, error) {
	lines := make([]string, len(lots))
	var err error
	for i, l := range lots {
		if lines[i], err = l.line(); err != nil {
			return nil, err
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// ofLot is the object that GraphQL answers a lot with, in either schema.
func ofLot(body []byte, into any) error {
	var response struct {
		Data   map[string]json.RawMessage
		Errors json.RawMessage
	}
	if err := json.Unmarshal(body, &response); err != nil {
		return err
	}
	if response.Errors != nil {
		return fmt.Errorf("errors: %s", response.Errors)
	}
	for _, lot := range response.Data {
		if string(lot) == "null" {
			return errors.New("the lot isn't known")
		}
		return json.Unmarshal(lot, into)
	}
	return errors.New("no data")
}

func isGraphQL(body []byte) bool {
	return strings.HasPrefix(string(body), `{"data"`) || strings.HasPrefix(string(body), `{"errors"`)
}

func kinLines(kin string) func(body []byte) ([]string, error) {
	return func(body []byte) ([]string, error) {
		if !isGraphQL(body) {
			var lots []answeredLot
			if err := json.Unmarshal(body, &lots); err != nil {
				return nil, err
			}
			return lotLines(lots)
		}
		var lot map[string]struct{ Nodes []answeredLot }
		if err := ofLot(body, &lot); err != nil {
			return nil, err
		}
		return lotLines(lot[kin].Nodes)
	}
}

// genealogyLines are the lots, the one that was asked about among them, and how many links there are.
func genealogyLines(body []byte) ([]string, error) {
	var lots []answeredLot
	var links []struct{ Child, Parent string }
	if isGraphQL(body) {
		var lot struct {
			answeredLot
			Genealogy struct {
				Nodes []struct{ Lot answeredLot }
				Links []struct{ Child, Parent string }
			}
			Ancestors struct{ Nodes []answeredLot }
			Links     struct {
				Nodes []struct{ Child, Parent string }
			}
		}
		if err := ofLot(body, &lot); err != nil {
			return nil, err
		}
		links = append(lot.Genealogy.Links, lot.Links.Nodes...)
		for _, n := range lot.Genealogy.Nodes {
			lots = append(lots, n.Lot)
		}
		if lot.ID != "" {
			lots = append(lot.Ancestors.Nodes, lot.answeredLot)
		}
	} else {
		var answer struct {
			Links []struct{ Child, Parent string }
			Lots  []answeredLot
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, err
		}
		links, lots = answer.Links, answer.Lots
	}
	lines, err := lotLines(lots)
	return append(lines, fmt.Sprintf("%d links", len(links))), err
}

// step is a parent in any of the answers.
type step struct {
	Code    string
	Parents steps
}

// steps are the parents of a lot: a list of lots or of links, or an object with nodes.
type steps []step

// UnmarshalJSON implements json.Unmarshaler.
func (s *steps) UnmarshalJSON(data []byte) error {
	var of struct{ Nodes []step }
	if json.Unmarshal(data, &of) == nil {
		*s = of.Nodes
		return nil
	}
	var links []struct {
		step
		Lot *step
	}
	if err := json.Unmarshal(data, &links); err != nil {
		return err
	}
	for _, l := range links {
		if l.Lot != nil {
			l.step = *l.Lot
		}
		*s = append(*s, l.step)
	}
	return nil
}

// parentLines are the ways back, six steps of them.
func parentLines(body []byte) ([]string, error) {
	var first steps
	if isGraphQL(body) {
		var lot struct{ Parents steps }
		if err := ofLot(body, &lot); err != nil {
			return nil, err
		}
		first = lot.Parents
	} else if err := json.Unmarshal(body, &first); err != nil {
		return nil, err
	}
	var lines []string
	var walk func(way string, of steps)
	walk = func(way string, of steps) {
		for _, s := range of {
			lines = append(lines, way+" "+s.Code)
			walk(way+" "+s.Code, s.Parents)
		}
	}
	walk("", first)
	slices.Sort(lines)
	return lines, nil
}
