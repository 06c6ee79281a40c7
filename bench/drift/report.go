package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// A tally sums up what one way made of many lists.
type tally struct {
	runs, withLoss, itemsLost, failed int

	// Of lists of at least 8 pages.
	long          int
	perPage, slow float64 // requests for each page, and time beside 4 pages in flight, both summed up
}

const longEnough = 8 // pages

func count(results []run, way int, include func(scenario) bool) (sum tally) {
	for _, run := range results {
		if !include(run.scenario) {
			continue
		}
		r := run.readings[way]
		sum.runs++
		sum.itemsLost += r.lost
		if r.lost > 0 {
			sum.withLoss++
		}
		if r.failed {
			sum.failed++
		} else if run.pages() >= longEnough {
			sum.long++
			sum.perPage += float64(r.requests) / float64(run.pages())
			sum.slow += float64(r.took) / float64(run.readings[ahead4].took)
		}
	}
	return sum
}

func (s tally) lossShare() float64       { return float64(s.withLoss) / float64(max(1, s.runs)) }
func (s tally) requestsPerPage() float64 { return s.perPage / float64(max(1, s.long)) }
func (s tally) time() float64            { return s.slow / float64(max(1, s.long)) }

// promised leaves out the lists that the promise of Complete does not cover.
func promised(s scenario) bool { return !kinds[s.kind].middle }

func printTable(out io.Writer, results []run) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "while the list is read\twith\truns\tthat lost items\titems lost\tended in an error\trequests a page\ttime")
	section := func(name string, include func(scenario) bool) {
		for i, way := range ways {
			sum := count(results, i, include)
			fmt.Fprintf(table, "%s\t%s\t%d\t%.2f %%\t%d\t%d\t%.2f\t%.2f\n", name, way.name, sum.runs,
				100*sum.lossShare(), sum.itemsLost, sum.failed, sum.requestsPerPage(), sum.time())
			name = ""
		}
	}
	section("all but the last", promised)
	for i, k := range kinds {
		section(k.name, func(s scenario) bool { return s.kind == i })
	}
	table.Flush()
	fmt.Fprintf(out, `
Lists of 0 to %d items, of which short ones are as likely as long ones, on up to %d pages of 1 to 1000. Changes come at random
between requests, at rates for a pass, which is as many requests as the list has pages. An item is lost when it existed before the
first request, still exists after the last, was not yielded, and there was no error. Requests a page, and the time beside 4 pages in
flight, are means over the lists of %d pages and more that were read without an error.
Where items enter in the middle, Complete promises nothing about those; an error means that it has noticed.
`, longest, mostPage, longEnough)
}

func printFigures(out io.Writer, results []run) {
	lossy := 0
	for i, way := range ways {
		if way.complete {
			lossy += count(results, i, promised).withLoss
		}
	}
	forward := count(results, pageByPage, promised)
	calm := count(results, complete4, func(s scenario) bool { return kinds[s.kind].single })
	fmt.Fprintf(out, "runs %d\n", forward.runs)
	fmt.Fprintf(out, "forward_runs_with_loss %.4f\n", forward.lossShare())
	fmt.Fprintf(out, "complete_runs_with_loss %d\n", lossy)
	fmt.Fprintf(out, "complete_requests_per_page %.3f\n", calm.requestsPerPage())
}
