// Command drift reads lists that others change meanwhile, many thousand times in
// virtual time, and counts the items that each way of reading has lost: items
// that existed before the first request and still exist after the last.
//
// The lists are simulated in this process, below the HTTP layer; what reads them
// is the code that the SDK's iterators run. Lists, changes and latencies follow
// from the seed; only two requests for one page in the same instant may swap
// theirs.
//
// With -figures it prints lines of a name and a value.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/flowretail/flowretail-go/bench/internal/virtual"
)

func main() {
	testing.Init()
	figures := flag.Bool("figures", false, "print lines of a name and a value")
	seed := flag.Uint64("seed", 1, "of all lists and changes")
	runs := flag.Int("runs", 10_200, "lists that are read, besides those where items enter in the middle")
	flag.Parse()
	virtual.Main("drift", func(t *testing.T) {
		results := measure(t, *seed, *runs)
		if *figures {
			printFigures(os.Stdout, results)
		} else {
			printTable(os.Stdout, results)
		}
	})
}

// A reading is what one way of reading made of one list.
type reading struct {
	lost     int
	requests int
	took     int64 // virtual nanoseconds
	failed   bool
}

// A run is one list, read in every way.
type run struct {
	scenario
	readings []reading // by way
}

// measure spreads the runs over the processors. What is read does not depend on which gets which.
func measure(t *testing.T, seed uint64, count int) []run {
	count += count / (len(kinds) - 1) // the last kind comes on top
	results := make([]run, count)
	var next atomic.Int64
	t.Run("all", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
					results[i] = run{scenario: draw(seed, i)}
					for _, way := range ways {
						results[i].readings = append(results[i].readings, read(t, results[i].scenario, way))
					}
				}
			})
		}
	})
	return results
}
