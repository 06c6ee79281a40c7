package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// A tally sums up the results of one method.
type tally struct {
	runs, withLoss, itemsLost, failed int

	// Sums over the lists of at least 8 pages.
	long         int     // lists
	perPage      float64 // requests per page
	relativeTime float64 // time, as a multiple of the time with 4 pages in flight
}

const minPages = 8 // of the lists that count for requests and time

func count(runs []run, method int, include func(scenario) bool) (sum tally) {
	for _, run := range runs {
		if !include(run.scenario) {
			continue
		}
		r := run.results[method]
		sum.runs++
		sum.itemsLost += r.lost
		if r.lost > 0 {
			sum.withLoss++
		}
		if r.failed {
			sum.failed++
		} else if run.pages() >= minPages {
			sum.long++
			sum.perPage += float64(r.requests) / float64(run.pages())
			sum.relativeTime += float64(r.took) / float64(run.results[forward4].took)
		}
	}
	return sum
}

func (s tally) lossShare() float64       { return float64(s.withLoss) / float64(max(1, s.runs)) }
func (s tally) requestsPerPage() float64 { return s.perPage / float64(max(1, s.long)) }
func (s tally) time() float64            { return s.relativeTime / float64(max(1, s.long)) }

// guaranteed excludes the lists that the guarantee of Complete does not cover.
func guaranteed(s scenario) bool { return !kinds[s.kind].middle }

// noErrorExpected excludes, in addition, the lists whose total is late. A page may contradict that.
func noErrorExpected(s scenario) bool { return guaranteed(s) && !kinds[s.kind].stale }

func printTable(out io.Writer, runs []run) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "while the list is read\twith\truns\tthat lost items\titems lost\tended in an error\trequests a page\ttime")
	section := func(name string, include func(scenario) bool) {
		for i, m := range methods {
			sum := count(runs, i, include)
			fmt.Fprintf(table, "%s\t%s\t%d\t%.2f %%\t%d\t%d\t%.2f\t%.2f\n", name, m.name, sum.runs,
				100*sum.lossShare(), sum.itemsLost, sum.failed, sum.requestsPerPage(), sum.time())
			name = ""
		}
	}
	section("all but the last", guaranteed)
	for i, k := range kinds {
		section(k.name, func(s scenario) bool { return s.kind == i })
	}
	table.Flush()
	fmt.Fprintf(out, `
Lists have 0 to %d items, evenly distributed on a logarithmic scale, on up to %d pages of 1 to 1000. Changes come at random
between requests. Their numbers are per pass: as many requests as the list has pages. An item is lost if it existed before the
first request, still exists after the last, was not yielded, and there was no error. Requests a page, and the time as a multiple of
that with 4 pages in flight, are means over the lists of at least %d pages that were read without an error.
Complete gives no guarantee where items enter in the middle. An error there means that it was detected.
`, maxItems, maxPages, minPages)
}

func printFigures(out io.Writer, runs []run) {
	withLoss, falseErrors := 0, 0
	for i, m := range methods {
		if m.complete {
			withLoss += count(runs, i, guaranteed).withLoss
			falseErrors += count(runs, i, noErrorExpected).failed
		}
	}
	forward := count(runs, pageByPage, guaranteed)
	oneDeletion := count(runs, complete4, func(s scenario) bool { return kinds[s.kind].single })
	fmt.Fprintf(out, "runs %d\n", forward.runs)
	fmt.Fprintf(out, "forward_runs_with_loss %.4f\n", forward.lossShare())
	fmt.Fprintf(out, "complete_runs_with_loss %d\n", withLoss)
	fmt.Fprintf(out, "complete_runs_with_false_error %d\n", falseErrors)
	fmt.Fprintf(out, "complete_requests_per_page %.3f\n", oneDeletion.requestsPerPage())
}
