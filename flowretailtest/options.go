package flowretailtest

import "time"

// An Option configures a Fake.
type Option func(*config)

type config struct {
	seed          uint64
	tenants       int
	users         int
	stores        int
	organizations int
	subscribers   int
	pageSize      int
	maxPageSize   int
	lifetime      time.Duration
	opaque        bool
	exchangeToken ExchangeToken
	latency       time.Duration
	observers     []func(Exchange)
	unrecorded    bool
}

// WithSeed sets the seed of the sample data, of the UIDs, and of the choice of
// requests that a fault with a Probability hits. The default is 1.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithTenants sets the number of tenants. The default is 1, which is also the minimum.
func WithTenants(n int) Option { return func(c *config) { c.tenants = max(1, n) } }

// WithUsers sets the number of users in each tenant. The default is 25 and the
// minimum is 2: the first user is an integration, the second a person, and both
// are tenant administrators.
//
// The users are generated when the fake is made. 100,000 users take less than a
// second and about 100 MB.
func WithUsers(n int) Option { return func(c *config) { c.users = max(2, n) } }

// WithStores sets the number of stores in each tenant. The default is 4, the minimum 1.
func WithStores(n int) Option { return func(c *config) { c.stores = max(1, n) } }

// WithOrganizations sets the number of organizations in each tenant. The stores
// are distributed over them, so there are at most as many as stores. The default
// is 2, the minimum 1.
func WithOrganizations(n int) Option { return func(c *config) { c.organizations = max(1, n) } }

// WithSubscribers sets the number of subscribers to the reports of each store.
// The default is 3.
func WithSubscribers(n int) Option { return func(c *config) { c.subscribers = max(0, n) } }

// WithPageSize sets the number of items on a page: standard when a request has
// no pageSize, largest as the maximum. The defaults are 50 and 1000.
func WithPageSize(standard, largest int) Option {
	return func(c *config) { c.pageSize, c.maxPageSize = max(1, min(standard, largest)), max(1, largest) }
}

// WithTokenLifetime sets how long an access token is valid, rounded up to a
// whole second. The default is 15 minutes.
func WithTokenLifetime(lifetime time.Duration) Option {
	return func(c *config) { c.lifetime = lifetime }
}

// WithOpaqueTokens makes access tokens from which the time of expiry cannot be
// read. By default they have the form of a JWT with an exp claim.
func WithOpaqueTokens() Option { return func(c *config) { c.opaque = true } }

// ExchangeToken says where the response to POST /tenants/{tenantUid}/account has
// the access token. The API's document leaves this open.
type ExchangeToken int

// The places of the access token in the response.
const (
	BesideUser          ExchangeToken = iota // accessToken is a field of the user
	LikeLogin                                // accessToken and tenantUser, like the response to a login
	AuthorizationHeader                      // Authorization: Bearer …
	AccessTokenHeader                        // X-Access-Token: …
	Nowhere                                  // the user without a token, as in the API's document
)

// WithExchangeToken sets where the response to a token exchange has the token.
// The default is BesideUser.
func WithExchangeToken(place ExchangeToken) Option {
	return func(c *config) { c.exchangeToken = place }
}

// WithLatency delays every request before it is processed. The default is no delay.
func WithLatency(latency time.Duration) Option { return func(c *config) { c.latency = latency } }

// WithObserver calls observe with every exchange, after the request is processed
// and before the client gets the response. Calls may be concurrent. The option
// can be given several times.
func WithObserver(observe func(Exchange)) Option {
	return func(c *config) { c.observers = append(c.observers, observe) }
}

// WithoutRecords turns off the recording of requests, so that [Fake.Requests]
// returns none. It saves memory in tests that send very many requests.
func WithoutRecords() Option { return func(c *config) { c.unrecorded = true } }
