// Command drift reads thousands of simulated lists while they change, and counts
// the items that each method loses. An item is lost if it exists from before the
// first request until after the last and is not yielded.
//
// The lists are simulated below the HTTP layer, in virtual time. The code that
// reads them is internal/pager, which the SDK's iterators run. Lists, changes and
// latencies follow from the seed, with one exception: two requests for one page at
// the same instant may swap their latencies.
//
// Flags:
//
//	-figures    print lines of a name and a value instead of a table
//	-runs       the number of lists
//	-seed       the seed of all lists and changes
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
	seed := flag.Uint64("seed", 1, "seed of all lists and changes")
	lists := flag.Int("runs", 10_200, "lists to read, without those where items enter in the middle")
	flag.Parse()
	virtual.Main("drift", func(t *testing.T) {
		runs := measure(t, *seed, *lists)
		if *figures {
			printFigures(os.Stdout, runs)
		} else {
			printTable(os.Stdout, runs)
		}
	})
}

// A result is what reading one list with one method resulted in.
type result struct {
	lost     int
	requests int
	took     int64 // virtual nanoseconds
	failed   bool
}

// A run is one list, read with every method.
type run struct {
	scenario
	results []result // by method
}

// measure reads all lists, spread over the processors. The results do not depend on how they are spread.
func measure(t *testing.T, seed uint64, lists int) []run {
	lists += lists / (len(kinds) - 1) // the last kind comes in addition
	runs := make([]run, lists)
	var next atomic.Int64
	t.Run("all", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for i := int(next.Add(1)) - 1; i < lists; i = int(next.Add(1)) - 1 {
					runs[i] = run{scenario: draw(seed, i)}
					for _, m := range methods {
						runs[i].results = append(runs[i].results, read(t, runs[i].scenario, m))
					}
				}
			})
		}
	})
	return runs
}
