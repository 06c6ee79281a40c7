package faultserver

import (
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"
)

// A Case is one odd answer.
type Case struct {
	Name   string
	Client string // what a good client does with it
	Serve  Script
	Ends   Ends

	RetryAfter time.Duration // the client tells a wish of at most this; 0: none
	Bomb       bool          // memory is at stake
	Stalls     bool          // only a timeout of the client ends it
}

// Throttles reports whether the case slows the client down.
func (c Case) Throttles() bool { return c.Ends.Read.Status == http.StatusTooManyRequests }

// What the endings assume of a client: how often it tries, and how many bytes of
// a body and of headers it takes.
const (
	Attempts    = 3
	Limit       = 256 << 10
	HeaderLimit = 256 << 10
)

// A Kind is what a call returned.
type Kind string

// The kinds of ends.
const (
	Success   Kind = "success"
	Answered  Kind = "an error with the status"
	Malformed Kind = "a malformed response"
	TooLarge  Kind = "a response that is too large"
	Failed    Kind = "an error of the connection"
)

// A Fate is what became of a call that failed.
type Fate string

// The fates of calls that were sent.
const (
	Refused Fate = "refused"
	Unknown Fate = "outcome unknown"
)

// An Ending is how one call ends.
type Ending struct {
	Kind     Kind
	Status   int // when Answered
	Fate     Fate
	Requests int // on the wire
}

// Ends are the endings of five calls: a read, a write that must not be done
// twice, an iterator, a create whose UID the caller chose, and a delete.
type Ends struct{ Read, Write, List, Create, Delete Ending }

// fine answers are of use, whatever is odd about them.
func fine() Ends {
	success := Ending{Kind: Success, Requests: 1}
	return Ends{success, success, success, success, success}
}

// redirected answers lead a read on, and a write nowhere.
func redirected(status int) Ends {
	ends := refused(status)
	ends.Read = Ending{Kind: Success, Requests: 2}
	ends.List = ends.Read
	return ends
}

// refused answers mean that nothing was done, and would come again.
func refused(status int) Ends {
	refusal := Ending{Answered, status, Refused, 1}
	return Ends{refusal, refusal, refusal, refusal, refusal}
}

// throttled answers mean that nothing was done, and that trying again is right.
func throttled(status int) Ends {
	refusal := Ending{Answered, status, Refused, Attempts}
	return Ends{refusal, refusal, refusal, refusal, refusal}
}

// failing answers leave open what was done.
func failing(status int) Ends { return unclear(Ending{Kind: Answered, Status: status}) }

// severed answers break off, or cannot be taken for HTTP at all.
func severed() Ends { return unclear(Ending{Kind: Failed}) }

// misread answers are whole and say 2xx, but do not say what they should. For a
// delete 2xx is all that there is to say.
func misread() Ends {
	ends := unclear(Ending{Kind: Malformed})
	ends.Delete = Ending{Kind: Success, Requests: 1}
	return ends
}

// unclear calls are repeated where that does no harm. A create is not, before
// the client has looked whether it was carried out; here that look fails too.
func unclear(end Ending) Ends {
	times := func(requests int) Ending { return Ending{end.Kind, end.Status, Unknown, requests} }
	return Ends{Read: times(Attempts), Write: times(1), List: times(Attempts), Create: times(1 + Attempts), Delete: times(Attempts)}
}

// oversized answers would be as large the next time.
func oversized() Ends {
	end := Ending{Kind: TooLarge, Fate: Unknown, Requests: 1}
	ends := Ends{end, end, end, end, end}
	ends.Create.Requests = 2 // and the look
	return ends
}

// Recovered are the endings when an odd answer comes once, and good ones after it.
func (e Ends) Recovered() Ends {
	for _, end := range []*Ending{&e.Read, &e.Write, &e.List, &e.Create, &e.Delete} {
		if end.Kind != Success && end.Requests > 1 {
			*end = Ending{Kind: Success, Requests: 2}
		}
	}
	return e
}

// Good is a body that each of the five calls takes: the unknown members are none of its business.
const Good = `{"tenantUserUid":"u-1","tenantUid":"t-1","accountType":"REGULAR","tenantRole":"ACCESS","userCode":"1001",` +
	`"items":[{"tenantUserUid":"u-1","tenantUserTokenUid":"k-1"}],"paging":{"pageNumber":1,"pageSize":1000,"totalCount":1}}`

const asJSON = "Content-Type: application/json"

// OK is a script with a good answer.
func OK(e *Exchange) { e.Answer(200, Good, asJSON) }

// Cases returns the catalogue. Scripts keep no state, so that cases can be
// played as often as one likes.
func Cases() []Case {
	return slices.Concat(
		framing(), chunking(), protocols(), interim(), sizes(), encodings(), contents(), documents(),
		statuses(), redirects(), throttling(), resets(), stalls(), echoes(),
	)
}

// inOrder iterates over a map in the order of its keys, so that the catalogue is always the same.
func inOrder[V any](values map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if !yield(key, values[key]) {
				return
			}
		}
	}
}
