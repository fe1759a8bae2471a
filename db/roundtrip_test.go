package db_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
)

// sending counts what is sent to PostgreSQL, piece by piece.
type sending struct {
	net.Conn

	pieces *atomic.Int32
}

func (s sending) Write(p []byte) (int, error) {
	s.pieces.Add(1)
	return s.Conn.Write(p)
}

// TestBeginAndFirstStatementGoTogether: an operation's settings cost it no round trip of their own, once its statement is prepared.
func TestBeginAndFirstStatementGoTogether(t *testing.T) {
	t.Parallel()
	config := dbtest.New(t, nil).Config()
	config.MaxConns = 1
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	var pieces atomic.Int32
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return sending{conn, &pieces}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for range 2 {
		free, err := pool.Acquire(t.Context()) // once the transaction before has ended
		if err != nil {
			t.Fatal(err)
		}
		free.Release()
		pieces.Store(0)
		s := db.NewSnapshot(t.Context(), pool, db.Scope{Sites: []int32{1}})
		var sites string
		if err := s.QueryRow(t.Context(), "SELECT current_setting('flowviz.sites')").Scan(&sites); err != nil || sites != "{1}" {
			t.Fatalf("%q, %v", sites, err)
		}
		s.Close()
		if free, err = pool.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		free.Release()
	}
	if n := pieces.Load(); n != 2 {
		t.Errorf("beginning, asking and ending took %d round trips, and not 2", n)
	}
}
