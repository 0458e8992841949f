package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	mail "github.com/wneessen/go-mail"
)

// Mail sends e-mails through a mail server. It keeps no references: where its
// answer is lost nobody can say whether the message went.
type Mail struct {
	host, domain, from string
	options            []mail.Option
}

// NewMail reads the address of a mail server, smtp://NAME:PASSWORD@HOST:PORT
// (encrypted by STARTTLS, which is demanded of any other machine) or smtps://…,
// and who messages are from.
func NewMail(address, from string) (*Mail, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("WAYMARK_SMTP must be like smtp://NAME:PASSWORD@mail.example.org:587, or smtps://…")
	}
	_, domain, ok := strings.Cut(from, "@")
	if !ok {
		return nil, errors.New("WAYMARK_SMTP_FROM must say who e-mails are from, like tracking@example.org")
	}
	m := &Mail{host: u.Hostname(), domain: strings.Trim(domain, "> "), from: from}
	m.options = []mail.Option{mail.WithTimeout(patience), mail.WithHELO(m.domain)}
	port := 587
	switch {
	case u.Scheme == "smtps":
		port = 465
		m.options = append(m.options, mail.WithSSL())
	case net.ParseIP(m.host).IsLoopback() || m.host == "localhost":
		m.options = append(m.options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		m.options = append(m.options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("the port of WAYMARK_SMTP is no number")
		}
	}
	m.options = append(m.options, mail.WithPort(port))
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		m.options = append(m.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(name), mail.WithPassword(password))
	}
	return m, nil
}

// Name says who it is.
func (m *Mail) Name() string { return "the mail server " + m.host }

// Carries is true of e-mails.
func (m *Mail) Carries(c Channel) bool { return c == Email }

// Ask is ErrCannotSay: a mail server forgets what it has passed on.
func (m *Mail) Ask(context.Context, Channel, string) (Answer, error) {
	return Answer{}, ErrCannotSay
}

// Send hands the message to the server.
func (m *Mail) Send(ctx context.Context, n Note) (Answer, error) {
	message, err := m.message(n)
	if err != nil {
		return Answer{}, err
	}
	client, err := mail.NewClient(m.host, m.options...)
	if err != nil {
		return Answer{}, NotSent{err.Error()}
	}
	if err := client.DialWithContext(ctx); err != nil {
		return Answer{}, NotSent{err.Error()}
	}
	err = client.Send(message)
	client.Close() // what it says cannot change what became of the message
	if err == nil || message.IsDelivered() {
		return Answer{State: Taken}, nil
	}
	return Answer{}, understood(err)
}

func (m *Mail) message(n Note) (*mail.Msg, error) {
	message := mail.NewMsg()
	if err := message.From(m.from); err != nil {
		return nil, NotSent{fmt.Sprintf("WAYMARK_SMTP_FROM: %v", err)}
	}
	if err := message.To(n.To); err != nil {
		return nil, Refused{"the address of e-mail is none"}
	}
	message.Subject(oneLine(n.Subject))
	message.SetMessageIDWithValue(n.Reference + "@" + m.domain)
	message.SetDate()
	message.SetBodyString(mail.TypeTextPlain, n.Body)
	return message, nil
}

// understood says of an error whether the message is certainly not on its way.
func understood(err error) error {
	var failed *mail.SendError
	if !errors.As(err, &failed) {
		return err
	}
	code := failed.ErrorCode()
	switch failed.Reason {
	case mail.ErrWriteContent, mail.ErrSMTPDataClose, mail.ErrSMTPReset, mail.ErrAmbiguous:
		if code == 0 {
			return err // no answer to what was sent: it may have been taken
		}
	}
	if code >= 500 && failed.Reason != mail.ErrSMTPMailFrom {
		return Refused{err.Error()}
	}
	return NotSent{err.Error()} // who it is from is a setting, and can be mended
}
