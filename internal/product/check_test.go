package product

import "testing"

// TestMost: a product with more allergens or components than it may have is refused by a limit that programs can read.
func TestMost(t *testing.T) {
	t.Parallel()
	for field, tc := range map[string]struct {
		most  int
		check func(c *checker, n int)
	}{
		"allergens": {30, func(c *checker, n int) { c.allergens(make([]string, n)) }},
		"recipe":    {100, func(c *checker, n int) { c.recipe("", make([]Share, n)) }},
	} {
		c := &checker{}
		tc.check(c, tc.most+1)
		if len(c.faults) != 1 {
			t.Fatalf("%s: %v", field, c.faults)
		}
		if f := c.faults[0]; f.Field != field || f.Limit != field || f.Value != tc.most || f.Cost != tc.most+1 {
			t.Errorf("%+v", *f)
		}
	}
}
