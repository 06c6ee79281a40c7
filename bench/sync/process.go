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

// A measurement is what a client process measures. Its parent process sets CPU.
type measurement struct {
	Wall   time.Duration // of the sync, or of one operation
	CPU    time.Duration // user and system time of the whole process
	Allocs float64       // for each user of the sync, or for one operation
	Peak   uint64        // heap bytes
}

// runClient is the process of one measurement. The arguments are the kind of the
// workload and the name of the client. The standard input has the target.
func runClient(args []string) error {
	if len(args) != 2 {
		return errors.New("want a kind of workload and the name of a client")
	}
	var t target
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		return err
	}
	c, ok := clientNamed(args[1])
	if !ok {
		return fmt.Errorf("unknown client %s", args[1])
	}
	var result measurement
	var err error
	switch args[0] {
	case "sync":
		result, err = measureSync(c, t)
	case "get":
		result, err = measureGet(c, t)
	case "decode":
		result, err = measureDecode(c, t)
	default:
		err = errors.New("unknown workload")
	}
	if err != nil {
		return fmt.Errorf("%s with %s: %w", args[0], c.name, err)
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func measureSync(c client, t target) (measurement, error) {
	peak := watchHeap()
	before := mallocs()
	start := time.Now()
	count := 0
	err := c.list(context.Background(), t, func(string) { count++ })
	wall := time.Since(start)
	allocs := mallocs() - before
	if err == nil && count != userCount {
		err = fmt.Errorf("%d users, want %d", count, userCount)
	}
	return measurement{Wall: wall, Allocs: float64(allocs) / userCount, Peak: peak()}, err
}

// measureGet measures batches of calls, because a single call is too short.
func measureGet(c client, t target) (measurement, error) {
	const batches, size = 30, 100
	get, err := c.get(t)
	if err != nil {
		return measurement{}, err
	}
	return measureBatches(batches, size, func() error {
		email, err := get(context.Background())
		if err == nil && email == "" {
			err = errors.New("the user has no e-mail address")
		}
		return err
	})
}

func measureDecode(c client, t target) (measurement, error) {
	const batches, size = 10, 2
	body, err := getBody(context.Background(), http.DefaultClient, t, usersPath(t, pageCount))
	if err != nil {
		return measurement{}, err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		return measurement{}, err
	}
	result, err := measureBatches(batches, size, func() error {
		n, err := c.decode(data)
		if err == nil && n != pageSize {
			err = fmt.Errorf("%d users, want %d", n, pageSize)
		}
		return err
	})
	result.Wall /= pageSize
	result.Allocs /= pageSize
	return result, err
}

// measureBatches calls f in batches, and returns the median of their times. The
// first batch is a warm-up and is not measured.
func measureBatches(batches, size int, f func() error) (measurement, error) {
	walls := make([]time.Duration, 0, batches)
	var before uint64
	for batch := range batches + 1 {
		start := time.Now()
		for range size {
			if err := f(); err != nil {
				return measurement{}, err
			}
		}
		if batch == 0 {
			before = mallocs()
			continue
		}
		walls = append(walls, time.Since(start)/time.Duration(size))
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

// watchHeap samples the size of the heap objects every millisecond, including dead
// ones that are not freed yet. Sampling does not stop the program. The returned
// function ends the sampling and returns the maximum.
func watchHeap() (peak func() uint64) {
	stop, result := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		var highest uint64
		for {
			metrics.Read(sample)
			highest = max(highest, sample[0].Value.Uint64())
			select {
			case <-ticker.C:
			case <-stop:
				result <- highest
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-result
	}
}
