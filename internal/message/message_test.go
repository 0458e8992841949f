package message_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/list"
	"waymark/internal/message"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/notify"
	"waymark/internal/notify/notifytest"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/seal"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// house is one register with its services and a carrier that can fail.
type house struct {
	*testing.T
	*message.Service
	carrier *notifytest.Carrier
	officer access.Actor
	r       id.Register
	at      atomic.Pointer[time.Time]
}

func (h *house) now() time.Time        { return *h.at.Load() }
func (h *house) pass(by time.Duration) { t := h.now().Add(by); h.at.Store(&t) }

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{T: t, carrier: notifytest.New(t)}
	noon := dbtest.Noon
	h.at.Store(&noon)
	d = d.At(h.now)
	reg, err := (&register.Service{DB: d}).Add(t.Context(), register.Register{Name: "Invented", DatabaseID: "123", Authorities: []register.Authority{{Code: "341", Name: "One"}}})
	if err != nil {
		t.Fatal(err)
	}
	h.r = reg.ID
	req := nccis.MustLoad()
	keeper := standing.Keeper{Requirement: req}
	rolls := standing.NewRolls(d, keeper)
	sights := &act.Recorder{DB: d}
	records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: rolls}
	desk, err := notify.NewDesk(h.carrier.Settings(h.now))
	if err != nil {
		t.Fatal(err)
	}
	h.Service = &message.Service{DB: d, Record: records, Lists: &list.Service{DB: d, Requirement: req, Sights: sights, Rolls: rolls, Standing: keeper}, Sights: sights, Desk: desk,
		Origin: "https://waymark.example.org", Log: slog.New(slog.DiscardHandler)}
	h.officer = access.Actor{Register: h.r, Ref: "account:officer", Name: "Dana Officer", Roles: []access.Role{access.DataOfficer}, Now: noon, Today: civil.On(noon, civil.London())}
	return h
}

func onBoth(t *testing.T, test func(h *house)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(newHouse(t, d)) })
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func told() record.Told { return record.Told{Kind: act.Telephone} }

// add makes a young person with a telephone number, "" for none.
func (h *house) add(given, number string) id.Ref {
	h.Helper()
	ref, err := h.Record.Add(h.Context(), h.officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: "Larkmoor"}, Born: civil.Must(2009, 3, 27), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "9 Kite Street", Town: "Saltmarsh", Postcode: "ZZ1 1AA"}, LeadLA: "341", EducatedLA: "341", Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, told())
	h.must(err)
	if number != "" {
		h.must(h.Record.SetReach(h.Context(), h.officer, ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: number}, 0, told()))
	}
	return ref
}

func (h *house) template(t message.Template) id.Ref {
	h.Helper()
	if t.Basis == "" {
		t.Basis = message.Bases()[0]
	}
	ref, err := h.AddTemplate(h.Context(), h.officer, t, string(id.NewRef()))
	h.must(err)
	return ref
}

func (h *house) text(body string) id.Ref {
	return h.template(message.Template{Channel: notify.Text, Name: "September check", Body: body})
}

func (h *house) sendTo(template id.Ref, people ...id.Ref) id.Ref {
	h.Helper()
	o := message.Order{Template: template, People: people}
	p, err := h.Prepare(h.Context(), h.officer, o)
	h.must(err)
	batch, err := h.Send(h.Context(), h.officer, o, p.People, true, string(id.NewRef()))
	h.must(err)
	return batch
}

// work does all jobs that fall due until nothing is left, as the time passes.
func (h *house) work(hours int) {
	h.Helper()
	w := h.Worker(h.r)
	for range hours * 60 {
		for {
			n, err := w.Once(h.Context())
			h.must(err)
			if n == 0 {
				break
			}
		}
		h.pass(time.Minute)
	}
}

func (h *house) life(ref id.Ref) *life.Life {
	h.Helper()
	var l *life.Life
	h.must(h.DB.Read(h.Context(), func(tx *db.Tx) (err error) {
		var key int64
		if err = tx.QueryRow("SELECT id FROM young_person WHERE register = $1 AND ref = $2", int64(h.r), string(ref)).Scan(&key); err == nil {
			l, err = life.One(tx, h.r, id.YoungPerson(key), 0)
		}
		return err
	}))
	return l
}

func (h *house) states(batch id.Ref) map[message.State]int {
	h.Helper()
	b, _, err := h.Batch(h.Context(), h.officer, batch, 0, 100)
	h.must(err)
	return b.Counts
}

func wrongIn(t *testing.T, err error, name string) {
	t.Helper()
	all, ok := err.(field.Errors)
	if !ok || !slices.ContainsFunc(all, func(e field.Error) bool { return e.Field == name }) {
		t.Errorf("got %v, want a complaint about %s", err, name)
	}
}

func TestTemplatesAreChecked(t *testing.T) {
	onBoth(t, func(h *house) {
		good := message.Template{Channel: notify.Text, Name: "Hello", Basis: message.Bases()[0], Body: "Hi ((first name))"}
		for name, c := range map[string]func(*message.Template){
			"channel": func(t *message.Template) { t.Channel = "pigeon" },
			"name":    func(t *message.Template) { t.Name = " " },
			"basis":   func(t *message.Template) { t.Basis = "because" },
			"body":    func(t *message.Template) { t.Body = "Hi ((postcode))" },
			"subject": func(t *message.Template) { t.Channel = notify.Email },
		} {
			bad := good
			c(&bad)
			_, err := h.AddTemplate(h.Context(), h.officer, bad, "")
			wrongIn(h.T, err, name)
		}
		for _, body := range []string{"", "Hi ((first name)", strings.Repeat("x", 919)} {
			bad := good
			bad.Body = body
			_, err := h.AddTemplate(h.Context(), h.officer, bad, "")
			wrongIn(h.T, err, "body")
		}
		ref := h.template(good)
		all, err := h.Versions(h.Context(), h.officer, ref)
		h.must(err)
		next := all[0]
		next.Body = "Hello ((first name))"
		h.must(h.ChangeTemplate(h.Context(), h.officer, next, ""))
		if err := h.ChangeTemplate(h.Context(), h.officer, next, ""); err == nil {
			h.Error("an old version was changed")
		}
		if all, _ = h.Versions(h.Context(), h.officer, ref); len(all) != 2 || all[1].Body != "Hi ((first name))" {
			h.Errorf("versions: %+v", all)
		}
		h.reminders()
		adviser := h.officer
		adviser.Roles = []access.Role{access.Adviser}
		if _, err := h.AddTemplate(h.Context(), adviser, good, ""); err == nil {
			h.Error("an adviser wrote a template")
		}
	})
}

// reminders: both are there from the first, in the program's words; they are changed
// as templates are, and go to no young person.
func (h *house) reminders() {
	h.Helper()
	both, err := h.Reminders(h.Context(), h.officer)
	h.must(err)
	if len(both) != 2 || both[0].Ref != notify.RemindAuthority || both[0].Version != 0 {
		h.Fatalf("the reminders are %+v", both)
	}
	one := both[0]
	for _, bad := range []string{"Hi ((first name))", ""} {
		wrong := one
		wrong.Body = bad
		wrongIn(h.T, h.ChangeTemplate(h.Context(), h.officer, wrong, ""), "body")
	}
	one.Body = "Please answer about ((our reference))."
	h.must(h.ChangeTemplate(h.Context(), h.officer, one, ""))
	var conflict db.Conflict
	if err := h.ChangeTemplate(h.Context(), h.officer, one, ""); !errors.As(err, &conflict) {
		h.Errorf("the words of the program replaced others: %v", err)
	}
	all, err := h.Versions(h.Context(), h.officer, one.Ref)
	if err != nil || len(all) != 2 || all[0].Body != one.Body || all[1].Version != 0 {
		h.Errorf("versions of a reminder: %+v, %v", all, err)
	}
	if err := h.EndTemplate(h.Context(), h.officer, one.Ref, all[0].Version, ""); !errors.Is(err, db.NotFound) {
		h.Errorf("a reminder was taken out of use: %v", err)
	}
	if sent, err := h.Templates(h.Context(), h.officer); err != nil || slices.ContainsFunc(sent, message.Template.IsReminder) {
		h.Errorf("a reminder can be chosen for young people: %v", err)
	}
	if _, err := h.Prepare(h.Context(), h.officer, message.Order{Template: one.Ref, Question: everybody()}); !errors.Is(err, db.NotFound) {
		h.Errorf("a reminder goes to young people: %v", err)
	}
}

func TestWhoIsLeftOutAndWhy(t *testing.T) {
	onBoth(t, func(h *house) {
		wren, robin, jay, finch := h.add("Wren", "07700 900001"), h.add("Robin", ""), h.add("Jay", "01632 960001"), h.add("Finch", "+44 (0)7700 900004")
		h.must(h.StopMessages(h.Context(), h.officer, finch, "text", "told us by phone", ""))
		dove := h.add("Dove", "07700900005")
		h.must(h.Record.RestrictProcessing(h.Context(), h.officerOf(access.InformationGovernance), dove, h.Record.Today(), youngperson.Restriction{Ground: youngperson.Grounds()[0]}, told()))
		template := h.text("Hi ((first name)), what are you doing now? Tell us: ((link))")
		p, err := h.Prepare(h.Context(), h.officer, message.Order{Template: template, Question: everybody()})
		h.must(err)
		got := map[string]string{}
		for _, l := range p.LeftOut {
			for _, one := range l.Some {
				got[one.Name] = l.Why
			}
		}
		want := map[string]string{"Robin Larkmoor": message.NoNumber, "Jay Larkmoor": message.BadNumber, "Finch Larkmoor": message.WantsNone, "Dove Larkmoor": message.IsRestricted}
		if p.People != 1 || !maps.Equal(got, want) || !strings.HasPrefix(p.Sample, "Hi Wren, what are you doing now?") || p.Parts != 1 {
			h.Errorf("people %d, left out %v, sample %q, parts %d", p.People, got, p.Sample, p.Parts)
		}
		adviser := h.officer
		adviser.Roles, adviser.Ref = []access.Role{access.Adviser}, "account:adviser"
		if p, err := h.Prepare(h.Context(), adviser, message.Order{Template: template, People: []id.Ref{wren}}); err != nil || p.People != 0 || p.LeftOut[0].Why != message.NotYours {
			h.Errorf("an adviser to another's: %+v, %v", p, err)
		}
		h.must(h.Record.Allocate(h.Context(), h.officer, wren, youngperson.Allocation{Adviser: "adviser", AdviserName: "Mei Larkrise"}, 0, told()))
		if p, err := h.Prepare(h.Context(), adviser, message.Order{Template: template, People: []id.Ref{wren, robin, jay}}); err != nil || p.People != 1 {
			h.Errorf("an adviser to their own: %+v, %v", p, err)
		}
		// What has changed since it was looked at is not sent.
		o := message.Order{Template: template, Question: everybody()}
		h.add("Swift", "07700900006")
		_, err = h.Send(h.Context(), h.officer, o, 1, true, "")
		wrongIn(h.T, err, "send")
		for i := range message.Many {
			h.add("Crow"+letters(i), fmt.Sprintf("077009001%02d", i))
		}
		p, err = h.Prepare(h.Context(), h.officer, o)
		h.must(err)
		_, err = h.Send(h.Context(), h.officer, o, p.People, false, "")
		wrongIn(h.T, err, "read")
		key := string(id.NewRef())
		_, err = h.Send(h.Context(), h.officer, o, p.People, true, key)
		h.must(err)
		if _, err = h.Send(h.Context(), h.officer, o, p.People, true, key); err != act.ErrRepeated {
			h.Errorf("pressed twice: %v", err)
		}
	})
}

func (h *house) officerOf(r access.Role) access.Actor {
	a := h.officer
	a.Roles = []access.Role{r}
	return a
}

// TestSentOnceByACarrierThatFails: of many messages by a carrier that fails, or
// loses its answer, one time in ten, none is sent twice and none is lost; each
// is one contact on its record.
func TestSentOnceByACarrierThatFails(t *testing.T) {
	onBoth(t, func(h *house) {
		r := rand.New(rand.NewPCG(7, 0))
		faults := []notifytest.Fault{notifytest.Down, notifytest.Lost, notifytest.Cut, notifytest.Busy}
		h.carrier.Fault = func(int) notifytest.Fault {
			if at := r.IntN(20); at < len(faults) {
				return faults[at]
			}
			return notifytest.None
		}
		var people []id.Ref
		for i := range 60 {
			people = append(people, h.add("Wren"+letters(i), fmt.Sprintf("07700 9002%02d", i)))
		}
		h.carrier.Refuses = func(to string) bool { return to == "07700900207" }
		batch := h.sendTo(h.text("Hi ((first name)). Tell us: ((link))"), people...)
		h.work(5)
		times := map[string]int{}
		for _, m := range h.carrier.Taken() {
			times[m.To]++
			if !strings.Contains(m.Body, "https://waymark.example.org/a/") || !strings.HasPrefix(m.Body, "Hi Wren") {
				h.Errorf("a message says %q", m.Body)
			}
		}
		for i := range 60 {
			want := 1
			if i == 7 {
				want = 0
			}
			if n := times[fmt.Sprintf("077009002%02d", i)]; n != want {
				h.Errorf("%d was sent %d times", i, n)
			}
		}
		if got := h.states(batch); got[message.Delivered] != 59 || got[message.Failed] != 1 {
			h.Errorf("states: %v", got)
		}
		for i, ref := range people[:10] {
			made := h.life(ref).Contacts
			if i == 7 && len(made) == 0 {
				continue
			}
			if len(made) != 1 || made[0].Is.How != contact.Text || made[0].Is.Outcome != contact.Sent || made[0].Is.ByName != "Dana Officer" || made[0].Is.Behind != contact.Message || strings.Contains(made[0].Is.Note, "/a/") {
				h.Errorf("contacts of %d: %+v", i, made)
			}
		}
		var stored string
		h.must(h.DB.Read(h.Context(), func(tx *db.Tx) error {
			return tx.QueryRow("SELECT MIN(body) FROM message WHERE register = $1 AND body <> ''", int64(h.r)).Scan(&stored)
		}))
		if seal.KeyOf(stored) == "" || strings.Contains(stored, "Wren") {
			h.Errorf("the words are stored as %q", stored)
		}
	})
}

// TestKilledBetweenSendingAndWriting: a server that ends after the carrier took
// the message, before that was written, sends nothing twice.
func TestKilledBetweenSendingAndWriting(t *testing.T) {
	onBoth(t, func(h *house) {
		batch := h.sendTo(h.text("Hi ((first name))"), h.add("Wren", "07700 900001"))
		// The job is begun and the message marked, and then there is nobody any more.
		h.carrier.Fault = func(n int) notifytest.Fault {
			if n == 1 {
				return notifytest.Lost
			}
			return notifytest.None
		}
		_, err := h.Worker(h.r).Once(h.Context())
		h.must(err)
		if got := h.states(batch); got[message.Sending] != 1 {
			h.Fatalf("states: %v", got)
		}
		h.work(2)
		if got := h.states(batch); got[message.Delivered] != 1 || len(h.carrier.Taken()) != 1 {
			h.Errorf("states %v, taken %d", got, len(h.carrier.Taken()))
		}
	})
}

// mute is a carrier that takes messages, never answers, and cannot say.
type mute struct{ taken atomic.Int64 }

func (m *mute) Name() string                { return "the mute one" }
func (m *mute) Carries(notify.Channel) bool { return true }
func (m *mute) Send(context.Context, notify.Note) (notify.Answer, error) {
	m.taken.Add(1)
	return notify.Answer{}, fmt.Errorf("no answer")
}
func (m *mute) Ask(context.Context, notify.Channel, string) (notify.Answer, error) {
	return notify.Answer{}, notify.ErrCannotSay
}

func TestAPersonDecidesWhatNobodyCanSay(t *testing.T) {
	onBoth(t, func(h *house) {
		m := &mute{}
		h.Desk.Carriers = []notify.Carrier{m}
		wren, robin := h.add("Wren", "07700 900001"), h.add("Robin", "07700 900002")
		batch := h.sendTo(h.text("Hi ((first name))"), wren, robin)
		h.work(3)
		if got := h.states(batch); got[message.Unsure] != 2 || m.taken.Load() != 2 {
			h.Fatalf("states %v, taken %d", got, m.taken.Load())
		}
		open, err := h.NotSure(h.Context(), h.officer)
		h.must(err)
		h.must(h.Decide(h.Context(), h.officer, open[0].Ref, true, ""))
		if err := h.Decide(h.Context(), h.officer, open[0].Ref, false, ""); err == nil {
			h.Error("decided twice")
		}
		h.must(h.Decide(h.Context(), h.officer, open[1].Ref, false, ""))
		h.Desk.Carriers = []notify.Carrier{&notify.Folder{Dir: h.TempDir()}}
		h.pass(2 * time.Hour)
		h.work(1)
		if got := h.states(batch); got[message.Sent] != 1 || got[message.Delivered] != 1 {
			h.Errorf("states %v", got)
		}
		if len(h.life(wren).Contacts) != 1 || len(h.life(robin).Contacts) != 1 {
			h.Error("the contacts are not on the records")
		}
	})
}

func TestStoppedAfterItWasQueued(t *testing.T) {
	onBoth(t, func(h *house) {
		night := time.Date(2026, 11, 10, 22, 30, 0, 0, time.UTC)
		h.at.Store(&night)
		wren, robin := h.add("Wren", "07700 900001"), h.add("Robin", "07700 900002")
		batch := h.sendTo(h.text("Hi ((first name))"), wren, robin)
		h.work(1)
		if got := h.states(batch); got[message.Queued] != 2 {
			h.Errorf("at night: %v", got)
		}
		h.must(h.StopMessages(h.Context(), h.officer, wren, "", "told us", ""))
		h.work(11)
		if got := h.states(batch); got[message.Stopped] != 1 || got[message.Delivered] != 1 || len(h.carrier.Taken()) != 1 {
			h.Errorf("in the morning: %v", got)
		}
		kept, err := h.Of(h.Context(), h.officer, wren)
		h.must(err)
		if len(kept.Unwanted) != 1 || kept.Rows[0].State != message.Stopped {
			h.Errorf("kept: %+v", kept)
		}
		h.must(h.AllowMessages(h.Context(), h.officer, wren, kept.Unwanted[0].ID, kept.Unwanted[0].KnownFrom, ""))
		if kept, _ = h.Of(h.Context(), h.officer, wren); len(kept.Unwanted) != 0 {
			h.Error("it is still not wanted")
		}
	})
}

func TestEmailsAndLetters(t *testing.T) {
	onBoth(t, func(h *house) {
		wren := h.add("Wren", "")
		h.must(h.Record.SetReach(h.Context(), h.officer, wren, 0, youngperson.Reach{Kind: youngperson.Email, Value: "wren@example.org"}, 0, told()))
		h.sendTo(h.template(message.Template{Channel: notify.Letter, Name: "A letter", Subject: "What are you doing now?", Body: "Dear ((first name))"}), wren)
		h.sendTo(h.template(message.Template{Channel: notify.Email, Name: "A mail", Subject: "What are you doing now?", Body: "Dear ((first name))"}), wren)
		h.work(1)
		taken := h.carrier.Taken()
		slices.SortFunc(taken, func(a, b notifytest.Message) int { return strings.Compare(string(a.Channel), string(b.Channel)) })
		if len(taken) != 2 || taken[0].To != "wren@example.org" || strings.Join(taken[1].Address, "|") != "Wren Larkmoor|9 Kite Street|Saltmarsh|ZZ1 1AA" {
			h.Errorf("taken: %+v", taken)
		}
	})
}

// TestALetterStopsWhenTheAddressIsProtected: one that was asked for before is shown
// to whoever may see the address, and goes when they ask for it.
func TestALetterStopsWhenTheAddressIsProtected(t *testing.T) {
	onBoth(t, func(h *house) {
		wren := h.add("Wren", "07700 900001")
		letter := h.template(message.Template{Channel: notify.Letter, Name: "A letter", Subject: "What are you doing now?", Body: "Dear ((first name))"})
		batch, text := h.sendTo(letter, wren), h.sendTo(h.text("Hi ((first name))"), wren)
		may := h.officer
		may.Account, may.Ref = 9001, "account:grace"
		h.must(h.DB.InTx(h.Context(), func(tx *db.Tx) error {
			for _, q := range []string{`INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by) VALUES ($1, 9001, 'grace', 'grace', 'Grace Manager', '', FALSE, 1)`,
				`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from)
				SELECT $1, 9002, 'x', s.young_person, 'protected address', '', 9001, '2027-01-01', 0, 1000000 FROM standing s WHERE s.register = $1`} {
				if _, err := tx.Exec(q, int64(h.r)); err != nil {
					return err
				}
			}
			return nil
		}))
		h.work(1)
		if got := h.states(batch); got[message.Stopped] != 1 || h.states(text)[message.Delivered] != 1 || len(h.carrier.Taken()) != 1 {
			h.Fatalf("the letter: %v, %+v", got, h.carrier.Taken())
		}
		if seen, err := h.StoppedLetters(h.Context(), h.officer); err != nil || len(seen) != 0 {
			h.Errorf("somebody who may not see the address is shown %+v, %v", seen, err)
		}
		seen, err := h.StoppedLetters(h.Context(), may)
		if h.must(err); len(seen) != 1 || seen[0].Why != message.ProtectedSince || seen[0].Name == "" {
			h.Fatalf("who may see the address is shown %+v", seen)
		}
		h.must(h.DB.InTx(h.Context(), func(tx *db.Tx) error { // the restriction as it came to be, not in a million acts
			_, err := tx.Exec("UPDATE restriction SET known_from = 1 WHERE register = $1", int64(h.r))
			return err
		}))
		h.officer = may
		h.sendTo(letter, wren)
		h.work(1)
		if taken := h.carrier.Taken(); len(taken) != 2 || taken[1].Channel != notify.Letter {
			h.Errorf("asked for anew, the letter has not gone: %+v", taken)
		}
		if seen, err := h.StoppedLetters(h.Context(), may); err != nil || len(seen) != 0 {
			h.Errorf("it still waits: %+v, %v", seen, err)
		}
	})
}

func TestPartsOfATextAndNumbers(t *testing.T) {
	for text, want := range map[string]int{"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2, strings.Repeat("ŵ", 70): 1, strings.Repeat("ŵ", 71): 2, strings.Repeat("a", 70) + "ŵ": 2, strings.Repeat("😀", 35): 1, strings.Repeat("😀", 36): 2} {
		if got, _ := message.Parts(text); got != want {
			t.Errorf("%d letters of %.3q are %d parts, want %d", len([]rune(text)), text, got, want)
		}
	}
	for typed, want := range map[string]string{"07700 900123": "07700900123", "+44 7700 900123": "07700900123", "+44 (0)7700 900123": "07700900123", "0044 7700 900123": "07700900123", "447700900123": "07700900123",
		"01632 960123": "", "07700 90012": "", "07700 9001234": "", "call mum": "", "": "", "07700900123 x2": "", "+33 6 12 34 56 78": ""} {
		if got, ok := message.Mobile(typed); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v; want %q", typed, got, ok, want)
		}
	}
}

// TestNightsWithTheClocksChanged: eight in the morning is eight in London, on
// the nights on which the clocks go on and back too.
func TestNightsWithTheClocksChanged(t *testing.T) {
	for now, want := range map[string]string{
		"2026-11-10T12:00:00Z": "2026-11-10T12:00:00Z",
		"2026-11-10T19:59:59Z": "2026-11-10T19:59:59Z",
		"2026-11-10T20:00:00Z": "2026-11-11T08:00:00Z",
		"2026-10-24T21:00:00Z": "2026-10-25T08:00:00Z", // the clocks go back that night
		"2026-10-25T00:30:00Z": "2026-10-25T08:00:00Z", // half past one, the first time
		"2026-10-25T01:30:00Z": "2026-10-25T08:00:00Z", // and the second
		"2026-03-28T21:00:00Z": "2026-03-29T07:00:00Z", // and on
		"2026-07-01T06:59:00Z": "2026-07-01T07:00:00Z",
		"2026-07-01T07:00:00Z": "2026-07-01T07:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := message.Opens(notify.Text, at).UTC().Format(time.RFC3339); got != want {
			t.Errorf("at %s texts go from %s, want %s", now, got, want)
		}
		if !message.Opens(notify.Email, at).Equal(at) {
			t.Error("e-mails wait for the morning")
		}
	}
}

func everybody() *list.Question { q, _ := list.Parse(nil); return &q }

// letters tell invented people apart.
func letters(i int) string { return string([]rune{rune('a' + i/26), rune('a' + i%26)}) }
