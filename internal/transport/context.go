package transport

import "context"

// An Info says which operation a request belongs to. The round trippers of users
// log, count or trace with it.
type Info struct {
	ID      string // the operationId
	Method  string
	Path    string // the path template
	Attempt int    // 1 for the first request of a call
}

type infoKey struct{}

// InfoFrom returns the Info in the context of a request.
func InfoFrom(ctx context.Context) (Info, bool) {
	info, ok := ctx.Value(infoKey{}).(Info)
	return info, ok
}

// withInfo adds the Info of the request that is sent at present.
func (p *progress) withInfo(ctx context.Context) context.Context {
	operation := p.Operation
	if p.lookingUp {
		operation = p.Lookup.Operation
	}
	return context.WithValue(ctx, infoKey{}, Info{operation.ID, operation.Method, operation.Path, p.requests})
}
