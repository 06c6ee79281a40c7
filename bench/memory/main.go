// Command memory iterates over 100,000 users of the fake and prints the heap that
// the iteration uses: the pages in flight and the UIDs seen. The fake is in the
// same process; its own data is subtracted.
//
// The pages are small, so that the pages in flight do not hide the growth by the
// UIDs.
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
	users := flag.Int("users", 100_000, "number of users of the tenant")
	pageSize := flag.Int("page", 100, "number of users on a page")
	prefetch := flag.Int("prefetch", 8, "number of requests in flight")
	flag.Parse()
	log.SetFlags(0)

	fake := flowretailtest.New(flowretailtest.WithUsers(*users), flowretailtest.WithoutRecords())
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	list := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: *pageSize}}
	// Caches and pools are filled by a first page and not counted.
	if _, err := client.Users.List(ctx, fake.TenantUID(), list); err != nil {
		log.Fatal(err)
	}
	before := liveHeap()

	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "users\theap\tper user\t")
	every := max(1, *users / *pageSize / 10)
	report := func(p flowretail.Progress) {
		if p.Pages%every == 0 {
			bytes := liveHeap() - before
			fmt.Fprintf(table, "%d\t%.1f MiB\t%.1f B\t\n", p.Items, float64(bytes)/(1<<20), float64(bytes)/float64(p.Items))
		}
	}
	for _, err := range client.Users.All(ctx, fake.TenantUID(), list, flowretail.Prefetch(*prefetch), flowretail.OnPage(report)) {
		if err != nil {
			log.Fatal(err)
		}
	}
	table.Flush()
}

// liveHeap returns the number of bytes on the heap that are still referenced.
func liveHeap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
