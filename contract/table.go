package contract

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// String formats the coverage as a table. It has a row for each operation, one
// for the response schemas, and one for the sum.
func (c Coverage) String() string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	header := ""
	for kind := range itemKind(itemKinds) {
		header += "\t" + kind.String()
	}
	fmt.Fprintln(table, header)

	last := ""
	for _, item := range c.expected {
		if item.operation != last {
			last = item.operation
			c.row(table, last, last)
		}
	}
	c.row(table, "", "sum")

	percentages := "covered"
	for kind := range itemKind(itemKinds) {
		seen, total := c.count(kind, "")
		// The division rounds down, so that 100 % means all.
		percentages += fmt.Sprintf("\t%d %%", seen*100/max(total, 1))
	}
	fmt.Fprintln(table, percentages)
	table.Flush()
	fmt.Fprintf(&text, "%d exchanges\n", c.exchanges)
	return text.String()
}

func (c Coverage) row(table *tabwriter.Writer, operation, title string) {
	line := title
	for kind := range itemKind(itemKinds) {
		line += "\t" + fraction(c.count(kind, operation))
	}
	fmt.Fprintln(table, line)
}
