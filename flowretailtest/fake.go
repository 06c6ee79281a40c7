package flowretailtest

import (
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// BaseURL is the base URL of a fake that is called in-process. Its host name does
// not resolve, so a client that is not connected to the fake reaches no server.
const BaseURL = "https://flowretail.test/v2"

// A Fake is a Flow Retail API in memory. Make one with [New].
type Fake struct {
	config     config
	adminToken string
	conn       net.Conn // the connection that a client trace is shown

	mu          sync.Mutex
	random      *rand.Rand // decides which requests a fault with a Probability hits
	tenants     list[*storedTenant]
	integration *account // of the first user of every sample tenant
	owner       *account // of the second user
	tokens      map[string]*token
	invites     map[string]*invite
	mails       []InviteMail
	generated   int // how many UIDs and secrets were generated
	faults      []*activeFault
	requests    []*Request
}

// New makes a fake with sample data.
func New(opts ...Option) *Fake {
	cfg := config{
		seed: 1, tenants: 1, users: 25, stores: 4, organizations: 2, subscribers: 3,
		pageSize: 50, maxPageSize: 1000, lifetime: 15 * time.Minute,
	}
	if write := writeExchange(); write != nil {
		cfg.observers = append(cfg.observers, write)
	}
	for _, opt := range opts {
		opt(&cfg)
	}
	cfg.organizations = min(cfg.organizations, cfg.stores)
	conn, other := net.Pipe()
	_ = other.Close()
	f := &Fake{
		config:      cfg,
		conn:        conn,
		random:      rand.New(rand.NewPCG(cfg.seed, kindSecret)),
		tenants:     newList[*storedTenant](cfg.tenants),
		integration: &account{},
		owner:       &account{},
		tokens:      map[string]*token{},
		invites:     map[string]*invite{},
	}
	createdAt := sampleTimes(cfg.tenants)
	for i := range cfg.tenants {
		f.addSampleTenant(createdAt(i))
	}
	f.adminToken = f.issue(&token{kind: integrationToken, account: f.integration}).value
	return f
}

// HTTPClient returns an HTTP client that sends all its requests to the fake,
// in-process, whatever host they are for.
func (f *Fake) HTTPClient() *http.Client { return &http.Client{Transport: f} }

// Options returns the client options that lead to the fake: the base URL and the
// HTTP client. There is no credential among them.
func (f *Fake) Options() []flowretail.Option {
	return []flowretail.Option{flowretail.WithBaseURL(BaseURL), flowretail.WithHTTPClient(f.HTTPClient())}
}

// NewClient makes a client that calls the fake in-process, with the token of an
// administrator. The options are applied last, so a credential among them
// replaces that token.
func (f *Fake) NewClient(opts ...flowretail.Option) (*flowretail.Client, error) {
	client, err := flowretail.NewClient(append(f.Options(), flowretail.WithToken(f.adminToken))...)
	if err != nil {
		return nil, err
	}
	return client.With(opts...)
}
