package contract

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// String draws the coverage as a table: a row for each operation, one for the
// schemas of the answers, and the sum.
func (c Coverage) String() string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	var heads strings.Builder
	for kind := range kind(kinds) {
		fmt.Fprintf(&heads, "\t%s", kind)
	}
	fmt.Fprintln(table, heads.String())
	var names []string
	for _, cell := range c.expected {
		if len(names) == 0 || names[len(names)-1] != cell.operation {
			names = append(names, cell.operation)
		}
	}
	for _, name := range names {
		c.row(table, name, name)
	}
	c.row(table, "", "sum")

	var share strings.Builder
	share.WriteString("covered")
	for kind := range kind(kinds) {
		seen, total := c.count(kind, "")
		// Rounded down, so that 100 % means all.
		fmt.Fprintf(&share, "\t%d %%", seen*100/max(total, 1))
	}
	fmt.Fprintln(table, share.String())
	table.Flush()
	fmt.Fprintf(&text, "%d exchanges\n", c.exchanges)
	return text.String()
}

func (c Coverage) row(table *tabwriter.Writer, operation, title string) {
	line := title
	for kind := range kind(kinds) {
		line += "\t" + fraction(c.count(kind, operation))
	}
	fmt.Fprintln(table, line)
}
