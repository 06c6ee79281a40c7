// Command export copies tenants, users, store access, permissions and
// subscribers into a database.
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
access, permissions, and the subscribers of their stores, into a database. Run
again it brings the database up to date: rows are updated, those that are gone
are marked in deleted_at, and come back when they do.

No user and no subscriber is missed while others are created and deleted. After
an interruption or a failure, run it again: it reads the lists that are missing.

The database is a SQLite file, or PostgreSQL with -postgres; leave the password
to PGPASSWORD or ~/.pgpass. Let one export at a time write to a database.

Usage: export [-sqlite FILE | -postgres DSN]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) (err error) {
	flags := terminal.Flags(about)
	file := flags.String("sqlite", "", "`path` of the SQLite file (default flowretail.db, or flowretail-fake.db on the fake)")
	postgres := flags.String("postgres", "", "`DSN` of a PostgreSQL database, such as 'host=localhost dbname=flowretail'")
	parallel := flags.Int("parallel", 4, "how many `lists` to read at a time")
	resume := flags.Duration("resume", 24*time.Hour, "how old an unfinished export may be to be gone on with; 0 begins anew")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	if *file != "" && *postgres != "" || *parallel < 1 {
		return program.UsageErrorf("give one of -sqlite and -postgres, and a -parallel of 1 or more")
	}
	client, err := terminal.Client(sample, flowretail.WithUserAgent("flowretail-export"))
	if err != nil {
		return err
	}
	db, place, err := open(*file, *postgres)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	export := &export{client: client, db: db, progress: newProgress(terminal.Stderr), parallel: *parallel, resume: *resume}
	began := time.Now()
	err = export.run(ctx)
	export.progress.end()
	if err != nil {
		return fmt.Errorf("the export is not finished; run it again to go on:\n%w", err)
	}
	fmt.Fprintf(terminal.Stdout, "Exported to %s in %s\n\n", place, time.Since(began).Round(time.Millisecond))
	return summarize(ctx, db, export.runID, terminal.Stdout)
}

func open(file, postgres string) (db *sql.DB, place string, err error) {
	if postgres != "" {
		db, err = openPostgres(postgres)
		return db, "PostgreSQL", err
	}
	standard := "flowretail.db"
	if os.Getenv(flowretail.EnvToken) == "" { // sample data is not to end up among real data
		standard = "flowretail-fake.db"
	}
	file = cmp.Or(file, standard)
	db, err = openSQLite(file)
	return db, file, err
}

func sample() *flowretailtest.Fake {
	return flowretailtest.New(flowretailtest.WithTenants(3), flowretailtest.WithUsers(2500), flowretailtest.WithStores(12), flowretailtest.WithSubscribers(40))
}

// summarize prints what is in each table, and what this run missed.
func summarize(ctx context.Context, db *sql.DB, runID int64, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "TABLE\tROWS\tDELETED NOW\tDELETED BEFORE\t")
	for _, of := range tables {
		var rows, now, before int
		// A row that vanished in this run was not seen by it, but has been marked since it began.
		err := db.QueryRowContext(ctx, `SELECT count(*) - count(deleted_at),
			count(CASE WHEN deleted_at >= (SELECT started_at FROM runs WHERE run_id = $1) THEN 1 END),
			count(CASE WHEN deleted_at < (SELECT started_at FROM runs WHERE run_id = $1) THEN 1 END) FROM `+of.name, runID).Scan(&rows, &now, &before)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t\n", of.name, rows, now, before)
	}
	return table.Flush()
}
