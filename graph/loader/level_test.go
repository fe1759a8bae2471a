package loader

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestLevels asks two loaders, the second a little later: what is found for the first at once asks the second for more, which is another level's.
func TestLevels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, askTwoLoaders)
}

func askTwoLoaders(t *testing.T) {
	var mu sync.Mutex
	var fetched [][]int
	b := base{t.Context(), &level{wait: 50 * time.Millisecond}}
	first := newLoader(b, func(context.Context, []int) (map[int]int, error) { return map[int]int{1: 2}, nil })
	second := newLoader(b, func(_ context.Context, keys []int) (map[int]int, error) {
		mu.Lock()
		defer mu.Unlock()
		fetched = append(fetched, slices.Sorted(slices.Values(keys)))
		return map[int]int{}, nil
	})
	var asking sync.WaitGroup
	asking.Go(func() {
		found, err := first.Load(t.Context(), 1)
		if err != nil {
			t.Error(err)
		}
		if _, err := second.LoadAll(t.Context(), []int{found, 3}); err != nil {
			t.Error(err)
		}
	})
	asking.Go(func() {
		<-time.After(20 * time.Millisecond)
		if _, err := second.LoadAll(t.Context(), []int{1, 3}); err != nil {
			t.Error(err)
		}
	})
	asking.Wait()
	if diff := cmp.Diff([][]int{{1, 3}, {2}}, fetched); diff != "" {
		t.Errorf("the second loader fetched (-want +got):\n%s", diff)
	}
}
