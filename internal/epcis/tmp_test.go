package epcis_test
import ("testing";"context";"time";"fmt";"github.com/jackc/pgx/v5"; "flowviz/db"; "flowviz/db/dbtest";"flowviz/internal/epcis";"os";"strings")
type timing struct{}
type tk struct{}
func (timing) TraceQueryStart(ctx context.Context, c *pgx.Conn, d pgx.TraceQueryStartData) context.Context { return context.WithValue(ctx, tk{}, [2]any{time.Now(), db.StatementName(d.SQL)}) }
func (timing) TraceQueryEnd(ctx context.Context, c *pgx.Conn, d pgx.TraceQueryEndData) { v:=ctx.Value(tk{}).([2]any); if dd:=time.Since(v[0].(time.Time)); dd>20*time.Millisecond { fmt.Println(v[1], dd) } }
func TestTmp(t *testing.T){
	if os.Getenv("TMPT")=="" {t.Skip()}
	w := &world{T: t}
	w.pool = dbtest.New(t, timing{})
	w.service = epcis.NewService(w.pool, w.newID, func() time.Time { return day })
	db.New(w.pool).InsertSite(t.Context(), db.InsertSiteParams{Code: "ALFA", Name: "a", TimeZone: "UTC"})
	s:=time.Now()
	fmt.Println(w.shared("generated-events-932.json"), time.Since(s))
	var sql string
	b,_:=os.ReadFile("../../db/epcis.sql.go"); x:=string(b); a:=strings.Index(x,"const settleImportedLots = `"); x=x[a+len("const settleImportedLots = `"):]; sql=x[:strings.Index(x,"`")]
	sql = strings.TrimPrefix(sql, "-- name: SettleImportedLots :many\n")
	rows,_:=w.pool.Query(t.Context(),"select id::text from lot"); ids,_:=pgx.CollectRows(rows, pgx.RowTo[string])
	rr,err:=w.pool.Query(t.Context(),"explain (analyze, costs off, timing on) "+sql, ids); if err!=nil{t.Fatal(err)}
	lines,err:=pgx.CollectRows(rr, pgx.RowTo[string]); fmt.Println(strings.Join(lines,"\n"), err)
}
