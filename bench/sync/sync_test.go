package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newResults returns the results of two rounds. The delayed sync of a client has
// the times in walls. All other workloads have one second, one mebibyte and one
// allocation.
func newResults(walls map[string][2]time.Duration) results {
	r := results{}
	for _, w := range append(syncWorkloads(), shortWorkloads()...) {
		for round := range 2 {
			wall := time.Second
			if w.kind == "sync" && w.delay && walls[w.client] != [2]time.Duration{} {
				wall = walls[w.client][round]
			}
			r[w] = append(r[w], measurement{Wall: wall, CPU: time.Second, Allocs: 1, Peak: 1 << 20})
		}
	}
	return r
}

func TestPrintFigures_ratiosWithinRound(t *testing.T) {
	var out strings.Builder
	printFigures(&out, newResults(map[string][2]time.Duration{
		"generated": {8 * time.Second, 80 * time.Second}, // the machine is slower in the second round
		"sdk8":      {1 * time.Second, 10 * time.Second},
		"sdk":       {2 * time.Second, 20 * time.Second},
	}))
	want := `sync40_prefetch8_wall_vs_generated 0.125
sync40_default_wall_vs_generated 0.250
sync40_prefetch8_wall_vs_handwritten8 5.500
sync0_cpu_vs_generated 1.000
allocs_per_user 1.000
peak_heap_prefetch8_mib 1.000
get_wall_vs_generated 1.000
get_allocs_vs_generated 1.000
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

func TestPlotResults_labels(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sync.svg")
	if err := plotResults(newResults(nil), file); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range plotted {
		if _, ok := clientNamed(c.name); !ok || strings.Count(string(svg), ">"+c.label+"</text>") != 1 {
			t.Errorf("%s is not exactly once in the chart", c.name)
		}
	}
}
