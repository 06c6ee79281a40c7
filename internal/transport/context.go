package transport

import "context"

// Info says which operation a request belongs to, for transports that log,
// count or trace.
type Info struct {
	ID      string // the operationId
	Method  string
	Path    string // the path template
	Attempt int    // 1 for the first
}

type infoKey struct{}

// infoContext saves the allocations of context.WithValue.
type infoContext struct {
	context.Context
	info Info
}

func (c *infoContext) Value(key any) any {
	if key == (infoKey{}) {
		return &c.info
	}
	return c.Context.Value(key)
}

// InfoFrom returns what the context of a request says about its operation.
func InfoFrom(ctx context.Context) (Info, bool) {
	info, ok := ctx.Value(infoKey{}).(*Info)
	if !ok {
		return Info{}, false
	}
	return *info, true
}
