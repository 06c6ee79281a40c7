// Command export copies tenants, users, store access, permissions and subscribers
// to a database.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `export copies all tenants that the token has access to, with their users, store
access and permissions, and the subscribers of their stores, to a database. The
next run updates the database. It sets deleted_at in the rows of deleted objects,
and clears it if an object exists again.

No user or subscriber is missed if others are created or deleted meanwhile. After
an interruption or a failure, run the program again to read the missing lists.

The database is a SQLite file, or PostgreSQL with -postgres. Set the password with
PGPASSWORD or in ~/.pgpass. Only one export may write to a database at a time.

Usage: export [-sqlite FILE | -postgres DSN]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) (err error) {
	flags := terminal.Flags(about)
	file := flags.String("sqlite", "", "`path` of the SQLite file (default flowretail.db, or flowretail-fake.db on the fake)")
	postgres := flags.String("postgres", "", "`DSN` of a PostgreSQL database, such as 'host=localhost dbname=flowretail'")
	parallel := flags.Int("parallel", 4, "number of `lists` to read at the same time")
	resume := flags.Duration("resume", 24*time.Hour, "maximum age of an unfinished export to continue; 0 starts a new one")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	if *file != "" && *postgres != "" || *parallel < 1 {
		return program.UsageErrorf("give only one of -sqlite and -postgres, and a -parallel of 1 or more")
	}
	client, err := terminal.Client(sample, flowretail.WithUserAgent("flowretail-export"))
	if err != nil {
		return err
	}
	db, name, err := openDatabase(*file, *postgres)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	e := &export{client: client, db: db, progress: progress{out: terminal.Stderr}, parallel: *parallel, resume: *resume}
	start := time.Now()
	if err := e.run(ctx); err != nil {
		return fmt.Errorf("the export is not finished; run it again to continue:\n%w", err)
	}
	fmt.Fprintf(terminal.Stdout, "Exported to %s in %s\n\n", name, time.Since(start).Round(time.Millisecond))
	return summarize(ctx, db, e.runID, terminal.Stdout)
}

func openDatabase(file, postgres string) (db *sql.DB, name string, err error) {
	if postgres != "" {
		db, err = openPostgres(postgres)
		return db, "PostgreSQL", err
	}
	defaultFile := "flowretail.db"
	if os.Getenv(flowretail.EnvToken) == "" { // do not mix sample data with real data
		defaultFile = "flowretail-fake.db"
	}
	file = cmp.Or(file, defaultFile)
	db, err = openSQLite(file)
	return db, file, err
}

func sample() *flowretailtest.Fake {
	return flowretailtest.New(flowretailtest.WithTenants(3), flowretailtest.WithUsers(2500), flowretailtest.WithStores(12), flowretailtest.WithSubscribers(40))
}

// summarize prints the number of rows of each table, and how many of them are
// marked as deleted by this run and by earlier runs.
func summarize(ctx context.Context, db *sql.DB, runID int64, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "TABLE\tROWS\tDELETED NOW\tDELETED BEFORE\t")
	for _, t := range tables {
		var rows, now, before int
		err := db.QueryRowContext(ctx, `SELECT count(*) - count(deleted_at),
			count(CASE WHEN deleted_at >= (SELECT started_at FROM runs WHERE run_id = $1) THEN 1 END),
			count(CASE WHEN deleted_at < (SELECT started_at FROM runs WHERE run_id = $1) THEN 1 END) FROM `+t.name, runID).Scan(&rows, &now, &before)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t\n", t.name, rows, now, before)
	}
	return table.Flush()
}
