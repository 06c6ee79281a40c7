// Command faults shows what the SDK makes of an API that fails: an outage, a rate
// limit shared by many processes, and a line that loses a fifth of all
// exchanges; beside go-retryablehttp with its defaults, which is what a user
// would take instead. All of it runs in this process and in virtual time.
//
// With -figures it prints lines of a name and a value, for the SDK.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
	"text/tabwriter"

	"github.com/flowretail/flowretail-go/bench/internal/virtual"
)

func main() {
	testing.Init()
	figures := flag.Bool("figures", false, "print lines of a name and a value")
	seed := flag.Uint64("seed", 1, "of the line that loses exchanges")
	flag.Parse()
	virtual.Main("faults", func(t *testing.T) {
		results := measure(t, *seed)
		if *figures {
			printFigures(os.Stdout, results[len(results)-1])
		} else {
			printTable(os.Stdout, results)
		}
	})
}

// A result is all that was measured of a contender.
type result struct {
	name    string
	outage  weathered
	limit   limited
	chosen  created // with UIDs of the caller's choice
	without created
}

func measure(t *testing.T, seed uint64) []result {
	var results []result
	for i, contender := range contenders {
		results = append(results, result{
			name:    contender.name,
			outage:  weather(t, contender.make),
			limit:   shareLimit(t, contender.make),
			chosen:  create(t, seed, true, makers[i].make),
			without: create(t, seed, false, makers[i].make),
		})
	}
	return results
}

func printTable(out io.Writer, results []result) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(label string, value func(result) any) {
		fmt.Fprint(table, label)
		for _, r := range results {
			fmt.Fprintf(table, "\t%v", value(r))
		}
		fmt.Fprintln(table)
	}
	row("", func(r result) any { return r.name })
	row("outage: attempts per call", func(r result) any { return fmt.Sprintf("%.3f", r.outage.attemptsPerCall) })
	row("outage: seconds to recover", func(r result) any { return r.outage.recovery })
	row("shared limit: used", func(r result) any { return fmt.Sprintf("%.2f %%", 100*r.limit.used) })
	row("shared limit: requests refused", func(r result) any { return fmt.Sprintf("%.2f %%", 100*r.limit.refused) })
	row("shared limit: fairness (1 is equal)", func(r result) any { return fmt.Sprintf("%.3f", r.limit.fairness) })
	row("creates with UID: lost", func(r result) any { return r.chosen.lost })
	row("creates with UID: twice", func(r result) any { return r.chosen.twice })
	row("creates with UID: made, and said not to be", func(r result) any { return r.chosen.unreported })
	row("creates without UID: lost", func(r result) any { return r.without.lost })
	row("creates without UID: twice", func(r result) any { return r.without.twice })
	row("creates without UID: said to be unknown", func(r result) any { return r.without.unknown })
	row("creates without UID: made, and said not to be", func(r result) any { return r.without.unreported })
	table.Flush()
	fmt.Fprintf(out, "\n%d clients with a call a second; %d processes with %d workers at %.0f requests a second; %d creates, %.0f %% of the exchanges fail.\n",
		fleet, processes, workers, limitRate, creates, 100*failing)
}

func printFigures(out io.Writer, r result) {
	fmt.Fprintf(out, "outage_attempts_per_call %.4f\n", r.outage.attemptsPerCall)
	fmt.Fprintf(out, "outage_recovery_s %d\n", r.outage.recovery)
	fmt.Fprintf(out, "shared_limit_used %.4f\n", r.limit.used)
	fmt.Fprintf(out, "shared_limit_refused %.4f\n", r.limit.refused)
	fmt.Fprintf(out, "shared_limit_fairness %.4f\n", r.limit.fairness)
	fmt.Fprintf(out, "creates_lost %d\n", r.chosen.lost+r.without.lost)
	fmt.Fprintf(out, "creates_twice %d\n", r.chosen.twice+r.without.twice)
	fmt.Fprintf(out, "creates_unreported %d\n", r.chosen.unreported+r.without.unreported)
}
