// Command sync measures what a full sync of a tenant's users costs: with this
// SDK, with a client that oapi-codegen generated from the API's document, and
// with code written by hand on net/http and encoding/json.
//
// All of them read the same users from the same fake, which runs in a process
// of its own; each measurement runs in a process of its own too, so that CPU,
// allocations and heap are its alone. Rounds are interleaved and what is shown
// are medians; what is compared are ratios within one round.
//
//	go -C bench run ./sync             the table
//	go -C bench run ./sync -figures    the ratios, one "name value" a line
//	go -C bench run ./sync -plot FILE  the table, and the chart of it as SVG
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
		err = beClient(os.Args[2:])
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
	runs := flag.Int("runs", 4, "rounds of measurements")
	figures := flag.Bool("figures", false, `print the ratios only, as lines "name value"`)
	plotFile := flag.String("plot", "", "draw the chart into this SVG file")
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
	weights, err := weighAll()
	if err != nil {
		return err
	}
	return printTable(os.Stdout, results, weights)
}
