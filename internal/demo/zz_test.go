package demo
import ("testing";"time";"fmt";"flowviz/db/dbtest")
func TestLoadTry(t *testing.T) {
	pool := dbtest.New(t, nil)
	begin := time.Now()
	s, err := Load(t.Context(), pool, 1)
	fmt.Printf("%v %+v %v\n", time.Since(begin), s, err)
	pool.Exec(t.Context(), "DROP DATABASE IF EXISTS demo_b WITH (FORCE)")
	fmt.Println(digests(t,pool))
	var name string
	pool.QueryRow(t.Context(), "SELECT current_database()").Scan(&name)
	pool.Close()
	p2 := dbtest.New(t, nil)
	_, err = p2.Exec(t.Context(), "CREATE DATABASE demo_b TEMPLATE "+name)
	fmt.Println(err)
}
