package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"flowviz/bench/lab"
	"flowviz/db"
	"flowviz/internal/relay"
)

// Recall is what a MOCK recall of one raw lot took, over all that was made of it.
type Recall struct {
	Lots            int
	OpenSeconds     float64   // until its answer, with the report
	RefreshSeconds  []float64 // the report anew, each time
	PromisedSeconds float64   // at most, of each
	Refused         string    // why the API went no further, after so many seconds; "" where it did
	RefusedSeconds  float64
	Parts           []Part // of the statement that the report is made of
}

const recallSeconds = 1

const (
	recallFields = `recall { id report { lotCount onSiteKg shippedKg locatedPercent onSite { location { code } status lotCount kg } consignees { partner { name } lotCount kg } } }`
	openRecall   = `mutation ($input: OpenRecallInput!) { answer: openRecall(input: $input) { ` + recallFields + ` } }`
	refresh      = `mutation ($input: RefreshRecallInput!) { answer: refreshRecall(input: $input) { ` + recallFields + ` } }`
)

// recalled is the API's answer.
type recalled struct {
	ID     string
	Report struct {
		LotCount                            int
		OnSiteKg, ShippedKg, LocatedPercent string
		OnSite, Consignees                  []struct{ LotCount int }
	}
}

func (p plant) recall(ctx context.Context, o options) (*Recall, error) {
	token, err := p.signIn(ctx, "recaller", db.RoleMANAGER)
	if err != nil {
		return nil, err
	}
	r := &Recall{Lots: 1 + o.packs/100 + o.packs, PromisedSeconds: recallSeconds}
	var began time.Time
	again := func(ctx context.Context, document string, input any) (recalled, error) {
		began = time.Now()
		found, err := p.report(ctx, token, document, input)
		if err == nil {
			err = found.check(o.packs)
		}
		return found, err
	}
	if err := r.measure(ctx, o.rounds, again); err != nil {
		if fault, ok := errors.AsType[refusal](err); !ok || fault.Code != "LIMIT" {
			return nil, err
		}
		r.Refused, r.RefusedSeconds = err.Error(), time.Since(began).Seconds()
		fmt.Printf("recall of %d lots: refused: %v\n", r.Lots, err)
	}
	r.Parts, err = p.explain(ctx)
	return r, err
}

// measure opens the recall and makes its report anew.
func (r *Recall) measure(ctx context.Context, rounds int, report func(ctx context.Context, document string, input any) (recalled, error)) error {
	raw := relay.ID{Kind: relay.Lot, Site: 1, UUID: uuid.UUID{3: 1, 6: 0x70, 8: 0x80}} // see recall.sql
	began := time.Now()
	opened, err := report(ctx, openRecall, map[string]any{"kind": "MOCK", "reason": "how fast would this one be?", "lotIds": []string{raw.String()}})
	if err != nil {
		return err
	}
	r.OpenSeconds = time.Since(began).Seconds()
	for round := range rounds {
		began := time.Now()
		if _, err := report(ctx, refresh, map[string]any{"recallId": opened.ID}); err != nil {
			return err
		}
		r.RefreshSeconds = append(r.RefreshSeconds, time.Since(began).Seconds())
		fmt.Printf("recall of %d lots, round %d: %.2f s\n", r.Lots, round+1, r.RefreshSeconds[round])
	}
	return nil
}

func (p plant) report(ctx context.Context, token, document string, input any) (recalled, error) {
	body, err := p.ask(ctx, token, document, map[string]any{"input": input})
	var response struct {
		Data struct{ Answer struct{ Recall recalled } }
	}
	if err == nil {
		err = json.Unmarshal(body, &response)
	}
	return response.Data.Answer.Recall, err
}

// check is nil where the report is what recall.sql put there.
func (r recalled) check(packs int) error {
	sum := func(parts []struct{ LotCount int }) (n int) {
		for _, part := range parts {
			n += part.LotCount
		}
		return n
	}
	var err error
	wrong := func(what string, got, want any) {
		if got != want {
			err = errors.Join(err, fmt.Errorf("the recall's report has %s %v, there are %v", what, got, want))
		}
	}
	kg := func(packs int) string { return fmt.Sprintf("%.3f", float64(packs)/100) }
	wrong("lots", r.Report.LotCount, 1+packs/100+packs)
	wrong("lots on site", sum(r.Report.OnSite), packs/10*6)
	wrong("lots at consignees", sum(r.Report.Consignees), packs/10*4)
	wrong("kg on site", r.Report.OnSiteKg, kg(packs/10*6))
	wrong("kg shipped", r.Report.ShippedKg, kg(packs/10*4))
	wrong("located %", r.Report.LocatedPercent, "100.00")
	return err
}

// explain tells where the time of the report's statement goes, as the API's role and with its setting: over all lots.
func (p plant) explain(ctx context.Context) ([]Part, error) {
	url, err := db.EnsureAppLogin(ctx, p.url)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // what was set goes with it
	if _, err := conn.Exec(ctx, "SELECT set_config('flowviz.sites', '{1}', false), set_config('statement_timeout', '0', false), set_config('jit', 'off', false)"); err != nil {
		return nil, err
	}
	var bytes int64 // of a bit for each lot
	if err := conn.QueryRow(ctx, "SELECT 1 + max(number) / 8 FROM lot").Scan(&bytes); err != nil {
		return nil, err
	}
	statement, err := storedQuery("queries/recall.sql", "RecallFigures", map[string]string{
		"known_at": "''", "known_in": "''", "numbers": "NULL", "bits": fmt.Sprintf("decode(repeat('ff', %d), 'hex')", bytes),
	})
	if err != nil {
		return nil, err
	}
	var plan []byte
	if err := conn.QueryRow(ctx, "EXPLAIN (ANALYZE, FORMAT JSON) "+statement).Scan(&plan); err != nil {
		return nil, err
	}
	return parts(plan)
}

// rows of the document's table.
func (r *Recall) rows() [][]string {
	var rows [][]string
	add := func(what, measured string) {
		rows = append(rows, []string{what, measured, fmt.Sprintf("≤ %g s", r.PromisedSeconds)})
	}
	if r.OpenSeconds > 0 {
		add(fmt.Sprintf("a MOCK recall over %d lots is open, with its report", r.Lots), fmt.Sprintf("%.2f s", r.OpenSeconds))
	}
	if len(r.RefreshSeconds) > 0 {
		add("its report is made anew, median", fmt.Sprintf("%.2f s", lab.Median(r.RefreshSeconds)))
	}
	if r.Refused != "" {
		add(fmt.Sprintf("a report over %d lots", r.Lots), fmt.Sprintf("none after %.2f s: %s", r.RefusedSeconds, r.Refused))
	}
	return rows
}

// partRows are the table of where the statement's time goes.
func (r *Recall) partRows() [][]string {
	rows := [][]string{{"of the statement that the report is made of", "rows", "ms, with what it is the first to read"}}
	for _, p := range r.Parts {
		rows = append(rows, []string{p.Name, fmt.Sprint(p.Rows), fmt.Sprintf("%.0f", p.Milliseconds)})
	}
	return rows
}
