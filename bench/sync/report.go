package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"
)

// printFigures prints the ratios that the SDK is held to.
func printFigures(w io.Writer, r results) {
	far := func(name string) cell { return cell{"sync", name, true} }
	near := func(name string) cell { return cell{"sync", name, false} }
	get := func(name string) cell { return cell{"get", name, false} }
	for _, figure := range []struct {
		name  string
		value float64
	}{
		{"sync40_prefetch8_wall_vs_generated", r.ratio(far("sdk8"), far("generated"), wall)},
		{"sync40_default_wall_vs_generated", r.ratio(far("sdk"), far("generated"), wall)},
		{"sync40_prefetch8_wall_vs_handwritten8", r.ratio(far("sdk8"), far("handwritten8"), wall)},
		{"sync0_cpu_vs_generated", r.ratio(near("sdk"), near("generated"), cpu)},
		{"allocs_per_user", r.median(near("sdk"), allocs)},
		{"peak_heap_prefetch8_mib", max(r.median(far("sdk8"), peak), r.median(near("sdk8"), peak))},
		{"get_wall_vs_generated", r.ratio(get("sdk"), get("generated"), wall)},
		{"get_allocs_vs_generated", r.ratio(get("sdk"), get("generated"), allocs)},
	} {
		fmt.Fprintf(w, "%s %.3f\n", figure.name, figure.value)
	}
}

func printTable(w io.Writer, r results, weights []weight) error {
	rounds := len(r[cells()[0]])
	fmt.Fprintf(w, "%d users at %d a page; %s, %s/%s, %d cores; medians of %d rounds\n\n",
		users, pageSize, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(table, strings.Join(cells, "\t")+"\t") }

	row("full sync", "wall, 40 ms", "wall, 0 ms", "CPU, 0 ms", "allocs/user", "peak heap, 40 ms", "0 ms")
	for _, c := range clients {
		far, near := cell{"sync", c.name, true}, cell{"sync", c.name, false}
		row(c.title,
			fmt.Sprintf("%.2f s", r.median(far, wall)), fmt.Sprintf("%.2f s", r.median(near, wall)),
			fmt.Sprintf("%.2f s", r.median(near, cpu)), fmt.Sprintf("%.1f", r.median(near, allocs)),
			fmt.Sprintf("%.1f MiB", r.median(far, peak)), fmt.Sprintf("%.1f MiB", r.median(near, peak)))
	}
	row("")
	row("single GET", "wall", "allocs", "decoding", "wall/user", "allocs/user")
	for _, c := range clients {
		if c.get == nil {
			continue
		}
		get, decode := cell{"get", c.name, false}, cell{"decode", c.name, false}
		row(c.title,
			fmt.Sprintf("%.1f µs", 1e6*r.median(get, wall)), fmt.Sprintf("%.0f", r.median(get, allocs)),
			"", fmt.Sprintf("%.2f µs", 1e6*r.median(decode, wall)), fmt.Sprintf("%.1f", r.median(decode, allocs)))
	}
	row("")
	row("adds to a consumer", "stripped binary", "lines in go.sum")
	for _, weight := range weights {
		row(weight.title, fmt.Sprintf("%.2f MB", float64(weight.binary)/1e6), fmt.Sprint(weight.sums))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nCPU is that of the client's whole process. The heap is that of objects, dead ones included\n"+
		"until they are freed, sampled every millisecond. What a binary grows by is counted from an empty program.")
	fmt.Fprintln(w)
	printFigures(w, r)
	return nil
}
