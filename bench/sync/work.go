package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"time"
)

const clientRole = "client"

// A measurement is what one process reports of its work. CPU is filled in by
// the process that started it.
type measurement struct {
	Wall   time.Duration // of the sync, or of one operation
	CPU    time.Duration // of the process from its start to its end: user and system
	Allocs float64       // for one user of the sync, or for one operation
	Peak   uint64        // heap bytes
}

// beClient is the process of one measurement: which work, by which client,
// against which of the target's URLs.
func beClient(args []string) error {
	if len(args) != 3 {
		return errors.New("a client needs its work, its name and a base URL")
	}
	var at target
	if err := json.NewDecoder(os.Stdin).Decode(&at); err != nil {
		return err
	}
	as, ok := clientNamed(args[1])
	if !ok {
		return fmt.Errorf("there is no client %s", args[1])
	}
	var result measurement
	var err error
	switch args[0] {
	case "sync":
		result, err = doSync(as, at, args[2])
	case "get":
		result, err = doGet(as, at, args[2])
	case "decode":
		result, err = doDecode(as, at, args[2])
	default:
		err = fmt.Errorf("there is no work %s", args[0])
	}
	if err != nil {
		return fmt.Errorf("%s by %s: %w", args[0], as.name, err)
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func doSync(as client, at target, base string) (measurement, error) {
	highest := watchHeap()
	before := mallocs()
	started := time.Now()
	count := 0
	err := as.list(context.Background(), at, base, func(string) { count++ })
	wall := time.Since(started)
	allocs := mallocs() - before
	if err == nil && count != users {
		err = fmt.Errorf("%d users of %d", count, users)
	}
	return measurement{Wall: wall, Allocs: float64(allocs) / users, Peak: highest()}, err
}

// doGet reports the median over batches, since one call is short beside what
// else the machine does.
func doGet(as client, at target, base string) (measurement, error) {
	const batches, size = 30, 100
	get, err := as.get(at, base)
	if err != nil {
		return measurement{}, err
	}
	return inBatches(batches, size, func() error {
		email, err := get(context.Background())
		if err == nil && email == "" {
			err = errors.New("the user has no e-mail address")
		}
		return err
	})
}

func doDecode(as client, at target, base string) (measurement, error) {
	const batches, size = 10, 2
	body, err := open(context.Background(), http.DefaultClient, at, usersURL(at, base, pages))
	if err != nil {
		return measurement{}, err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		return measurement{}, err
	}
	result, err := inBatches(batches, size, func() error {
		n, err := as.decode(data)
		if err == nil && n != pageSize {
			err = fmt.Errorf("%d users of %d", n, pageSize)
		}
		return err
	})
	result.Wall /= pageSize
	result.Allocs /= pageSize
	return result, err
}

// inBatches does something again and again, after a first batch that warms up.
func inBatches(batches, size int, do func() error) (measurement, error) {
	walls := make([]time.Duration, 0, batches)
	var before uint64
	for batch := range batches + 1 {
		started := time.Now()
		for range size {
			if err := do(); err != nil {
				return measurement{}, err
			}
		}
		if batch == 0 {
			before = mallocs()
			continue
		}
		walls = append(walls, time.Since(started)/time.Duration(size))
	}
	allocs := mallocs() - before
	slices.Sort(walls)
	return measurement{Wall: walls[len(walls)/2], Allocs: float64(allocs) / float64(batches*size)}, nil
}

func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}

// watchHeap samples the heap every millisecond, which does not stop the
// program: live objects, and dead ones that the collector has not freed yet. It
// returns how to end that, and to learn the highest value.
func watchHeap() (highest func() uint64) {
	end, ended := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		var highest uint64
		for {
			metrics.Read(sample)
			highest = max(highest, sample[0].Value.Uint64())
			select {
			case <-tick.C:
			case <-end:
				ended <- highest
				return
			}
		}
	}()
	return func() uint64 {
		close(end)
		return <-ended
	}
}
