package notify_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/internal/notify"
	"waymark/internal/notify/notifytest"
)

func noon() time.Time { return time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC) }

func desk(t *testing.T, s notify.Settings) *notify.Desk {
	t.Helper()
	d, err := notify.NewDesk(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// deliver attempts a message as whoever keeps it does, until something is certain.
func deliver(ctx context.Context, by notify.Carrier, n notify.Note) (notify.Answer, int) {
	begun := false
	for try := 1; ; try++ {
		a, err := notify.Attempt(ctx, by, n, begun)
		var maybe notify.Maybe
		var notSent notify.NotSent
		switch {
		case err == nil:
			return a, try
		case errors.As(err, &maybe):
			begun = true
		case errors.As(err, &notSent):
			begun = false
		}
		if try == 100 {
			return notify.Answer{State: "never ended"}, try
		}
	}
}

// TestNeverTwiceAndNoneLost: of two thousand messages by a carrier that fails,
// or loses its answer, one time in ten each, every one arrives once.
func TestNeverTwiceAndNoneLost(t *testing.T) {
	c := notifytest.New(t)
	r := rand.New(rand.NewPCG(1, 0))
	faults := []notifytest.Fault{notifytest.Down, notifytest.Lost, notifytest.Cut, notifytest.Busy, notifytest.Twice}
	c.Fault = func(int) notifytest.Fault {
		if at := r.IntN(20); at < len(faults) {
			return faults[at]
		}
		return notifytest.None
	}
	by := desk(t, c.Settings(noon)).For(notify.Text)
	again := 0
	for i := range 2000 {
		a, tries := deliver(t.Context(), by, notify.Note{Reference: fmt.Sprintf("wm-%d", i), Channel: notify.Text, To: "07700900123", Body: "Hello"})
		if a.State != notify.Taken && a.State != notify.Delivered {
			t.Fatalf("message %d is %q", i, a.State)
		}
		again += tries - 1
	}
	times := c.Times()
	for i := range 2000 {
		if n := times[fmt.Sprintf("wm-%d", i)]; n != 1 {
			t.Errorf("message %d was taken %d times", i, n)
		}
	}
	if again < 200 {
		t.Errorf("only %d attempts failed: the carrier was too good", again)
	}
}

func TestGOVUK(t *testing.T) {
	c := notifytest.New(t)
	c.Refuses = func(to string) bool { return strings.HasPrefix(to, "0999") }
	d := desk(t, c.Settings(noon))
	a, _ := deliver(t.Context(), d.For(notify.Text), notify.Note{Reference: "bad", Channel: notify.Text, To: "09990", Body: "Hello"})
	if a.State != notify.Failed || !strings.Contains(a.Why, "Not a UK mobile number") {
		t.Errorf("a number that is none: %+v", a)
	}
	if _, err := d.For(notify.Letter).Send(t.Context(), notify.Note{Reference: "l", Channel: notify.Letter, Address: []string{"Wren Larkmoor", "9 Kite Street", "ZZ1 1AA"}, Subject: "Hello", Body: "Dear Wren"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.For(notify.Email).Send(t.Context(), notify.Note{Reference: "e", Channel: notify.Email, To: "wren@example.org", Subject: "Hello", Body: "Dear Wren"}); err != nil {
		t.Fatal(err)
	}
	if got := c.Taken(); len(got) != 2 || strings.Join(got[0].Address, "|") != "Wren Larkmoor|9 Kite Street|ZZ1 1AA" || got[1].To != "wren@example.org" || got[1].Subject != "Hello" {
		t.Errorf("taken: %+v", got)
	}
	for status, want := range map[string]notify.State{"created": notify.Taken, "delivered": notify.Delivered, "permanent-failure": notify.Failed, "temporary-failure": notify.Failed, "received": notify.Delivered} {
		c.Status = status
		a, err := d.For(notify.Email).Ask(t.Context(), notify.Email, "e")
		if err != nil || a.State != want || a.State == notify.Failed && a.Why == "" {
			t.Errorf("%s: %+v, %v", status, a, err)
		}
	}
	// A key that is not known is a setting: nothing was sent, and it is tried again.
	wrong := c.Settings(noon)
	wrong.Key = strings.Replace(wrong.Key, "b122b0", "b122b1", 1)
	wrong.Key = wrong.Key[:len(wrong.Key)-1] + "f"
	_, err := desk(t, wrong).For(notify.Text).Send(t.Context(), notify.Note{Reference: "k", Channel: notify.Text, To: "07700900123", Body: "Hello"})
	if !errors.As(err, new(notify.NotSent)) {
		t.Errorf("with another key: %v", err)
	}
	// One that is not there at all took nothing.
	gone := c.Settings(noon)
	gone.Address = "http://127.0.0.1:1"
	if _, err := desk(t, gone).For(notify.Text).Send(t.Context(), notify.Note{Reference: "g", Channel: notify.Text, To: "07700900123", Body: "Hello"}); !errors.As(err, new(notify.NotSent)) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestSettings(t *testing.T) {
	key := "live-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
	for name, s := range map[string]notify.Settings{
		"a key that is none": {Key: "secret", TextTemplate: "t"},
		"no template":        {Key: key},
		"in the clear":       {Key: key, TextTemplate: "t", Address: "http://notify.example.org"},
		"no host":            {SMTP: "mail.example.org", From: "a@example.org"},
		"from nobody":        {SMTP: "smtp://mail.example.org"},
	} {
		if _, err := notify.NewDesk(s); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	d := desk(t, notify.Settings{Key: key, TextTemplate: "t", SMTP: "smtp://name:word@mail.example.org:25", From: "a@example.org", Dir: t.TempDir()})
	for channel, want := range map[notify.Channel]string{notify.Text: "GOV.UK Notify", notify.Email: "the mail server mail.example.org", notify.Letter: "the folder of messages"} {
		if got := d.For(channel).Name(); got != want {
			t.Errorf("a %s goes by %s", channel, got)
		}
	}
}

func TestFolder(t *testing.T) {
	f := &notify.Folder{Dir: t.TempDir()}
	n := notify.Note{Reference: "wm-abc", Channel: notify.Text, To: "07700900123\nBcc: x", Body: "Hello"}
	if a, err := f.Ask(t.Context(), notify.Text, n.Reference); err != nil || a.State != notify.Absent {
		t.Errorf("before: %+v, %v", a, err)
	}
	for range 2 {
		if a, err := f.Send(t.Context(), n); err != nil || a.State != notify.Delivered {
			t.Errorf("sent: %+v, %v", a, err)
		}
	}
	if a, err := f.Ask(t.Context(), notify.Text, n.Reference); err != nil || a.State != notify.Delivered {
		t.Errorf("after: %+v, %v", a, err)
	}
	if _, err := f.Send(t.Context(), notify.Note{Reference: "../../etc/passwd", Body: "x"}); !errors.As(err, new(notify.Refused)) {
		t.Errorf("a reference that leads elsewhere: %v", err)
	}
}

// post is a mail server that takes messages, and loses its answer where told.
type post struct {
	mu     sync.Mutex
	taken  []string
	lose   bool
	refuse bool
}

func (p *post) start(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.speak(conn)
		}
	}()
	return l.Addr().String()
}

func (p *post) speak(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 post.example")
	var data strings.Builder
	for inData := false; ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); {
		case inData && line == ".":
			p.mu.Lock()
			p.taken = append(p.taken, data.String())
			lose := p.lose
			p.mu.Unlock()
			if lose {
				return
			}
			inData = false
			say("250 taken")
		case inData:
			data.WriteString(line + "\n")
		case verb == "EHLO" || verb == "HELO":
			say("250 post.example")
		case verb == "RCPT" && p.refuse:
			say("550 no such mailbox")
		case verb == "DATA":
			inData = true
			say("354 go on")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func TestMailWhoseAnswerIsLost(t *testing.T) {
	p := &post{}
	by := desk(t, notify.Settings{SMTP: "smtp://" + p.start(t), From: "Tracking team <tracking@example.org>"}).For(notify.Email)
	n := notify.Note{Reference: "wm-mail", Channel: notify.Email, To: "wren@example.org", Subject: "Hello\r\nBcc: everybody@example.org", Body: "Dear Wren"}
	if a, tries := deliver(t.Context(), by, n); a.State != notify.Taken || tries != 1 {
		t.Fatalf("sent: %+v after %d", a, tries)
	}
	if got := p.taken[0]; !strings.Contains(got, "Message-ID: <wm-mail@example.org>") || strings.Contains(got, "\nBcc:") || !strings.Contains(got, "Dear Wren") {
		t.Errorf("the message is\n%s", got)
	}
	p.mu.Lock()
	p.lose = true
	p.mu.Unlock()
	if a, _ := deliver(t.Context(), by, n); a.State != notify.Unsure || a.Why == "" {
		t.Errorf("with its answer lost: %+v", a)
	}
	if len(p.taken) != 2 {
		t.Errorf("it was taken %d times, and must never be sent again by itself", len(p.taken))
	}
	refuses := &post{refuse: true}
	by = desk(t, notify.Settings{SMTP: "smtp://" + refuses.start(t), From: "tracking@example.org"}).For(notify.Email)
	if a, _ := deliver(t.Context(), by, n); a.State != notify.Failed {
		t.Errorf("a mailbox that is none: %+v", a)
	}
	gone := desk(t, notify.Settings{SMTP: "smtp://127.0.0.1:1", From: "tracking@example.org"}).For(notify.Email)
	if _, err := notify.Attempt(t.Context(), gone, n, false); !errors.As(err, new(notify.NotSent)) {
		t.Errorf("nobody there: %v", err)
	}
}
