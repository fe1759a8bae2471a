// Command raw is what the API's speed is measured against: the ancestors of a lot from a plain net/http handler with one
// recursive query, whose rows are written straight into JSON. It reads the project's own tables, as the same database role,
// under the same row level security, and through a pool of the same size as the API. It gets no trick that the API does not
// have, and lacks none that anybody would use: its transaction, with the setting that row level security reads, takes one
// round trip.
//
//	GET /raw?lot=<uuid>  →  [{"id":"…","code":"…","lotType":"RAW","weightKg":"12.340","temperatureC":"3.50"}, …]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

const ancestors = `
with recursive a(id) as (
    select g.parent_id from lot_genealogy g where g.child_id = $1
    union
    select g.parent_id from a join lot_genealogy g on g.child_id = a.id
)
select l.id::text, l.code, t.code, l.weight_kg::text, l.temperature_c::text
from a join lot l using (id) join lot_type t on t.id = l.lot_type_id`

func main() {
	addr := flag.String("addr", "127.0.0.1:5680", "`address` to serve on")
	size := flag.Int("pool", 0, "most `connections`; 0 leaves pgx's default, as the API does")
	sites := flag.String("sites", "{}", "the sites that may be seen, as a PostgreSQL `array` of their ids")
	flag.Parse()
	if err := serve(*addr, *size, *sites); err != nil {
		log.Fatal(err)
	}
}

func serve(addr string, size int, sites string) error {
	cfg, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	if size > 0 {
		cfg.MaxConns = int32(size)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	http.HandleFunc("GET /raw", func(w http.ResponseWriter, r *http.Request) { answer(w, r, pool, sites) })
	return http.ListenAndServe(addr, nil)
}

func answer(w http.ResponseWriter, r *http.Request, pool *pgxpool.Pool, sites string) {
	lot, err := uuid.Parse(r.URL.Query().Get("lot"))
	if err != nil {
		http.Error(w, "lot: "+err.Error(), http.StatusBadRequest)
		return
	}
	batch := &pgx.Batch{}
	batch.Queue("begin")
	batch.Queue("select set_config('flowviz.sites', $1, true)", sites)
	batch.Queue(ancestors, [16]byte(lot)) // pgx would take a uuid.UUID through its text form
	batch.Queue("commit")
	results := pool.SendBatch(r.Context(), batch)
	defer func() { _ = results.Close() }() // an error was answered, or asked for below
	for range 2 {
		if _, err := results.Exec(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	rows, err := results.Query()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	buf := make([]byte, 0, 1<<16)
	buf = append(buf, '[')
	var id, code, lotType, weight, temperature pgtype.Text
	for rows.Next() {
		if err := rows.Scan(&id, &code, &lotType, &weight, &temperature); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if len(buf) > 1 {
			buf = append(buf, ',')
		}
		buf = appendString(append(buf, `{"id":`...), id)
		buf = appendString(append(buf, `,"code":`...), code)
		buf = appendString(append(buf, `,"lotType":`...), lotType)
		buf = appendString(append(buf, `,"weightKg":`...), weight)
		buf = appendString(append(buf, `,"temperatureC":`...), temperature)
		buf = append(buf, '}')
	}
	if err := errors.Join(rows.Err(), results.Close()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(buf, ']')) // who went away needs no answer
}

// appendString appends a JSON string or null. Codes are plain as a rule, and need no more than quotes.
func appendString(buf []byte, t pgtype.Text) []byte {
	if !t.Valid {
		return append(buf, "null"...)
	}
	for i := range len(t.String) {
		if c := t.String[i]; c < 0x20 || c == '"' || c == '\\' {
			escaped, _ := json.Marshal(t.String) // a string can't fail
			return append(buf, escaped...)
		}
	}
	return append(append(append(buf, '"'), t.String...), '"')
}
