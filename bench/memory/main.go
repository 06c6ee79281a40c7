// Command memory iterates over a million users of the fake and prints the live heap
// of the iteration, which has the pages in flight and the UIDs that were seen. The
// fake is in the same process; its memory is subtracted.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"text/tabwriter"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func main() {
	users := flag.Int("users", 1_000_000, "number of users of the tenant")
	prefetch := flag.Int("prefetch", 8, "requests in flight")
	flag.Parse()
	log.SetFlags(0)

	fake := flowretailtest.New(flowretailtest.WithUsers(*users), flowretailtest.WithoutRecords())
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	// Read a page first, so that caches and pools are not counted.
	if _, err := client.Users.List(ctx, fake.TenantUID(), nil); err != nil {
		log.Fatal(err)
	}
	before := liveHeap()

	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "users\tlive heap\tper user\t")
	every := max(1, *users/flowretail.DefaultPageSize/10)
	report := func(p flowretail.Progress) {
		if p.Pages%every == 0 {
			bytes := liveHeap() - before
			fmt.Fprintf(table, "%d\t%.1f MiB\t%.1f B\t\n", p.Items, float64(bytes)/(1<<20), float64(bytes)/float64(p.Items))
		}
	}
	for _, err := range client.Users.All(ctx, fake.TenantUID(), nil, flowretail.Prefetch(*prefetch), flowretail.OnPage(report)) {
		if err != nil {
			log.Fatal(err)
		}
	}
	table.Flush()
}

// liveHeap returns the size of the live objects on the heap in bytes.
func liveHeap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
