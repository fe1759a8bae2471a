package fault_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/fault"
)

// TestBounded: what is more than a limit says which, its value and what it cost; too little is refused by no limit.
func TestBounded(t *testing.T) {
	t.Parallel()
	for given, want := range map[int]fault.Error{
		0:   {Code: fault.BadUserInput, Field: "lots", Message: "give 1 to 100"},
		100: {Code: fault.BadUserInput, Field: "lots", Message: "give 1 to 100"}, // another thing is wrong with them
		101: {Code: fault.BadUserInput, Field: "lots", Message: "give 1 to 100", Limit: "lots", Value: 100, Cost: 101},
	} {
		if diff := cmp.Diff(want, *fault.Bounded("lots", given, 100, "give 1 to %d", 100)); diff != "" {
			t.Errorf("%d of 100 (-want +got):\n%s", given, diff)
		}
	}
}
