package notify

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Settings say who carries messages. The zero value keeps them in files.
type Settings struct {
	// Key is a key of GOV.UK Notify; Address another place at which it answers,
	// for trials. TextTemplate, EmailTemplate and LetterTemplate are the ids of
	// the templates there.
	Key, Address                                string
	TextTemplate, EmailTemplate, LetterTemplate string
	// SMTP is a mail server: smtp://NAME:PASSWORD@HOST:PORT, or smtps://. From is
	// who e-mails are from.
	SMTP, From string
	// Dir is the folder of the file sink.
	Dir string
	Now func() time.Time
}

// patience is how long a carrier is waited for.
const patience = 20 * time.Second

// NewDesk is the desk that the settings describe.
func NewDesk(s Settings) (*Desk, error) {
	d := &Desk{}
	if s.Key != "" {
		service, secret, err := ReadKey(s.Key)
		if err != nil {
			return nil, err
		}
		if err := secure(s.Address); err != nil {
			return nil, err
		}
		g := &GOVUK{Address: strings.TrimSuffix(s.Address, "/"), Service: service, Secret: secret, Now: s.Now, Client: &http.Client{Timeout: patience},
			Templates: map[Channel]string{Text: s.TextTemplate, Email: s.EmailTemplate, Letter: s.LetterTemplate}}
		if s.TextTemplate+s.EmailTemplate+s.LetterTemplate == "" {
			return nil, errors.New("GOV.UK Notify needs the id of a template for at least one channel: WAYMARK_NOTIFY_TEXT_TEMPLATE, WAYMARK_NOTIFY_EMAIL_TEMPLATE or WAYMARK_NOTIFY_LETTER_TEMPLATE")
		}
		d.Carriers = append(d.Carriers, g)
	}
	if s.SMTP != "" {
		m, err := NewMail(s.SMTP, s.From)
		if err != nil {
			return nil, err
		}
		d.Carriers = append(d.Carriers, m)
	}
	if s.Dir != "" {
		d.Carriers = append(d.Carriers, &Folder{Dir: s.Dir})
	}
	return d, nil
}

// secure refuses an address to which a key and young people's numbers would go
// in the clear.
func secure(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err == nil && (u.Scheme == "https" || u.Scheme == "http" && net.ParseIP(u.Hostname()).IsLoopback()) {
		return nil
	}
	return fmt.Errorf("WAYMARK_NOTIFY_URL must be https://…, or this machine itself for a trial; %q is neither", address)
}

// unreached says that a connection was never made.
func unreached(err error) bool {
	var op *net.OpError
	var name *net.DNSError
	return errors.As(err, &name) || errors.As(err, &op) && op.Op == "dial"
}
