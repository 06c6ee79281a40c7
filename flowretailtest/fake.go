package flowretailtest

import (
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// BaseURL is the base URL of a fake that is used in-process. The name cannot
// be resolved, so a client that is wired wrongly reaches nobody.
const BaseURL = "https://flowretail.test/v2"

// A Fake is a Flow Retail API in memory. Make it with New.
type Fake struct {
	config         config
	began          time.Time
	tenantCalendar calendar
	userCalendar   calendar
	conn           net.Conn // what client traces are shown as the connection

	mu       sync.Mutex
	random   *rand.Rand
	tenants  *list[flowretail.Tenant]
	states   map[int32]*tenantState
	accounts map[string]*account
	tokens   map[string]*token
	minted   int32
	invites  map[string]*invite
	mails    []InviteMail
	logged   int32 // log ids given
	faults   []*armedFault
	records  []*Request

	adminToken string
}

// New makes a fake with sample data.
func New(opts ...Option) *Fake {
	config := defaults()
	if write := toExchangesFile(); write != nil {
		config.observers = append(config.observers, write)
	}
	for _, opt := range opts {
		opt(&config)
	}
	config.organizations = min(config.organizations, config.stores)
	now := time.Now()
	conn, other := net.Pipe()
	_ = other.Close()
	f := &Fake{
		config:         config,
		began:          now,
		tenantCalendar: newCalendar(now, config.tenants),
		userCalendar:   newCalendar(now, config.users),
		conn:           conn,
		random:         rand.New(rand.NewPCG(config.seed, ofSecret)),
		states:         map[int32]*tenantState{},
		accounts:       map[string]*account{},
		tokens:         map[string]*token{},
		invites:        map[string]*invite{},
	}
	f.tenants = newList(config.tenants, f.tenantCalendar.at(int32(config.tenants-1)), f.sampleTenant,
		func(text string) (int32, bool) { return decodeUID(mix(config.seed, ofTenant), text) })
	f.adminToken = f.mint(&token{kind: integrationToken, account: integrationAccount}).value
	return f
}

// HTTPClient returns a client whose requests the fake answers in-process,
// whatever host they are for.
func (f *Fake) HTTPClient() *http.Client { return &http.Client{Transport: f} }

// Options returns what leads a client to the fake: the base URL and the HTTP
// client, and no credential.
func (f *Fake) Options() []flowretail.Option {
	return []flowretail.Option{flowretail.WithBaseURL(BaseURL), flowretail.WithHTTPClient(f.HTTPClient())}
}

// NewClient makes a client that calls the fake in-process with the token of an
// administrator. The options come on top, so that a credential among them wins.
func (f *Fake) NewClient(opts ...flowretail.Option) (*flowretail.Client, error) {
	client, err := flowretail.NewClient(append(f.Options(), flowretail.WithToken(f.adminToken))...)
	if err != nil {
		return nil, err
	}
	return client.With(opts...)
}
