package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// GOVUK sends through GOV.UK Notify. Notify fills in templates that are kept
// there: ours hold nothing but ((subject)) and ((body)), one for each channel,
// since what is said is written and checked here.
type GOVUK struct {
	// Address is where Notify answers; GOVUKAddress where nothing is said.
	Address string
	// Service and Secret are the halves of the key.
	Service, Secret string
	// Templates are the ids of the templates, by channel; a channel without one
	// is not carried.
	Templates map[Channel]string
	Now       func() time.Time
	Client    *http.Client
}

// GOVUKAddress is where GOV.UK Notify answers.
const GOVUKAddress = "https://api.notifications.service.gov.uk"

var keyForm = regexp.MustCompile(`^.+-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// ReadKey takes a key of GOV.UK Notify apart: its name, the service, the secret.
func ReadKey(key string) (service, secret string, err error) {
	m := keyForm.FindStringSubmatch(strings.TrimSpace(key))
	if m == nil {
		return "", "", errors.New("WAYMARK_NOTIFY_KEY is no key of GOV.UK Notify: it has a name, the service's id and a secret, with hyphens between")
	}
	return m[1], m[2], nil
}

// Name says who it is.
func (g *GOVUK) Name() string { return "GOV.UK Notify" }

// Carries says whether there is a template for the channel.
func (g *GOVUK) Carries(c Channel) bool { return g.Templates[c] != "" }

// token is what a request is let in by: the service's id and the moment, signed
// with the secret (a JSON web token, HS256). It is good for 30 seconds.
func (g *GOVUK) token() string {
	part := func(v string) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) }
	said := part(`{"typ":"JWT","alg":"HS256"}`) + "." + part(fmt.Sprintf(`{"iss":%q,"iat":%d}`, g.Service, g.Now().Unix()))
	mac := hmac.New(sha256.New, []byte(g.Secret))
	mac.Write([]byte(said))
	return said + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// mostRead is how much of an answer is read.
const mostRead = 1 << 20

func (g *GOVUK) do(ctx context.Context, method, path string, body, into any) (int, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		reader = bytes.NewReader(text)
	}
	address := g.Address
	if address == "" {
		address = GOVUKAddress
	}
	r, err := http.NewRequestWithContext(ctx, method, address+path, reader)
	if err != nil {
		return 0, NotSent{err.Error()}
	}
	r.Header.Set("Authorization", "Bearer "+g.token())
	r.Header.Set("Content-Type", "application/json")
	answer, err := g.Client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostRead))
	if err != nil {
		return answer.StatusCode, err
	}
	if answer.StatusCode >= 300 {
		return answer.StatusCode, fmt.Errorf("answered %d: %s", answer.StatusCode, complaint(text))
	}
	if err := json.Unmarshal(text, into); err != nil {
		return answer.StatusCode, fmt.Errorf("answered what cannot be read: %w", err)
	}
	return answer.StatusCode, nil
}

// complaint is what Notify says is wrong.
func complaint(text []byte) string {
	var said struct {
		Errors []struct{ Error, Message string } `json:"errors"`
	}
	if json.Unmarshal(text, &said) != nil || len(said.Errors) == 0 {
		return "no reason given"
	}
	return said.Errors[0].Message
}

// told is a notification as Notify tells it.
type told struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Status    string `json:"status"`
}

// Send gives Notify one message under our reference.
func (g *GOVUK) Send(ctx context.Context, n Note) (Answer, error) {
	values := map[string]string{"body": n.Body}
	body := map[string]any{"template_id": g.Templates[n.Channel], "reference": n.Reference, "personalisation": values}
	path := "/v2/notifications/sms"
	switch n.Channel {
	case Text:
		body["phone_number"] = n.To
	case Email:
		path, body["email_address"], values["subject"] = "/v2/notifications/email", n.To, n.Subject
	case Letter:
		path, values["subject"] = "/v2/notifications/letter", n.Subject
		for i, line := range n.Address {
			values[fmt.Sprintf("address_line_%d", i+1)] = line
		}
	}
	var said told
	status, err := g.do(ctx, http.MethodPost, path, body, &said)
	var notSent NotSent
	switch {
	case err == nil:
		return Answer{State: Taken, Carrier: said.ID}, nil
	case errors.As(err, &notSent):
		return Answer{}, err
	case status == http.StatusBadRequest:
		return Answer{}, Refused{err.Error()}
	case status == http.StatusForbidden, status == http.StatusUnauthorized, status == http.StatusTooManyRequests, status == http.StatusNotFound:
		return Answer{}, NotSent{err.Error()}
	case status == 0 && unreached(err):
		return Answer{}, NotSent{err.Error()}
	}
	return Answer{}, err // it may have been taken: whoever sends asks first
}

// Ask says what became of the message of a reference.
func (g *GOVUK) Ask(ctx context.Context, _ Channel, reference string) (Answer, error) {
	var said struct {
		Notifications []told `json:"notifications"`
	}
	if _, err := g.do(ctx, http.MethodGet, "/v2/notifications?reference="+url.QueryEscape(reference), nil, &said); err != nil {
		return Answer{}, err
	}
	for _, one := range said.Notifications {
		if one.Reference == reference {
			return Answer{State: StateOf(one.Status), Why: whyOf(one.Status), Carrier: one.ID}, nil
		}
	}
	return Answer{State: Absent}, nil
}

// StateOf is what a status of GOV.UK Notify comes to.
func StateOf(status string) State {
	switch status {
	case "delivered", "received", "returned-letter":
		return Delivered
	case "permanent-failure", "temporary-failure", "technical-failure", "validation-failed", "virus-scan-failed", "cancelled":
		return Failed
	}
	return Taken
}

func whyOf(status string) string {
	switch status {
	case "permanent-failure":
		return "the number or address does not exist"
	case "temporary-failure":
		return "the telephone was off or out of reach for three days, or the mailbox was full"
	case "technical-failure":
		return "it went wrong on the way"
	case "validation-failed":
		return "the letter could not be printed"
	case "cancelled":
		return "it was cancelled at GOV.UK Notify"
	}
	return ""
}

// ReasonOf is why a message with a status of GOV.UK Notify failed, in words.
func ReasonOf(status string) string { return whyOf(status) }
