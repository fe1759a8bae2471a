package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"flowviz/db"
)

// The subjects' names, also those of their sessions in PostgreSQL.
const (
	apiName = "API"
	rawName = "raw"
)

// subject is one of the two that are compared.
type subject struct {
	name    string
	process *process
	request func(ctx context.Context, address string, l lot) (*http.Request, error)
	parse   func(body []byte) ([]row, error)
}

// lot is one to ask the ancestors of.
type lot struct {
	code, id  string
	ancestors int
}

// row is what both tell of an ancestor. Ids are left out: GraphQL's are opaque.
type row struct{ Code, LotType, WeightKg, TemperatureC string }

func compareRows(a, b row) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.LotType, b.LotType), cmp.Compare(a.WeightKg, b.WeightKg), cmp.Compare(a.TemperatureC, b.TemperatureC))
}

// startAPI starts the API on the database.
func startAPI(ctx context.Context, program string, d database) (subject, error) {
	p, err := startServe(ctx, program, d)
	return subject{name: apiName, process: p, request: graphqlRequest, parse: parseGraphQL}, err
}

// startServe starts `flowviz serve` on the database and waits until it can answer.
func startServe(ctx context.Context, program string, d database) (*process, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return launch(ctx, address, "/readyz", []string{"DATABASE_URL=" + d.url(), "FLOWVIZ_ADDR=" + address, "FLOWVIZ_RATE_LIMITS=off", "PGAPPNAME=" + apiName}, program, "serve")
}

// startRaw starts the hand-written handler on the database.
func startRaw(ctx context.Context, program string, d database, first lot) (subject, error) {
	s := subject{name: rawName, request: rawRequest, parse: parseRaw}
	address, err := freeAddress(ctx)
	if err != nil {
		return s, err
	}
	appURL, err := db.EnsureAppLogin(ctx, d.url())
	if err != nil {
		return s, err
	}
	var sites string // all of them, as the API's caller sees
	if err := d.query(ctx, &sites, "SELECT array_agg(id)::text FROM site"); err != nil {
		return s, err
	}
	s.process, err = launch(ctx, address, "/raw?lot="+first.id, []string{"DATABASE_URL=" + appURL, "PGAPPNAME=" + rawName}, program, "-addr", address, "-sites", sites)
	return s, err
}

const query = `query Ancestors($code: String!) {
  lot(code: $code) { ancestors(first: 10000) { nodes { id code weightKg temperatureC lotType { code } } } }
}`

func graphqlRequest(ctx context.Context, address string, l lot) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]string{"code": l.code}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

func parseGraphQL(body []byte) ([]row, error) {
	var response struct {
		Data struct {
			Lot *struct {
				Ancestors struct {
					Nodes []struct {
						ID, Code, WeightKg, TemperatureC string
						LotType                          struct{ Code string }
					}
				}
			}
		}
		Errors json.RawMessage
	}
	if err := json.Unmarshal(body, &response); err != nil {
		return nil, err
	}
	if response.Errors != nil {
		return nil, fmt.Errorf("the API answers with errors: %s", response.Errors)
	}
	if response.Data.Lot == nil {
		return nil, errors.New("the API doesn't know the lot")
	}
	nodes := response.Data.Lot.Ancestors.Nodes
	rows := make([]row, len(nodes))
	for i, n := range nodes {
		if n.ID == "" {
			return nil, fmt.Errorf("the API gives %s without an id", n.Code)
		}
		rows[i] = row{n.Code, n.LotType.Code, n.WeightKg, n.TemperatureC}
	}
	return rows, nil
}

func rawRequest(ctx context.Context, address string, l lot) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/raw?lot="+l.id, nil)
}

func parseRaw(body []byte) ([]row, error) {
	var rows []row
	err := json.Unmarshal(body, &rows)
	return rows, err
}

// sorted asks a subject for a lot's ancestors and puts them in an order that both can be compared in.
func (s subject) sorted(ctx context.Context, c *client, l lot) ([]row, error) {
	req, err := s.request(ctx, s.process.address, l)
	if err != nil {
		return nil, err
	}
	body, err := c.body(req)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", s.name, l.code, err)
	}
	rows, err := s.parse(body)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", s.name, l.code, err)
	}
	if len(rows) != l.ancestors {
		return nil, fmt.Errorf("%s gives %d ancestors of %s, there are %d", s.name, len(rows), l.code, l.ancestors)
	}
	slices.SortFunc(rows, compareRows)
	return rows, nil
}

// sameRows is nil where both give the same ancestors of each lot, field by field.
func sameRows(ctx context.Context, c *client, a, b subject, lots []lot) error {
	for _, l := range lots {
		rowsA, err := a.sorted(ctx, c, l)
		if err != nil {
			return err
		}
		rowsB, err := b.sorted(ctx, c, l)
		if err != nil {
			return err
		}
		for i := range rowsA {
			if rowsA[i] != rowsB[i] {
				return fmt.Errorf("ancestors of %s differ: %s gives %v, %s gives %v", l.code, a.name, rowsA[i], b.name, rowsB[i])
			}
		}
	}
	return nil
}
