package faultserver

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// PeakHeap returns by how much the heap grows while work runs, including garbage.
func PeakHeap(work func()) uint64 {
	heap := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	runtime.GC() // clears the pools
	before := heap()
	stop, result := make(chan struct{}), make(chan uint64)
	go func() {
		peak := before
		for {
			select {
			case <-stop:
				result <- peak - before
				return
			default:
				peak = max(peak, heap())
				time.Sleep(50 * time.Microsecond)
			}
		}
	}()
	work()
	close(stop)
	return <-result
}
