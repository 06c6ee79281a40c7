package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// A workload is what one client process does.
type workload struct {
	kind   string // "sync", "get" or "decode"
	client string
	delay  bool // responses have latency
}

// results has the measurements of each workload, one or more for each round.
type results map[workload][]measurement

// shortRuns is how often a round measures the short workloads.
const shortRuns = 3

func measureAll(runs int) (results, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	info, stop, err := startServer(executable)
	if err != nil {
		return nil, err
	}
	defer stop()
	var round []workload
	round = append(round, syncWorkloads()...)
	for range shortRuns {
		round = append(round, shortWorkloads()...)
	}
	measured := results{}
	for run := range runs {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", run+1, runs)
		for _, w := range round {
			result, err := measure(executable, info, w)
			if err != nil {
				return nil, err
			}
			measured[w] = append(measured[w], result)
		}
	}
	return measured, nil
}

func syncWorkloads() (all []workload) {
	for _, delay := range []bool{true, false} {
		for _, c := range clients {
			all = append(all, workload{"sync", c.name, delay})
		}
	}
	return all
}

func shortWorkloads() (all []workload) {
	for _, c := range clients {
		if c.get != nil {
			all = append(all, workload{"get", c.name, false}, workload{"decode", c.name, false})
		}
	}
	return all
}

// measure runs a workload in a new process.
func measure(executable string, info serverInfo, w workload) (measurement, error) {
	t := info.Target
	if w.delay {
		t.URL = info.DelayURL
	}
	input, err := json.Marshal(t)
	if err != nil {
		return measurement{}, err
	}
	var out bytes.Buffer
	process := exec.Command(executable, clientRole, w.kind, w.client)
	process.Stdin, process.Stdout, process.Stderr = bytes.NewReader(input), &out, os.Stderr
	if err := process.Run(); err != nil {
		return measurement{}, fmt.Errorf("%s with %s: %w", w.kind, w.client, err)
	}
	var result measurement
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		return measurement{}, err
	}
	result.CPU = process.ProcessState.UserTime() + process.ProcessState.SystemTime()
	return result, nil
}

// startServer starts the server process and waits until it serves.
func startServer(executable string) (info serverInfo, stop func(), err error) {
	process := exec.Command(executable, serverRole)
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		return info, nil, err
	}
	out, err := process.StdoutPipe()
	if err != nil {
		return info, nil, err
	}
	if err := process.Start(); err != nil {
		return info, nil, err
	}
	stop = func() {
		_ = in.Close()
		_ = process.Wait() // the measurements are done, so its error does not matter
	}
	if err := json.NewDecoder(out).Decode(&info); err != nil {
		stop()
		return info, nil, fmt.Errorf("the server did not start: %w", err)
	}
	return info, stop, nil
}

// median returns the median of a value of the measurements.
func (r results) median(w workload, value func(measurement) float64) float64 {
	values := make([]float64, 0, len(r[w]))
	for _, m := range r[w] {
		values = append(values, value(m))
	}
	return median(values)
}

// ratio returns the median of the ratios of two workloads in the same round.
func (r results) ratio(w, base workload, value func(measurement) float64) float64 {
	ratios := make([]float64, 0, len(r[w]))
	for i, m := range r[w] {
		ratios = append(ratios, value(m)/value(r[base][i]))
	}
	return median(ratios)
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[n/2] + values[(n-1)/2]) / 2
}

func wall(m measurement) float64   { return m.Wall.Seconds() }
func cpu(m measurement) float64    { return m.CPU.Seconds() }
func allocs(m measurement) float64 { return m.Allocs }
func peak(m measurement) float64   { return float64(m.Peak) / (1 << 20) }
