// Command faults measures how the SDK behaves when the API fails: in an outage,
// with a rate limit that many processes share, and with a network that fails a
// fifth of all requests. It compares the SDK with go-retryablehttp and its
// defaults. It also measures how the SDK alone comes through rate limits, pauses,
// rejected tokens, and an API that is away. Everything runs in this process, and in
// virtual time except for one measurement on real sockets.
//
// With -figures it prints a name and a value of the SDK on each line.
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
	figures := flag.Bool("figures", false, "print a name and a value on each line")
	seed := flag.Uint64("seed", 1, "seed of the network faults")
	flag.Parse()
	virtual.Main("faults", func(t *testing.T) {
		results := measure(t, *seed)
		sdk, err := sdkFigures(t)
		if err != nil {
			t.Error(err)
			return
		}
		if *figures {
			printFigures(os.Stdout, results[len(results)-1], sdk)
			return
		}
		printTable(os.Stdout, results)
		printSDKTable(os.Stdout, sdk)
	})
}

// A result has the measurements of a client.
type result struct {
	name       string
	outage     outageResult
	limit      limitResult
	withUID    createResult
	withoutUID createResult
}

func measure(t *testing.T, seed uint64) []result {
	var results []result
	for _, client := range clients {
		results = append(results, result{
			name:       client.name,
			outage:     runOutage(t, client.newReader),
			limit:      runLimit(t, client.newReader),
			withUID:    runCreates(t, seed, true, client.newCreate),
			withoutUID: runCreates(t, seed, false, client.newCreate),
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
	row("creates with UID: lost", func(r result) any { return r.withUID.lost })
	row("creates with UID: twice", func(r result) any { return r.withUID.twice })
	row("creates with UID: created, but reported as failed", func(r result) any { return r.withUID.unreported })
	row("creates without UID: lost", func(r result) any { return r.withoutUID.lost })
	row("creates without UID: twice", func(r result) any { return r.withoutUID.twice })
	row("creates without UID: outcome unknown", func(r result) any { return r.withoutUID.unknown })
	row("creates without UID: created, but reported as failed", func(r result) any { return r.withoutUID.unreported })
	table.Flush()
	fmt.Fprintf(out, "\n%d clients with one call per second; %d processes with %d workers and %.0f requests per second in total; %d creates, %.0f %% of the requests fail.\n",
		outageClients, processes, workers, limitRate, creates, 100*faultRate)
}

func printFigures(out io.Writer, r result, sdk []figure) {
	fmt.Fprintf(out, "outage_attempts_per_call %.4f\n", r.outage.attemptsPerCall)
	fmt.Fprintf(out, "outage_recovery_s %d\n", r.outage.recovery)
	fmt.Fprintf(out, "shared_limit_used %.4f\n", r.limit.used)
	fmt.Fprintf(out, "shared_limit_refused %.4f\n", r.limit.refused)
	fmt.Fprintf(out, "shared_limit_fairness %.4f\n", r.limit.fairness)
	fmt.Fprintf(out, "creates_lost %d\n", r.withUID.lost+r.withoutUID.lost)
	fmt.Fprintf(out, "creates_twice %d\n", r.withUID.twice+r.withoutUID.twice)
	fmt.Fprintf(out, "creates_unreported %d\n", r.withUID.unreported+r.withoutUID.unreported)
	for _, f := range sdk {
		fmt.Fprintf(out, "%s %.4g\n", f.name, f.value)
	}
}
