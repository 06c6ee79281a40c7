package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// made is two rounds in which the named clients take what is said here, and all
// others one second, one mebibyte and one allocation.
func made(special map[string][2]time.Duration) results {
	r := results{}
	for _, of := range append(cells(), shortCells()...) {
		for round := range 2 {
			wall := time.Second
			if of.work == "sync" && of.far && special[of.client] != [2]time.Duration{} {
				wall = special[of.client][round]
			}
			r[of] = append(r[of], measurement{Wall: wall, CPU: time.Second, Allocs: 1, Peak: 1 << 20})
		}
	}
	return r
}

func TestFiguresAreRatiosWithinARound(t *testing.T) {
	var out strings.Builder
	printFigures(&out, made(map[string][2]time.Duration{
		"generated": {8 * time.Second, 80 * time.Second}, // a slow machine in the second round
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

func TestTheChartNamesEveryClientInIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sync.svg")
	if err := plotResults(made(nil), file); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range plotted {
		if _, ok := clientNamed(c.name); !ok || strings.Count(string(svg), ">"+c.label+"</text>") != 1 {
			t.Errorf("%s is not in the chart, or not once", c.name)
		}
	}
}
