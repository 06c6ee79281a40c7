package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// A cell is one work by one client; far says that it was done with latency.
type cell struct {
	work   string
	client string
	far    bool
}

// results has the measurements of each cell, round by round.
type results map[cell][]measurement

// Single GETs and decoding take little time, and are measured more often in each round.
const oftener = 3

func measureAll(runs int) (results, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	server, at, err := startServer(self)
	if err != nil {
		return nil, err
	}
	defer server.end()
	measured := results{}
	measure := func(of cell) error {
		result, err := measureIn(self, at, of)
		measured[of] = append(measured[of], result)
		return err
	}
	for run := range runs {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", run+1, runs)
		for _, of := range cells() {
			if err := measure(of); err != nil {
				return nil, err
			}
		}
		for range oftener {
			for _, of := range shortCells() {
				if err := measure(of); err != nil {
					return nil, err
				}
			}
		}
	}
	return measured, nil
}

func cells() (all []cell) {
	for _, far := range []bool{true, false} {
		for _, c := range clients {
			all = append(all, cell{"sync", c.name, far})
		}
	}
	return all
}

func shortCells() (all []cell) {
	for _, c := range clients {
		if c.get != nil {
			all = append(all, cell{"get", c.name, false}, cell{"decode", c.name, false})
		}
	}
	return all
}

// measureIn has a process of its own do the work.
func measureIn(self string, at target, of cell) (measurement, error) {
	about, err := json.Marshal(at)
	if err != nil {
		return measurement{}, err
	}
	base := at.Near
	if of.far {
		base = at.Far
	}
	var out bytes.Buffer
	process := exec.Command(self, clientRole, of.work, of.client, base)
	process.Stdin, process.Stdout, process.Stderr = bytes.NewReader(about), &out, os.Stderr
	if err := process.Run(); err != nil {
		return measurement{}, fmt.Errorf("%s by %s: %w", of.work, of.client, err)
	}
	var result measurement
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		return measurement{}, err
	}
	result.CPU = process.ProcessState.UserTime() + process.ProcessState.SystemTime()
	return result, nil
}

type serverProcess struct {
	process *exec.Cmd
	end     func()
}

// startServer starts the process of the fake and waits until it serves.
func startServer(self string) (*serverProcess, target, error) {
	process := exec.Command(self, serverRole)
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		return nil, target{}, err
	}
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, target{}, err
	}
	if err := process.Start(); err != nil {
		return nil, target{}, err
	}
	end := func() {
		_ = in.Close()
		_ = process.Wait() // its work is done, however it ends
	}
	var at target
	if err := json.NewDecoder(out).Decode(&at); err != nil {
		end()
		return nil, target{}, fmt.Errorf("the server did not start: %w", err)
	}
	return &serverProcess{process, end}, at, nil
}

// median returns the middle value of what of makes of each measurement.
func (r results) median(of cell, value func(measurement) float64) float64 {
	values := make([]float64, 0, len(r[of]))
	for _, m := range r[of] {
		values = append(values, value(m))
	}
	return middle(values)
}

// ratio returns the middle of the ratios that two cells have in the same round.
func (r results) ratio(of, to cell, value func(measurement) float64) float64 {
	ratios := make([]float64, 0, len(r[of]))
	for i, m := range r[of] {
		ratios = append(ratios, value(m)/value(r[to][i]))
	}
	return middle(ratios)
}

func middle(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[n/2] + values[(n-1)/2]) / 2
}

func wall(m measurement) float64   { return m.Wall.Seconds() }
func cpu(m measurement) float64    { return m.CPU.Seconds() }
func allocs(m measurement) float64 { return m.Allocs }
func peak(m measurement) float64   { return float64(m.Peak) / (1 << 20) }
