// Package notifytest stands in for carriers of messages: one that answers as
// GOV.UK Notify does, and can be slow, down, lose its answers or refuse.
package notifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/internal/notify"
)

// Fault is one way in which the carrier fails.
type Fault string

// The faults.
const (
	None Fault = ""
	// Down answers that something went wrong, and takes nothing.
	Down Fault = "down"
	// Lost takes the message and breaks the connection before it answers.
	Lost Fault = "lost"
	// Cut breaks the connection and takes nothing.
	Cut Fault = "cut"
	// Busy answers that too many came.
	Busy Fault = "busy"
	// Twice takes the message and answers as if it had been sent twice over: with
	// more than was asked.
	Twice Fault = "twice"
)

// Message is one that was taken.
type Message struct {
	Reference, To, Subject, Body string
	Channel                      notify.Channel
	Address                      []string
}

// Carrier is the stand-in.
type Carrier struct {
	// Key is the key to reach it with, Address where it answers.
	Key, Address string
	// Fault says how the nth request fails, counted from 1; nil is never.
	Fault func(n int) Fault
	// Refuses says that a number or an address is none.
	Refuses func(to string) bool
	// Status is what it says of a message that it has.
	Status string

	service, secret string
	mu              sync.Mutex
	asked           int
	taken           []Message
}

// Templates are the ids of the templates that it has.
var Templates = map[notify.Channel]string{notify.Text: "template-text", notify.Email: "template-e-mail", notify.Letter: "template-letter"}

// New starts a carrier, which ends with the test.
func New(t testing.TB) *Carrier {
	t.Helper()
	c := &Carrier{service: "26785a09-ab16-4eb0-8407-a37497a57506", secret: "3d844edf-8d35-48ac-975b-e847b4f122b0", Status: "delivered"}
	c.Key = "invented-" + c.service + "-" + c.secret
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.Address = server.URL
	return c
}

// Settings are those of a desk that hands in everything to the carrier.
func (c *Carrier) Settings(now func() time.Time) notify.Settings {
	return notify.Settings{Key: c.Key, Address: c.Address, Now: now,
		TextTemplate: Templates[notify.Text], EmailTemplate: Templates[notify.Email], LetterTemplate: Templates[notify.Letter]}
}

// Taken are the messages that were taken, in their order.
func (c *Carrier) Taken() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Message{}, c.taken...)
}

// Times is how often each reference was taken.
func (c *Carrier) Times() map[string]int {
	out := map[string]int{}
	for _, m := range c.Taken() {
		out[m.Reference]++
	}
	return maps.Clone(out)
}

func (c *Carrier) lets(r *http.Request) bool {
	parts := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	if len(parts) != 3 {
		return false
	}
	mac := hmac.New(sha256.New, []byte(c.secret))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if parts[2] != base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) {
		return false
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	var said struct {
		Iss string
		Iat int64
	}
	return err == nil && json.Unmarshal(claims, &said) == nil && said.Iss == c.service && said.Iat > 0
}

// ServeHTTP answers one request.
func (c *Carrier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.lets(r) {
		refuse(w, http.StatusForbidden, "Invalid token: API key not found")
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	fault := None
	if c.Fault != nil {
		fault = c.Fault(c.asked)
	}
	switch fault {
	case Down:
		refuse(w, http.StatusInternalServerError, "Internal server error")
		return
	case Busy:
		refuse(w, http.StatusTooManyRequests, "Exceeded rate limit")
		return
	case Cut:
		panic(http.ErrAbortHandler)
	}
	if r.Method == http.MethodGet {
		c.tell(w, r.URL.Query().Get("reference"), fault)
		return
	}
	m, ok := read(r)
	if !ok || c.Refuses != nil && c.Refuses(m.To) {
		refuse(w, http.StatusBadRequest, "phone_number Not a UK mobile number")
		return
	}
	c.taken = append(c.taken, m)
	if fault == Lost {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"id":"carrier-%d","reference":%q,"status":"created"}`, len(c.taken), m.Reference)
}

func (c *Carrier) tell(w http.ResponseWriter, reference string, fault Fault) {
	if fault == Lost {
		panic(http.ErrAbortHandler)
	}
	var list []string
	for i, m := range c.taken {
		if m.Reference == reference {
			list = append(list, fmt.Sprintf(`{"id":"carrier-%d","reference":%q,"status":%q}`, i+1, m.Reference, c.Status))
		}
	}
	if fault == Twice {
		list = append(list, list...)
	}
	fmt.Fprintf(w, `{"notifications":[%s],"links":{}}`, strings.Join(list, ","))
}

func read(r *http.Request) (Message, bool) {
	var said struct {
		Template  string            `json:"template_id"`
		Reference string            `json:"reference"`
		Phone     string            `json:"phone_number"`
		Email     string            `json:"email_address"`
		Values    map[string]string `json:"personalisation"`
	}
	if json.NewDecoder(r.Body).Decode(&said) != nil {
		return Message{}, false
	}
	m := Message{Reference: said.Reference, To: said.Phone + said.Email, Subject: said.Values["subject"], Body: said.Values["body"]}
	for i := 1; said.Values[fmt.Sprintf("address_line_%d", i)] != ""; i++ {
		m.Address = append(m.Address, said.Values[fmt.Sprintf("address_line_%d", i)])
	}
	for channel, id := range Templates {
		if id == said.Template {
			m.Channel = channel
		}
	}
	return m, m.Channel != "" && m.Reference != "" && m.Body != ""
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"status_code":%d,"errors":[{"error":"Error","message":%q}]}`, status, why)
}
