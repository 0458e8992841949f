package record

import (
	"errors"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// call is a telephone call of today.
func (r room) call(outcome string) Spoken {
	return Spoken{Made: contact.Made{On: r.Today(), Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: outcome}}}
}

func (r room) acts() int {
	r.t.Helper()
	var n int
	r.must(r.DB.Read(r.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT last_act FROM register WHERE id = $1`, int64(r.officer.Register)).Scan(&n)
	}))
	return n
}

// What came of a call is one act: the contact, its evidence, and what follows.
func TestContactAndWhatFollowsIsOneAct(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		c := r.call(contact.Changed)
		c.Now = NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"), PredictedEnd: civil.MustParse("2028-07-07"), EstablishmentName: "Larkfield"}
		before := r.acts()
		r.must(r.RecordContact(ctx, r.officer, ref, c, "one-key"))
		see := r.see(ref)
		if r.acts() != before+1 || len(see.Life.Contacts) != 1 || see.View.Spell == nil || see.View.Spell.Is.Activity != "220" {
			t.Fatalf("%d acts, %d contacts, now %v", r.acts()-before, len(see.Life.Contacts), see.View.Spell)
		}
		made := see.Life.Contacts[0]
		if made.Is.By != "account:officer" || made.Is.ByName != "Officer" || made.Evidence != see.View.Spell.Evidence || made.Evidence != see.Life.Verifications[0].Evidence {
			t.Errorf("the contact %+v, the activity rests on %d", made, see.View.Spell.Evidence)
		}
		if s := see.Sources[made.Evidence]; s.Kind != act.Telephone || s.Grade != act.SaidByPerson || s.SaidBy != contact.Person {
			t.Errorf("the contact is evidence as %+v", s)
		}
		if err := r.RecordContact(ctx, r.officer, ref, c, "one-key"); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("a second press: %v", err)
		}
		c = r.call(contact.Confirmed)
		c.WithWhom, c.Seen, c.How = contact.Family, see.View.Spell.KnownFrom, contact.Visit
		r.must(r.RecordContact(ctx, r.officer, ref, c, ""))
		see = r.see(ref)
		if len(see.Life.Verifications) != 2 || len(see.Life.Spells) != 1 {
			t.Errorf("%d confirmations of %d activities", len(see.Life.Verifications), len(see.Life.Spells))
		}
		if s := see.Sources[see.Life.Verifications[1].Evidence]; s.Kind != act.Visit || s.Grade != act.SaidByFamily {
			t.Errorf("a mother at the door is evidence as %+v", s)
		}
		if r.row().LapsesOn.IsZero() {
			t.Error("the standing was not rewritten")
		}
	})
}

// What cannot be so is refused, by the name of its field, and leaves nothing.
func TestContactsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		r.must(r.RecordActivity(ctx, r.officer, ref, NewSpell{Activity: "810", Started: civil.MustParse("2026-09-01")}, 0, told()))
		held := r.see(ref)
		before := r.acts()
		with := func(change func(*Spoken)) Spoken { c := r.call(contact.NoAnswer); change(&c); return c }
		for _, one := range []struct {
			field string
			c     Spoken
		}{
			{"contact-how", with(func(c *Spoken) { c.How = "pigeon" })},
			{"contact-outcome", with(func(c *Spoken) { c.Outcome = "" })},
			{"contact-outcome", with(func(c *Spoken) { c.Outcome = "spoke at length" })},
			{"contact-outcome", with(func(c *Spoken) { c.Outcome = contact.Sent })},
			{"contact-with", with(func(c *Spoken) { c.WithWhom = "their cat" })},
			{"contact-with", with(func(c *Spoken) { c.WithWhom, c.Outcome = contact.Nobody, contact.Reached })},
			{"contact-on", with(func(c *Spoken) { c.On = r.Today().AddDays(1) })},
			{"contact-at", with(func(c *Spoken) { c.At = "25:00" })},
			{"contact-minutes", with(func(c *Spoken) { c.Minutes = -1 })},
			{"contact-next-on", with(func(c *Spoken) { c.NextOn = "2020-01-01" })},
			{"activity", with(func(c *Spoken) { c.Outcome, c.Seen = contact.Changed, Seen(held.View.Spell) })},
			{"contact-outcome", with(func(c *Spoken) { c.Outcome, c.Seen = contact.Confirmed, Seen(held.View.Spell) })}, // that nobody knows is nothing to confirm
			{"predicted-end", with(func(c *Spoken) {
				c.Outcome, c.Seen, c.Now = contact.Changed, Seen(held.View.Spell), NewSpell{Activity: "220", Started: r.Today()}
			})},
		} {
			err := r.RecordContact(ctx, r.officer, ref, one.c, "")
			var wrong field.Errors
			if !errors.As(err, &wrong) || wrong[0].Field != one.field {
				t.Errorf("%+v is answered %v, want a complaint about %s", one.c, err, one.field)
			}
		}
		changed := r.call(contact.Changed)
		changed.Now = NewSpell{Activity: "540", Started: r.Today()}
		if err := r.RecordContact(ctx, r.officer, ref, changed, ""); !errors.As(err, new(db.Conflict)) {
			t.Errorf("what somebody else recorded meanwhile is written over: %v", err)
		}
		commissioner := access.Actor{Register: r.officer.Register, Ref: "account:c", Roles: []access.Role{access.Commissioner}}
		if err := r.RecordContact(ctx, commissioner, ref, r.call(contact.NoAnswer), ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("a commissioner: %v", err)
		}
		if see := r.see(ref); r.acts() != before || len(see.Life.Contacts) != 0 || see.View.Spell.Is.Activity != "810" {
			t.Errorf("refused contacts left %d acts and %d contacts", r.acts()-before, len(see.Life.Contacts))
		}
	})
}

// A course whose expected end has passed is not confirmed, by a contact or by
// itself: it would be settled, and count as not known all the same.
func TestAnEndedCourseIsNotConfirmed(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		spell := NewSpell{Activity: "220", Started: civil.MustParse("2025-09-01"), Ascertained: civil.MustParse("2025-09-10"), PredictedEnd: civil.MustParse("2026-07-31")}
		r.must(r.RecordActivity(ctx, r.officer, ref, spell, 0, told()))
		seen, before := Seen(r.see(ref).View.Spell), r.acts()
		same := r.call(contact.Confirmed)
		same.Seen = seen
		for _, err := range []error{r.RecordContact(ctx, r.officer, ref, same, ""), r.ConfirmActivity(ctx, r.officer, ref, Still{On: r.Today()}, seen, told())} {
			var wrong field.Errors
			if !errors.As(err, &wrong) || !strings.Contains(wrong[0].Message, "31 July 2026") {
				t.Errorf("an ended course is confirmed: %v", err)
			}
		}
		if r.acts() != before {
			t.Error("something was kept of it")
		}
	})
}

// A correction is another version: what was said first can still be read, and
// who sees no notes writes over none.
func TestCorrectContact(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		c := r.call(contact.NoAnswer)
		c.Note = "rang twice"
		r.must(r.RecordContact(ctx, r.officer, ref, c, ""))
		first := r.see(ref).Life.Contacts[0]
		m := c.Made
		m.Outcome, m.Note = contact.MessageLeft, ""
		centre := access.Actor{Register: r.officer.Register, Ref: "account:centre", Name: "Centre", Roles: []access.Role{access.ContactCentre}}
		r.must(r.CorrectContact(ctx, centre, ref, first.ID, m, first.KnownFrom, ""))
		now := r.see(ref).Life.Contacts[0]
		if now.Is.Outcome != contact.MessageLeft || now.Is.Note != "rang twice" || now.Is.ByName != "Officer" || now.ID != first.ID {
			t.Errorf("corrected to %+v", now)
		}
		if err := r.CorrectContact(ctx, r.officer, ref, first.ID, m, first.KnownFrom, ""); !errors.As(err, new(db.Conflict)) {
			t.Errorf("a correction of what is held no longer: %v", err)
		}
		versions := 0
		r.must(r.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM contact WHERE register = $1 AND id = $2`, int64(r.officer.Register), int64(first.ID)).Scan(&versions)
		}))
		if versions != 2 {
			t.Errorf("%d versions are kept, want 2", versions)
		}
	})
}

// Many contacts are one act, each with evidence of its own.
func TestManyContacts(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx := t.Context()
		var people []id.YoungPerson
		for _, name := range []string{"Robin", "Linnet", "Finch"} {
			ref, err := r.Add(ctx, r.officer, NewPerson{Name: youngperson.Name{Given: name, Family: "Sedge"}, Born: civil.MustParse("2009-01-09"), Gender: "F", Ethnicity: "WBRI",
				Address: youngperson.Address{Line1: "1 Reed Way", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, told())
			r.must(err)
			people = append(people, r.see(ref).Life.Person.ID)
		}
		before := r.acts()
		r.must(r.DB.InTx(ctx, func(tx *db.Tx) error {
			a, err := act.Begin(tx, r.officer, access.RecordActivity, 0, act.Request{Reason: "texts"})
			if err != nil {
				return err
			}
			var many []Spoken
			for i, yp := range people {
				c := r.call(contact.Sent)
				c.YoungPerson, c.How, c.Behind, c.BehindID = yp, contact.Text, contact.Message, int64(i+1)
				many = append(many, c)
			}
			return r.RecordContacts(tx, a, many)
		}))
		var contacts, evidence, acts int
		r.must(r.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(*), count(DISTINCT evidence), count(DISTINCT known_from) FROM contact WHERE register = $1 AND behind = 'message'`, int64(r.officer.Register)).Scan(&contacts, &evidence, &acts)
		}))
		if contacts != 3 || evidence != 3 || acts != 1 || r.acts() != before+1 {
			t.Errorf("%d contacts on %d pieces of evidence by %d acts", contacts, evidence, acts)
		}
	})
}
