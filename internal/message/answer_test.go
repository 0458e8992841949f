package message_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/message"
	"waymark/internal/record"
	"waymark/internal/seal"
)

var born = civil.Must(2009, 3, 27)

// token is that of the link which the last message held.
func (h *house) token() string {
	h.Helper()
	taken := h.carrier.Taken()
	body := taken[len(taken)-1].Body
	_, after, ok := strings.Cut(body, message.LinkPath(h.r, ""))
	if !ok {
		h.Fatalf("there is no link in %q", body)
	}
	return strings.Fields(after)[0]
}

func (h *house) waiting() []message.Answer {
	h.Helper()
	all, err := h.Answers(h.Context(), h.officer)
	h.must(err)
	return all
}

func TestSelfReport(t *testing.T) {
	onBoth(t, func(h *house) {
		wren := h.add("Wren", "07700 900001")
		h.sendTo(h.text("Hi ((first name)). Tell us: ((link)) Thank you"), wren)
		h.work(1)
		token := h.token()
		if err := h.Open(h.Context(), h.r, token, civil.Must(2009, 3, 28)); !errors.Is(err, message.ErrLink) {
			h.Errorf("another's birth date: %v", err)
		}
		if err := h.Open(h.Context(), h.r, string(id.NewRef()), born); !errors.Is(err, message.ErrLink) {
			h.Errorf("a link that was never made: %v", err)
		}
		h.must(h.Open(h.Context(), h.r, token, born))
		h.must(h.Open(h.Context(), h.r, token, born)) // looking does not use it up
		said := message.Said{Doing: message.AtCollege, Where: "Saltmarsh  College", Since: "September", Help: true, HelpWith: "my maths"}
		if err := h.Tell(h.Context(), h.r, token, born, message.Said{Doing: "king"}); err == nil || errors.Is(err, message.ErrLink) {
			h.Errorf("what nobody offered: %v", err)
		}
		h.must(h.Tell(h.Context(), h.r, token, born, said))
		if err := h.Tell(h.Context(), h.r, token, born, said); !errors.Is(err, message.ErrLink) {
			h.Errorf("a link used twice: %v", err)
		}
		all := h.waiting()
		if len(all) != 1 || all[0].Source != message.BySelfReport || all[0].Whose[0].Ref != wren || all[0].Whose[0].Told.Where != "Saltmarsh College" {
			h.Fatalf("waiting: %+v", all)
		}
		var stored, links string
		h.must(h.DB.Read(h.Context(), func(tx *db.Tx) error {
			if err := tx.QueryRow("SELECT words FROM answer_person WHERE register = $1", int64(h.r)).Scan(&stored); err != nil {
				return err
			}
			return tx.QueryRow("SELECT hash FROM self_report_link WHERE register = $1", int64(h.r)).Scan(&links)
		}))
		if seal.KeyOf(stored) == "" || strings.Contains(links, token) {
			h.Errorf("stored as %q under %q", stored, links)
		}
		if n := len(h.life(wren).Spells); n != 0 {
			h.Errorf("%d activities were recorded by nobody", n)
		}
		now := record.Spoken{Now: record.NewSpell{Activity: "230", Started: civil.Must(2026, 9, 7), PredictedEnd: civil.Must(2028, 7, 7), EstablishmentName: "Saltmarsh College"}}
		now.Outcome = contact.Changed
		wrongIn(h.T, h.Use(h.Context(), h.officer, all[0].Ref, id.NewRef(), now, ""), "whose")
		h.must(h.Use(h.Context(), h.officer, all[0].Ref, wren, now, ""))
		if err := h.Use(h.Context(), h.officer, all[0].Ref, wren, now, ""); err == nil {
			h.Error("an answer was used twice")
		}
		l := h.life(wren)
		made := l.Contacts[len(l.Contacts)-1].Is
		if len(l.Spells) != 1 || l.Spells[0].Is.Activity != "230" || made.How != contact.Online || made.Direction != contact.In || !strings.Contains(made.Words, "my maths") {
			h.Errorf("spells %+v, contact %+v", l.Spells, made)
		}
		h.must(h.DB.Read(h.Context(), func(tx *db.Tx) error {
			var kind string
			err := tx.QueryRow("SELECT kind FROM evidence WHERE register = $1 AND id = $2", int64(h.r), int64(l.Spells[0].Evidence)).Scan(&kind)
			if kind != "self-report" {
				h.Errorf("the evidence is %q", kind)
			}
			return err
		}))
		if len(h.waiting()) != 0 {
			h.Error("it still waits")
		}
	})
}

func TestALinkThatIsLateOrTriedTooOften(t *testing.T) {
	onBoth(t, func(h *house) {
		wren := h.add("Wren", "")
		link := func() string {
			path, err := h.NewLink(h.Context(), h.officer, wren, "")
			h.must(err)
			return strings.TrimPrefix(path, message.LinkPath(h.r, ""))
		}
		tried := link()
		for range 5 {
			if err := h.Open(h.Context(), h.r, tried, civil.Must(2009, 1, 1)); !errors.Is(err, message.ErrLink) {
				h.Error(err)
			}
		}
		if err := h.Open(h.Context(), h.r, tried, born); !errors.Is(err, message.ErrLink) {
			h.Errorf("tried five times it opens with the right one: %v", err)
		}
		late := link()
		h.pass(message.LinkDays*24*time.Hour + time.Minute)
		if err := h.Open(h.Context(), h.r, late, born); !errors.Is(err, message.ErrLink) {
			h.Errorf("late: %v", err)
		}
		first, second := link(), link()
		h.must(h.Tell(h.Context(), h.r, second, born, message.Said{Doing: message.Looking}))
		if err := h.Open(h.Context(), h.r, first, born); !errors.Is(err, message.ErrLink) {
			h.Errorf("another link after they have told us: %v", err)
		}
		if err := h.Open(h.Context(), h.r+1, second, born); err == nil {
			h.Error("it opens in another register")
		}
	})
}

func (h *house) came(carrier, from, words string) {
	h.Helper()
	h.pass(time.Second)
	h.must(h.Receive(h.Context(), h.r, message.Incoming{Carrier: carrier, From: from, Words: words}))
}

func TestTextsThatCome(t *testing.T) {
	onBoth(t, func(h *house) {
		wren, robin, jay := h.add("Wren", "07700 900001"), h.add("Robin", "07700 900009"), h.add("Jay", "+44 7700 900009")
		template := h.text("Hi ((first name)), what are you doing now?")
		h.sendTo(template, wren, robin)
		h.work(1)
		h.came("c-1", "447700900001", "I'm at College")
		h.came("c-1", "447700900001", "I'm at College") // told twice
		h.came("c-2", "447700900009", "working")
		h.came("c-3", "447700900777", "who is this")
		all := h.waiting()
		if len(all) != 3 {
			h.Fatalf("waiting: %+v", all)
		}
		if a := all[0]; len(a.Whose) != 1 || a.Whose[0].Ref != wren || a.Whose[0].Told.Doing != message.AtCollege || a.Whose[0].Told.Words != "I'm at College" {
			h.Errorf("the first: %+v", a)
		}
		if a := all[1]; len(a.Whose) != 2 {
			h.Errorf("a number of two: %+v", a)
		}
		if a := all[2]; len(a.Whose) != 0 || a.Unknown != "who is this" {
			h.Errorf("a number of nobody: %+v", a)
		}
		h.must(h.DB.Read(h.Context(), func(tx *db.Tx) error {
			var stored string
			err := tx.QueryRow("SELECT words FROM answer WHERE register = $1 AND carrier = 'c-3'", int64(h.r)).Scan(&stored)
			if stored == "" || strings.Contains(stored, "who is this") {
				h.Errorf("a number of nobody is stored as %q", stored)
			}
			return err
		}))
		spoken := record.Spoken{}
		spoken.Outcome = contact.Reached
		h.must(h.Use(h.Context(), h.officer, all[1].Ref, jay, spoken, ""))
		wrongIn(h.T, h.Refuse(h.Context(), h.officer, all[2].Ref, " ", ""), "reason")
		h.must(h.Refuse(h.Context(), h.officer, all[2].Ref, "nobody we know", ""))
		if n := len(h.life(robin).Contacts); n != 1 {
			h.Errorf("the other of the number has %d contacts", n)
		}
		if got := h.life(jay).Contacts; len(got) != 1 || got[0].Is.How != contact.Text || got[0].Is.Words != "working" {
			h.Errorf("contacts: %+v", got)
		}
		// STOP is done at once, for everybody who has the number.
		h.came("c-4", "07700900009", " Stop. ")
		for _, ref := range []id.Ref{robin, jay} {
			p, err := h.Prepare(h.Context(), h.officer, message.Order{Template: template, People: []id.Ref{ref}})
			h.must(err)
			if p.People != 0 || p.LeftOut[0].Why != message.WantsNone {
				h.Errorf("after STOP: %+v", p)
			}
		}
		if len(h.waiting()) != 1 {
			h.Error("a STOP waits for somebody")
		}
		for _, bad := range []message.Incoming{{From: "07700900001", Words: "x"}, {Carrier: "c", Words: "x"}, {Carrier: strings.Repeat("c", 300), From: "07700900001"}} {
			if err := h.Receive(h.Context(), h.r, bad); err == nil {
				h.Errorf("%+v was taken in", bad)
			}
		}
		h.came("c-5", "07700900001", "\x00\xff"+strings.Repeat("college ", 5000)) // and what is odd is kept within bounds
	})
}

// TestAnswersOfHiddenPeople: who may not know of somebody is told of no answer
// of theirs.
func TestAnswersOfHiddenPeople(t *testing.T) {
	onBoth(t, func(h *house) {
		h.add("Wren", "07700 900001")
		h.came("c-1", "07700900001", "college")
		var key int64
		h.must(h.DB.InTx(h.Context(), func(tx *db.Tx) error {
			if err := tx.QueryRow("SELECT id FROM young_person WHERE register = $1", int64(h.r)).Scan(&key); err != nil {
				return err
			}
			return hide(tx, h.r, key)
		}))
		if all := h.waiting(); len(all) != 0 {
			h.Errorf("told of %+v", all)
		}
	})
}

func TestMeaning(t *testing.T) {
	for text, want := range map[string]message.Doing{
		"college": message.AtCollege, "Hi I'm at college": message.AtCollege, "WORKING!!": message.Working, "looking for work": message.Looking, "in 6th form": message.AtSchool,
		"doing an apprenticeship": message.Apprentice, "nothing": message.Looking, "looking after my baby": message.Caring, "uni": message.AtUniversity, "training": message.InTraining,
		"im ill": message.Unwell, "college and work": message.NothingPlainly, "not at college": message.NothingPlainly, "I left college": message.NothingPlainly, "might go college": message.NothingPlainly,
		"who is this": message.NothingPlainly, "": message.NothingPlainly, "👍": message.NothingPlainly, "homework": message.NothingPlainly, "I dont work": message.NothingPlainly, "collage": message.NothingPlainly,
		"start college in jan": message.NothingPlainly,
	} {
		if got := message.Meaning(text); got != want {
			t.Errorf("%q means %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"STOP": true, " stop ": true, "Stop!": true, "Stop texting me": true, "unsubscribe": true, "I stopped college": false, "stop start": false, "bus stop": false, "": false} {
		if message.IsStop(text) != want {
			t.Errorf("%q asks to stop: %v", text, !want)
		}
	}
}

func FuzzMeaning(f *testing.F) {
	for _, text := range []string{"college", "STOP", "looking for work", "not at college", "\x00\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d := message.Meaning(text); d != message.NothingPlainly && !message.CheckDoing(d) {
			t.Errorf("%q means %q", text, d)
		}
		message.IsStop(text)
		if n, ok := message.Mobile(text); ok && (len(n) != 11 || strings.Trim(n, "0123456789") != "") {
			t.Errorf("%q is the number %q", text, n)
		}
		if parts, _ := message.Parts(text); parts < 1 {
			t.Errorf("%q is %d parts", text, parts)
		}
	})
}

// hide hides a record from everybody but an account that nobody here has.
func hide(tx *db.Tx, r id.Register, yp int64) error {
	if _, err := tx.Exec("INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by) VALUES ($1, 9001, $2, 'owner@example.org', 'An Owner', '', FALSE, 1)", int64(r), string(id.NewRef())); err != nil {
		return err
	}
	_, err := tx.Exec("INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 9002, 'x', $2, 'hidden', '', 9001, '2027-01-01', 0, 1)", int64(r), yp)
	return err
}
