// Command sync measures what it costs to read all users of a tenant: with this
// SDK, with a client that oapi-codegen generated from the API's document, and
// with handwritten code on net/http and encoding/json.
//
// All clients read the same users from a fake in another process. Each measurement
// runs in its own process, so that CPU, allocations and heap are those of one
// client. Each round measures all clients. The results are medians over the
// rounds. Ratios are computed within a round.
//
//	go -C bench run ./sync             print the table
//	go -C bench run ./sync -figures    print the ratios, a name and a value on each line
//	go -C bench run ./sync -plot FILE  print the table and draw a chart as SVG
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var err error
	switch {
	case len(os.Args) > 1 && os.Args[1] == serverRole:
		err = serve()
	case len(os.Args) > 1 && os.Args[1] == clientRole:
		err = runClient(os.Args[2:])
	default:
		err = compare()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sync:", err)
		os.Exit(1)
	}
}

// compare runs the measurements and prints them.
func compare() error {
	runs := flag.Int("runs", 4, "number of rounds")
	figures := flag.Bool("figures", false, "print only the ratios, a name and a value on each line")
	plotFile := flag.String("plot", "", "draw a chart to this SVG file")
	flag.Parse()
	if *runs < 1 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	results, err := measureAll(*runs)
	if err != nil {
		return err
	}
	if *plotFile != "" {
		if err := plotResults(results, *plotFile); err != nil {
			return err
		}
	}
	if *figures {
		printFigures(os.Stdout, results)
		return nil
	}
	sizes, err := measureSizes()
	if err != nil {
		return err
	}
	return printTable(os.Stdout, results, sizes)
}
