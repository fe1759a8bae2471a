package linetest_test

import (
	"sync"
	"testing"

	"flowviz/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// clients is how many people work at once.
const clients = 8

// size is how much a proof does: at its full size, or in the short form that CI runs.
func size(full, short int) int {
	if dbtest.Full() {
		return full
	}
	return short
}

// together lets the clients do n pieces of work: work(client, i) for each i below n, once.
func together(n int, work func(client, i int)) {
	next := make(chan int)
	var done sync.WaitGroup
	for client := range clients {
		done.Go(func() {
			for i := range next {
				work(client, i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	done.Wait()
}
