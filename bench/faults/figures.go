package main

import (
	"fmt"
	"io"
	"testing"
	"text/tabwriter"
)

// A figure is a measurement of the SDK alone, and what it should be.
type figure struct {
	name  string
	value float64
	goal  string
}

// sdkFigures measures how the SDK comes through rate limits, rejected tokens, and an
// API that cannot be reached.
func sdkFigures(t *testing.T) (all []figure, err error) {
	add := func(name string, value float64, goal string) { all = append(all, figure{name, value, goal}) }
	silence, err := runSilence() // first, because it sets which certificates the process trusts
	if err != nil {
		return nil, err
	}
	add("silent_http2_recovery_s", silence.seconds, "≤ 20")
	add("silent_http2_failed", float64(silence.failed), "0")
	for _, workers := range []int{10, 50, 200} {
		r, name := runRefusal(t, workers), fmt.Sprintf("refusal_%d_workers", workers)
		add(name+"_failed", float64(r.failed), "0")
		add(name+"_longest_s", r.longest.Seconds(), "≤ 7")
		add(name+"_throughput_after", r.after, "≥ 0.95")
	}
	pause := runPause(t)
	add("pause_end_most_in_100ms", float64(pause.most), fmt.Sprintf("≤ %.0f", pause.allowed+1))
	add("max_rate_most_in_1s", float64(runMaxRate(t)), "≤ 51")
	add("plain_calls_failed", float64(runPlainCalls(t)), "0")
	for _, prefetch := range []int{1, 2, 8, 12, 32, 256} {
		failed := count(1, func() bool { return runUnavailable(t, prefetch) })
		add(fmt.Sprintf("unavailable_prefetch%d_failed", prefetch), failed, "0")
	}
	for _, prefetch := range []int{1, 8} {
		for _, resets := range []bool{false, true} {
			failed := count(20, func() bool { return runAway(t, prefetch, resets) })
			add(fmt.Sprintf("away_prefetch%d_resets_%t_failed", prefetch, resets), failed, "0")
		}
	}
	rejections := runRejections(t)
	add("rejected_requests_per_call", rejections.requestsPerCall, "≤ 1.1")
	add("rejected_logins_per_minute", rejections.logins, "≤ 4")
	for _, c := range syncCases() {
		r := runSyncs(t, c)
		add(fmt.Sprintf("sync_%s_failed", c), float64(r.failed), "0")
		add(fmt.Sprintf("sync_%s_time", c), r.slow, "≤ 1.15")
	}
	return all, nil
}

// count calls a function and returns how often it returned true.
func count(times int, f func() bool) (n float64) {
	for range times {
		if f() {
			n++
		}
	}
	return n
}

func printSDKTable(out io.Writer, figures []figure) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nthis SDK\tvalue\tgoal")
	for _, f := range figures {
		fmt.Fprintf(table, "%s\t%.4g\t%s\n", f.name, f.value, f.goal)
	}
	table.Flush()
}
