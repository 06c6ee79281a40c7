package jsonwire

import "fmt"

// A document of few bytes can stand for large values: {} for a struct with many
// fields, [] for a slice in an interface. The decoder therefore counts the bytes that
// it allocates, also those that become garbage. In BenchmarkPeakHeap the heap grows by
// at most 6.2 times the size of a document, with the document, and to 153 MiB for one
// of 64 MiB. With the buffers for reading a body that is 7.3 times its size, and 222 MiB.
const (
	minBudget   = 4 << 20
	maxTimes    = 5
	largeBudget = 88 << 20 // for documents of 18 to 64 MiB
)

// budgetFor returns how many bytes may be allocated for a document of n bytes.
func budgetFor(n int) int {
	return max(minBudget, maxTimes*min(n, largeBudget/maxTimes), n/8*11)
}

// use counts an allocation of n bytes, which the allocator rounds up. The next charge
// notices if it exceeds the budget.
func (d *decoder) use(n int) {
	switch {
	case n <= 32:
		n = (n + 7) &^ 7
	case n <= 256:
		n = (n + 15) &^ 15
	default:
		n += min(n/8, 8<<10)
	}
	d.budget -= n
}

// charge counts an allocation of n bytes, and returns an error if it exceeds the budget.
func (d *decoder) charge(n int) error {
	d.use(n)
	return d.checkBudget()
}

func (d *decoder) checkBudget() error {
	if d.budget < 0 {
		times := float64(budgetFor(len(d.data))) / float64(len(d.data))
		problem := fmt.Sprintf("the document would take more than %.1f times its size in memory", times)
		return &decodeError{problem: problem, offset: d.pos, cause: ErrMemory}
	}
	return nil
}

// Maps have groups of eight slots. A map with more than one group doubles when it is
// full at seven eighths, so that all its tables together have at most 32/7 slots for
// each entry.
const (
	groupSlots     = 8
	mapBytes       = 48
	slotsPerEntry  = 5
	maxDirectBytes = 128 // larger elements are allocated one by one

	stringBytes    = 16
	interfaceBytes = 16
	sliceBytes     = 24
)

// chargeEntry charges for the entry after n entries of a map.
func (d *decoder) chargeEntry(n, keyBytes, elementBytes int) error {
	slot := keyBytes + elementBytes
	if elementBytes > maxDirectBytes {
		d.use(elementBytes)
		slot = keyBytes + 8
	}
	switch {
	case n == 0:
		d.use(groupSlots * (slot + 1))
	case n >= groupSlots:
		d.use(slotsPerEntry * slot)
	}
	return d.checkBudget()
}
