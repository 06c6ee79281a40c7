package flowretailtest

import "time"

// An Option shapes a Fake.
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
	exchange      ExchangeToken
	latency       time.Duration
	observers     []func(Exchange)
	unrecorded    bool
}

func defaults() config {
	return config{
		seed: 1, tenants: 1, users: 25, stores: 4, organizations: 2, subscribers: 3,
		pageSize: 50, maxPageSize: 1000, lifetime: 15 * time.Minute,
	}
}

// WithSeed chooses the sample data, the UIDs and which requests a fault with a
// probability hits. The default is 1.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithTenants sets the number of tenants; the default is 1, the least.
func WithTenants(n int) Option { return func(c *config) { c.tenants = max(1, n) } }

// WithUsers sets the number of users in each tenant; the default is 25. The
// first is an integration and the second a person, both tenant administrators,
// so the least is 2. Users are generated when they are asked for: a million
// costs no more than a few.
func WithUsers(n int) Option { return func(c *config) { c.users = max(2, n) } }

// WithStores sets the number of stores in each tenant; the default is 4, the least 1.
func WithStores(n int) Option { return func(c *config) { c.stores = max(1, n) } }

// WithOrganizations sets the number of organizations in each tenant, which the
// stores are spread over; the default is 2, the least 1.
func WithOrganizations(n int) Option { return func(c *config) { c.organizations = max(1, n) } }

// WithSubscribers sets the number of subscribers to the reports of each store;
// the default is 3.
func WithSubscribers(n int) Option { return func(c *config) { c.subscribers = max(0, n) } }

// WithPageSize sets the size of a page when a request names none, and the
// largest that a request gets. The defaults are 50 and 1000.
func WithPageSize(standard, largest int) Option {
	return func(c *config) { c.pageSize, c.maxPageSize = max(1, min(standard, largest)), max(1, largest) }
}

// WithTokenLifetime sets how long an access token is good for, to the next
// whole second; the default is 15 minutes.
func WithTokenLifetime(lifetime time.Duration) Option {
	return func(c *config) { c.lifetime = lifetime }
}

// WithOpaqueTokens makes access tokens that do not tell when they expire.
// Otherwise they have the shape of a JWT with an exp claim.
func WithOpaqueTokens() Option { return func(c *config) { c.opaque = true } }

// ExchangeToken says where the answer to POST /tenants/{tenantUid}/account has
// the access token, which the API's document leaves open.
type ExchangeToken int

// The places of the access token in the answer.
const (
	BesideUser          ExchangeToken = iota // accessToken among the fields of the user
	LikeLogin                                // accessToken and tenantUser, as a login answers
	AuthorizationHeader                      // Authorization: Bearer …
	AccessTokenHeader                        // X-Access-Token: …
	Nowhere                                  // the user alone, as the document has it
)

// WithExchangeToken chooses where a token exchange answers with the token; the
// default is BesideUser.
func WithExchangeToken(place ExchangeToken) Option { return func(c *config) { c.exchange = place } }

// WithLatency makes every request wait before it is carried out.
func WithLatency(latency time.Duration) Option { return func(c *config) { c.latency = latency } }

// WithObserver has observe called with every exchange when it has ended, before
// the client sees the answer, and possibly concurrently. It may be given more
// than once.
func WithObserver(observe func(Exchange)) Option {
	return func(c *config) { c.observers = append(c.observers, observe) }
}

// WithoutRecords keeps no record of the requests, for tests that send millions.
func WithoutRecords() Option { return func(c *config) { c.unrecorded = true } }
