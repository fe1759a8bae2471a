package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/bench/lab"
	"flowviz/db"
	"flowviz/internal/dataset"
	"flowviz/internal/pgembed"
)

//go:embed recall.sql
var recallSQL string

// plant is a server of one site for what writes, and the API on it.
type plant struct {
	url     string
	process *lab.Process
	client  *lab.Client
}

// measureWriting measures a recall of many lots, and operators beside an analyst, on a database that is thrown away: the kept data sets
// stay as they were generated.
func measureWriting(ctx context.Context, o options, result *Result) (err error) {
	dir, err := lab.NewFolder("writing")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	data := filepath.Join(dir, "data")
	if _, err := lab.Fill(ctx, data, dataset.Options{Lots: siteSize, Seed: seed, SiteSize: siteSize}, o.recallable); err != nil {
		return err
	}
	server, err := pgembed.Start(ctx, pgembed.Config{Dir: data})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	p := plant{url: server.URL(lab.Database), client: lab.NewClient(operators + 1)}
	if p.process, err = lab.Serve(ctx, o.api, p.url, filepath.Join(dir, "serve"), apiName); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.process.Stop()) }()
	if result.Beside, err = p.besideAnalyst(ctx, o); err != nil {
		return err
	}
	result.Recall, err = p.recall(ctx, o)
	return err
}

// recallable puts what is recalled into the data set's database.
func (o options) recallable(ctx context.Context, owner *pgxpool.Pool) error {
	t, err := template.New("recall.sql").Parse(recallSQL)
	if err != nil {
		return err
	}
	var sql strings.Builder
	if err := t.Execute(&sql, map[string]int{"Packs": o.packs}); err != nil {
		return err
	}
	if err := pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql.String(), pgx.QueryExecModeSimpleProtocol)
		return err
	}); err != nil {
		return err
	}
	_, err = owner.Exec(ctx, "VACUUM (ANALYZE) lot, transformation, transformation_input, transformation_output, lot_genealogy, partner, location")
	return err
}

// signIn makes a caller of the API.
func (p plant) signIn(ctx context.Context, name string, role db.Role) (token string, err error) {
	return lab.SignIn(ctx, p.process.Address, p.url, lab.User{Email: name + "@bench.example", Role: role})
}

// refusal is an error of the API.
type refusal struct{ Code, Message string }

func (r refusal) Error() string { return r.Code + ": " + r.Message }

// ask sends an operation; what the API refuses is a refusal.
func (p plant) ask(ctx context.Context, token, document string, variables any) ([]byte, error) {
	req, err := lab.GraphQL(ctx, p.process.Address, token, document, variables)
	if err != nil {
		return nil, err
	}
	body, err := p.client.Body(req)
	if err != nil {
		return nil, err
	}
	var response struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if bytes.HasPrefix(body, []byte(`{"errors":`)) {
		err = json.Unmarshal(body, &response)
	}
	if len(response.Errors) > 0 {
		err = refusal{response.Errors[0].Extensions.Code, response.Errors[0].Message}
	}
	return body, err
}
