package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Part is one of a statement's common table expressions, with those that it is the first to read; or all of the statement.
type Part struct {
	Name         string
	Rows         int64
	Milliseconds float64
}

// planNode is one of EXPLAIN's. Rows are numbers with two digits since PostgreSQL 18.
type planNode struct {
	Subplan string  `json:"Subplan Name"`
	Total   float64 `json:"Actual Total Time"` // of one loop
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Plans   []planNode
}

// parts are those of a plan in EXPLAIN's JSON, all of it last.
func parts(plan []byte) ([]Part, error) {
	var explained []struct {
		Plan      planNode
		Execution float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal(plan, &explained); err != nil {
		return nil, err
	}
	if len(explained) != 1 {
		return nil, errors.New("EXPLAIN gave no plan")
	}
	var found []Part
	var walk func(planNode)
	walk = func(n planNode) {
		if name, ok := strings.CutPrefix(n.Subplan, "CTE "); ok {
			found = append(found, Part{Name: name, Rows: int64(n.Rows * n.Loops), Milliseconds: n.Total * n.Loops})
		}
		for _, below := range n.Plans {
			walk(below)
		}
	}
	walk(explained[0].Plan)
	return append(found, Part{Name: "all", Rows: int64(explained[0].Plan.Rows), Milliseconds: explained[0].Execution}), nil
}

// storedQuery is a statement of a file of queries, with its parameters filled in.
func storedQuery(file, name string, parameters map[string]string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(string(content), "-- name: "+name+" ")
	if !ok {
		return "", fmt.Errorf("%s has no query %s", file, name)
	}
	_, rest, _ = strings.Cut(rest, "\n")
	statement, _, _ := strings.Cut(rest, "-- name: ")
	parameter := regexp.MustCompile(`@(\w+)|sqlc\.narg\('(\w+)'\)`)
	statement = parameter.ReplaceAllStringFunc(statement, func(found string) string {
		names := parameter.FindStringSubmatch(found)
		value, ok := parameters[names[1]+names[2]]
		if !ok {
			err = errors.Join(err, fmt.Errorf("%s: nobody gives %s", name, found))
		}
		return value
	})
	return statement, err
}
