package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/cheggaaa/pb/v3"
	"golang.org/x/term"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// progress shows how far an export has come. Its methods may be called concurrently.
type progress interface {
	expect(lists int)                          // to be read, beyond those before
	page(of list, so flowretail.Progress)      // a page has been read
	finished(of list, items int, earlier bool) // a list has been read, perhaps by an earlier run
	end()
}

// newProgress makes a bar on a terminal, and lines elsewhere.
func newProgress(out io.Writer) progress {
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return newBar(out)
	}
	return &lines{out: out, began: map[list]time.Time{}}
}

// lines prints a line for each list.
type lines struct {
	mu    sync.Mutex
	out   io.Writer
	began map[list]time.Time
}

func (l *lines) expect(int) {}
func (l *lines) end()       {}

func (l *lines) page(of list, so flowretail.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A list of many pages says that it is alive.
	if so.Pages%50 == 0 {
		fmt.Fprintf(l.out, "%s: %d of %d, %.0f/s\n", program.OneLine(of.title), so.Items, so.Total, so.Rate())
	}
}

func (l *lines) finished(of list, items int, earlier bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if earlier {
		fmt.Fprintf(l.out, "%s: read before\n", program.OneLine(of.title))
		return
	}
	fmt.Fprintf(l.out, "%s: %d\n", program.OneLine(of.title), items)
}

// bar shows items read of those known so far, their rate and the time left,
// and how many lists there are to go.
type bar struct {
	mu       sync.Mutex
	bar      *pb.ProgressBar
	expected int
	done     int
	open     map[list]flowretail.Progress
	items    int // of the lists that are done
}

func newBar(out io.Writer) *bar {
	const look = `{{string . "lists"}} {{counters .}} {{bar .}} {{percent .}} {{speed . "%s items/s"}} {{rtime . "%s left"}}`
	b := &bar{bar: pb.ProgressBarTemplate(look).New(0), open: map[list]flowretail.Progress{}}
	b.bar.SetWriter(out).Start()
	return b
}

func (b *bar) expect(lists int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected += lists
	b.show()
}

func (b *bar) page(of list, so flowretail.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[of] = so
	b.show()
}

func (b *bar) finished(of list, items int, _ bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, of)
	b.done++
	b.items += items
	b.show()
}

func (b *bar) show() {
	current, total := b.items, b.items
	for _, so := range b.open {
		current += so.Items
		total += max(so.Items, so.Total)
	}
	b.bar.Set("lists", fmt.Sprintf("%d of %d lists,", b.done, max(b.done, b.expected)))
	b.bar.SetTotal(int64(total)).SetCurrent(int64(current))
}

func (b *bar) end() { b.bar.Finish() }
