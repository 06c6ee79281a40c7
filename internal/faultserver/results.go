package faultserver

// A Kind says what a call returned.
type Kind string

// The kinds of results.
const (
	Success         Kind = "success"
	StatusError     Kind = "an error with the status"
	Malformed       Kind = "a malformed response"
	TooLarge        Kind = "a response that is too large"
	ConnectionError Kind = "an error of the connection"
)

// An Outcome says whether a failed call had an effect.
type Outcome string

// The outcomes of calls that were sent.
const (
	Refused Outcome = "refused"
	Unknown Outcome = "outcome unknown"
)

// A Result is the expected result of one call.
type Result struct {
	Kind     Kind
	Status   int // with StatusError
	Outcome  Outcome
	Requests int // that the server receives
}

// Results are the expected results of five calls: a read, a write that is not
// idempotent, an iterator, a create with a UID chosen by the caller, and a delete.
type Results struct{ Read, Write, List, Create, Delete Result }

// succeeds returns the results for a valid response.
func succeeds() Results {
	return sameForAll(Result{Kind: Success, Requests: 1})
}

func sameForAll(result Result) Results { return Results{result, result, result, result, result} }

// redirected returns the results for a redirect: reads follow it, writes do not.
func redirected(status int) Results {
	results := refused(status)
	results.Read = Result{Kind: Success, Requests: 2}
	results.List = results.Read
	return results
}

// refused returns the results when the API did nothing and a retry does not help.
func refused(status int) Results {
	return sameForAll(Result{StatusError, status, Refused, 1})
}

// rateLimited returns the results when the API did nothing and a retry helps.
func rateLimited(status int) Results {
	return sameForAll(Result{StatusError, status, Refused, MaxAttempts})
}

// rateLimitedSlowly returns the results when every refusal takes until the timeout of
// the attempt, which is beyond the time that a call waits for the rate limiter.
func rateLimitedSlowly(status int) Results {
	return sameForAll(Result{StatusError, status, Refused, 2})
}

// serverError returns the results when the API may have carried out the call.
func serverError(status int) Results {
	return outcomeUnknown(Result{Kind: StatusError, Status: status})
}

// connectionError returns the results for a response that is incomplete or not HTTP.
func connectionError() Results { return outcomeUnknown(Result{Kind: ConnectionError}) }

// malformed returns the results for a 2xx response whose body is not the documented
// one. A delete has no documented body and succeeds.
func malformed() Results {
	results := outcomeUnknown(Result{Kind: Malformed})
	results.Delete = Result{Kind: Success, Requests: 1}
	return results
}

// outcomeUnknown returns the results when idempotent calls are retried. A create is not sent again before a
// lookup of its UID; here the lookup fails, too.
func outcomeUnknown(result Result) Results {
	result.Outcome, result.Requests = Unknown, MaxAttempts
	results := sameForAll(result)
	results.Write.Requests = 1
	return results
}

// notJSON returns the results for a 2xx response of another content type. A retry
// does not help; a create is followed by the lookup.
func notJSON() Results {
	results := notRetried(Result{Kind: Malformed})
	results.Delete = Result{Kind: Success, Requests: 1}
	return results
}

// tooLarge returns the results for a response over the limit. A retry does not help.
func tooLarge() Results {
	return notRetried(Result{Kind: TooLarge})
}

// notRetried returns the results when the outcome is unknown and a retry does not help.
func notRetried(result Result) Results {
	result.Outcome, result.Requests = Unknown, 1
	results := sameForAll(result)
	results.Create.Requests = 2 // with the lookup
	return results
}

// Recovered returns the results when the faulty response comes once and all
// later responses are good.
func (r Results) Recovered() Results {
	for _, result := range []*Result{&r.Read, &r.Write, &r.List, &r.Create, &r.Delete} {
		if result.Kind != Success && result.Requests > 1 {
			*result = Result{Kind: Success, Requests: 2}
		}
	}
	return r
}
