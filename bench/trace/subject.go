package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"

	"flowviz/bench/lab"
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
	process *lab.Process
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

// startAPI starts the API on the database, and signs in.
func startAPI(ctx context.Context, program string, d database) (subject, error) {
	s := subject{name: apiName, parse: parseGraphQL}
	var err error
	if s.process, err = startServe(ctx, program, d); err != nil {
		return s, err
	}
	token, err := lab.SignIn(ctx, s.process.Address, d.url(), lab.User{Email: "reader@bench.example", Role: db.RoleVIEWER})
	s.request = graphqlRequest(token)
	return s, err
}

// startServe starts `flowviz serve` on the database and waits until it can answer.
func startServe(ctx context.Context, program string, d database) (*lab.Process, error) {
	return lab.Serve(ctx, program, d.url(), filepath.Join(cacheDir, "serve"), apiName)
}

// startRaw starts the hand-written handler on the database.
func startRaw(ctx context.Context, program string, d database, first lot) (subject, error) {
	s := subject{name: rawName, request: rawRequest, parse: parseRaw}
	address, err := lab.FreeAddress(ctx)
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
	s.process, err = lab.Launch(ctx, address, "/raw?lot="+first.id, []string{"DATABASE_URL=" + appURL, "PGAPPNAME=" + rawName}, program, "-addr", address, "-sites", sites)
	return s, err
}

const query = `query Ancestors($code: String!) {
  lot(code: $code) { ancestors(first: 10000) { nodes { id code weightKg temperatureC lotType { code } } } }
}`

func graphqlRequest(token string) func(ctx context.Context, address string, l lot) (*http.Request, error) {
	return func(ctx context.Context, address string, l lot) (*http.Request, error) {
		return lab.GraphQL(ctx, address, token, query, map[string]string{"code": l.code})
	}
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
func (s subject) sorted(ctx context.Context, c *lab.Client, l lot) ([]row, error) {
	req, err := s.request(ctx, s.process.Address, l)
	if err != nil {
		return nil, err
	}
	body, err := c.Body(req)
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
func sameRows(ctx context.Context, c *lab.Client, a, b subject, lots []lot) error {
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
