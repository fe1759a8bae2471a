package db_test

import (
	"testing"
	"time"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/fault"
)

// TestStatementTimeout: a statement that takes longer than its scope allows is ended, and is the caller's to mend.
func TestStatementTimeout(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	for name, tc := range map[string]struct {
		timeout time.Duration
		ended   bool
	}{
		"in time":  {time.Minute, false},
		"too slow": {20 * time.Millisecond, true},
		"no bound": {0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := db.NewSnapshot(t.Context(), pool, db.Scope{StatementTimeout: tc.timeout})
			defer s.Close()
			var one int
			err := s.QueryRow(t.Context(), "SELECT 1 FROM pg_sleep(0.2)").Scan(&one)
			if got := fault.Is(err, fault.Limit); got != tc.ended || !tc.ended && err != nil {
				t.Errorf("%v", err)
			}
		})
	}
}
