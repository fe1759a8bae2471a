package loader

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/graph-gophers/dataloader/v7"
)

// base is what the loaders of one response share.
type base struct {
	ctx   context.Context //nolint:containedctx // the response's: the library would fetch under that of the first field that asked
	level *level
}

// Loader gathers the keys that the fields of one level ask for, and fetches them with one statement.
// It is made when first asked: a query uses few of the forty.
type Loader[K comparable, V any] struct {
	inner func() *dataloader.Loader[K, V]
}

// Load waits for the value of a key; the zero value where there is none.
func (l *Loader[K, V]) Load(ctx context.Context, key K) (V, error) {
	return l.inner().Load(ctx, key)()
}

// LoadAll waits for the values of several keys, in their order.
func (l *Loader[K, V]) LoadAll(ctx context.Context, keys []K) ([]V, error) {
	inner := l.inner()
	thunks := make([]dataloader.Thunk[V], len(keys)) // the library's LoadMany has a goroutine a key
	for i, key := range keys {
		thunks[i] = inner.Load(ctx, key)
	}
	values := make([]V, len(keys))
	for i, thunk := range thunks {
		var err error
		if values[i], err = thunk(); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func newLoader[K comparable, V any](b base, fetch func(context.Context, []K) (map[K]V, error)) *Loader[K, V] {
	fetchAll := func(_ context.Context, keys []K) []*dataloader.Result[V] {
		b.level.awaitClosed()
		found, err := calmly(b.ctx, keys, fetch)
		results := make([]*dataloader.Result[V], len(keys))
		for i, key := range keys {
			results[i] = &dataloader.Result[V]{Data: found[key], Error: err}
		}
		return results
	}
	return &Loader[K, V]{sync.OnceValue(func() *dataloader.Loader[K, V] {
		keys := &cache[K, V]{Cache: dataloader.NewCache[K, V](), level: b.level}
		l := dataloader.NewBatchedLoader(fetchAll, dataloader.WithCache[K, V](keys), dataloader.WithWait[K, V](never))
		keys.batch.close = l.Flush
		return l
	})}
}

// calmly makes a panic of fetch an error of each field that asked: it runs in the library's goroutine, out of reach of the
// recovery of resolvers, and the library would tell standard error.
func calmly[K comparable, V any](ctx context.Context, keys []K, fetch func(context.Context, []K) (map[K]V, error)) (found map[K]V, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("a loader panicked: %v\n%s", cause, debug.Stack())
		}
	}()
	return fetch(ctx, keys)
}

// one loads rows by their own key.
func one[K comparable, V any](b base, fetch func(context.Context, []K) ([]V, error), key func(V) K) *Loader[K, V] {
	return newLoader(b, func(ctx context.Context, keys []K) (map[K]V, error) {
		rows, err := fetch(ctx, keys)
		found := make(map[K]V, len(rows))
		for _, row := range rows {
			found[key(row)] = row
		}
		return found, err
	})
}

// many loads the rows that belong to a key, in the order fetched.
func many[K comparable, V any](b base, fetch func(context.Context, []K) ([]V, error), key func(V) K) *Loader[K, []V] {
	return newLoader(b, func(ctx context.Context, keys []K) (map[K][]V, error) {
		rows, err := fetch(ctx, keys)
		found := make(map[K][]V, len(keys))
		for _, key := range keys {
			found[key] = []V{}
		}
		for _, row := range rows {
			found[key(row)] = append(found[key(row)], row)
		}
		return found, err
	})
}

// Key is a parent with the arguments of one of its list fields. Keys with other arguments are never fetched together: two
// aliases of one field would get each other's rows.
type Key[P, A comparable] struct {
	Parent P
	Args   A
}

// grouped loads by parent and arguments: one fetch for each set of arguments.
func grouped[P, A comparable, V any](b base, fetch func(context.Context, []P, A) (map[P]V, error)) *Loader[Key[P, A], V] {
	return newLoader(b, func(ctx context.Context, keys []Key[P, A]) (map[Key[P, A]]V, error) {
		parents := map[A][]P{}
		for _, key := range keys {
			parents[key.Args] = append(parents[key.Args], key.Parent)
		}
		found := make(map[Key[P, A]]V, len(keys))
		for args, group := range parents {
			values, err := fetch(ctx, group, args)
			if err != nil {
				return nil, err
			}
			for parent, value := range values {
				found[Key[P, A]{parent, args}] = value
			}
		}
		return found, nil
	})
}

// byParent gathers rows under their parents.
func byParent[P comparable, V any](rows []V, parent func(V) P) map[P][]V {
	out := map[P][]V{}
	for _, row := range rows {
		out[parent(row)] = append(out[parent(row)], row)
	}
	return out
}
