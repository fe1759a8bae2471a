// Command raw is what the API's speed is measured against: lots and links of a genealogy from a plain net/http handler with
// recursive queries, whose rows are written straight into JSON. It reads the project's own tables, as the same database role,
// under the same row level security, and through a pool of the same size as the API. It gets no trick that the API does not
// have, and lacks none that anybody would use: its transaction, with the setting that row level security reads, takes one
// round trip, or two where the second question needs the first one's answer.
//
//	GET /ancestors?lot=<uuid>    →  [{"id":"…","code":"…","lotType":"RAW","weightKg":"12.340","temperatureC":"3.50"}, …]
//	GET /descendants?lot=<uuid>  →  the same of what was made of the lot
//	GET /genealogy?lot=<uuid>    →  {"links":[{"child":"…","parent":"…"}, …],"lots":[{"id":"…", …}, …]} of the lot and its ancestors
//	GET /parents?lot=<uuid>      →  [{"code":"…","parents":[{"code":"…","parents":[…]}, …]}, …] six deep
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

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
	for path, ask := range map[string]question{
		"/ancestors": lots(ancestors), "/descendants": lots(descendants), "/genealogy": genealogy, "/parents": parents,
	} {
		http.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { answer(w, r, pool, sites, ask) })
	}
	return http.ListenAndServe(addr, nil)
}

func answer(w http.ResponseWriter, r *http.Request, pool *pgxpool.Pool, sites string, ask question) {
	lot, err := uuid.Parse(r.URL.Query().Get("lot"))
	if err != nil {
		http.Error(w, "lot: "+err.Error(), http.StatusBadRequest)
		return
	}
	body, err := ask(r.Context(), pool, sites, [16]byte(lot)) // pgx would take a uuid.UUID through its text form
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // who went away needs no answer
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
