package db_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db/dbtest"
)

// TestUUIDsAreCarriedAsTheyAre: alone, in lists, empty, absent, and in queries that are planned at each call.
func TestUUIDsAreCarriedAsTheyAre(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	a, b := uuid.MustParse("01900000-0000-7000-8000-0000000000aa"), uuid.MustParse("01900000-0000-7000-8000-0000000000bb")
	for _, list := range [][]uuid.UUID{{a, b}, {a}, {}, nil} {
		var id uuid.UUID
		var none *uuid.UUID
		var some *uuid.UUID
		var back []uuid.UUID
		var n *int
		err := pool.QueryRow(t.Context(), "SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid[], cardinality($4::uuid[])", a, none, &b, list).Scan(&id, &none, &some, &back, &n)
		if err != nil {
			t.Fatalf("%v: %v", list, err)
		}
		if id != a || none != nil || some == nil || *some != b {
			t.Errorf("%v %v %v came back", id, none, some)
		}
		if diff := cmp.Diff(list, back); diff != "" {
			t.Errorf("the list came back otherwise:\n%s", diff)
		}
		if (list == nil) != (n == nil) || n != nil && *n != len(list) {
			t.Errorf("%v has %v elements in SQL", list, n)
		}
	}
}

// TestOddListsAreRefused: a list that a []uuid.UUID can't hold is an error, and no list of other ids.
func TestOddListsAreRefused(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	for _, list := range []string{"ARRAY[NULL, gen_random_uuid()]", "ARRAY[[gen_random_uuid()], [gen_random_uuid()]]"} {
		var got []uuid.UUID
		if err := pool.QueryRow(t.Context(), "SELECT "+list).Scan(&got); err == nil {
			t.Errorf("%s came back as %v", list, got)
		}
	}
}
