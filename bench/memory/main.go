// Command memory iterates over a million users of the fake and prints what is
// alive in memory meanwhile: the pages in flight, and the UIDs seen. The fake is
// in this process; what it needs by itself is taken off.
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
	users := flag.Int("users", 1_000_000, "of the tenant")
	prefetch := flag.Int("prefetch", 8, "requests in flight")
	flag.Parse()
	log.SetFlags(0)

	fake := flowretailtest.New(flowretailtest.WithUsers(*users), flowretailtest.WithoutRecords())
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	// A first page, so that caches and pools are there before the counting begins.
	if _, err := client.Users.List(ctx, fake.TenantUID(), nil); err != nil {
		log.Fatal(err)
	}
	before := alive()

	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "users\talive\ta user\t")
	every := max(1, *users/flowretail.DefaultPageSize/10)
	report := func(p flowretail.Progress) {
		if p.Pages%every == 0 {
			bytes := alive() - before
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

// alive returns the bytes on the heap that something still refers to.
func alive() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
