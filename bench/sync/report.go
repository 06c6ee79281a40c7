package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"
)

// printFigures prints the figures of the SDK.
func printFigures(out io.Writer, r results) {
	delayed := func(name string) workload { return workload{"sync", name, true} }
	direct := func(name string) workload { return workload{"sync", name, false} }
	get := func(name string) workload { return workload{"get", name, false} }
	for _, figure := range []struct {
		name  string
		value float64
	}{
		{"sync40_prefetch8_wall_vs_generated", r.ratio(delayed("sdk8"), delayed("generated"), wall)},
		{"sync40_default_wall_vs_generated", r.ratio(delayed("sdk"), delayed("generated"), wall)},
		{"sync40_prefetch8_wall_vs_handwritten8", r.ratio(delayed("sdk8"), delayed("handwritten8"), wall)},
		{"sync0_cpu_vs_generated", r.ratio(direct("sdk"), direct("generated"), cpu)},
		{"allocs_per_user", r.median(direct("sdk"), allocs)},
		{"peak_heap_prefetch8_mib", max(r.median(delayed("sdk8"), peak), r.median(direct("sdk8"), peak))},
		{"get_wall_vs_generated", r.ratio(get("sdk"), get("generated"), wall)},
		{"get_allocs_vs_generated", r.ratio(get("sdk"), get("generated"), allocs)},
	} {
		fmt.Fprintf(out, "%s %.3f\n", figure.name, figure.value)
	}
}

func printTable(out io.Writer, r results, sizes []size) error {
	rounds := len(r[syncWorkloads()[0]])
	fmt.Fprintf(out, "%d users, %d per page; %s, %s/%s, %d cores; medians of %d rounds\n\n",
		userCount, pageSize, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(table, strings.Join(cells, "\t")+"\t") }

	row("full sync", "wall, 40 ms", "wall, 0 ms", "CPU, 0 ms", "allocs/user", "peak heap, 40 ms", "0 ms")
	for _, c := range clients {
		delayed, direct := workload{"sync", c.name, true}, workload{"sync", c.name, false}
		row(c.title,
			fmt.Sprintf("%.2f s", r.median(delayed, wall)), fmt.Sprintf("%.2f s", r.median(direct, wall)),
			fmt.Sprintf("%.2f s", r.median(direct, cpu)), fmt.Sprintf("%.1f", r.median(direct, allocs)),
			fmt.Sprintf("%.1f MiB", r.median(delayed, peak)), fmt.Sprintf("%.1f MiB", r.median(direct, peak)))
	}
	row("")
	row("single GET", "wall", "allocs", "decoding", "wall/user", "allocs/user")
	for _, c := range clients {
		if c.get == nil {
			continue
		}
		get, decode := workload{"get", c.name, false}, workload{"decode", c.name, false}
		row(c.title,
			fmt.Sprintf("%.1f µs", 1e6*r.median(get, wall)), fmt.Sprintf("%.0f", r.median(get, allocs)),
			"", fmt.Sprintf("%.2f µs", 1e6*r.median(decode, wall)), fmt.Sprintf("%.1f", r.median(decode, allocs)))
	}
	row("")
	row("adds to a program", "stripped binary", "lines in go.sum")
	for _, s := range sizes {
		row(s.title, fmt.Sprintf("%.2f MB", float64(s.binary)/1e6), fmt.Sprint(s.sums))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nCPU is that of the whole client process. The heap has live objects and dead ones that are not\n"+
		"freed yet, sampled every millisecond. The binary size is the difference to an empty program.")
	fmt.Fprintln(out)
	printFigures(out, r)
	return nil
}
