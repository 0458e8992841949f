package demo

import (
	"strings"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/need"
)

// studies is a course: in a sixth form of two years, in a college of one or
// two.
func (t *teller) studies(m civil.Month) activity.Spell {
	p, r := t.p, t.r
	from := sixthForms()
	if p.plan && chance(r, 0.55) {
		from = specials()
	}
	in := choose(r, from)
	if in.activity == "210" && m.First().AcademicYear() > p.final+2 {
		in = specials()[2] // school ends at 19; the college goes on
	}
	end := m.First().AcademicYear().End()
	if m.First().AcademicYear() == p.final+1 && (in.activity != "230" || chance(r, 0.55)) {
		end = end.AddYears(1)
	}
	s := activity.Spell{Activity: in.activity, PredictedEnd: end.String(), EstablishmentNumber: in.number, EstablishmentName: in.name, UKPRN: in.ukprn}
	if p.Statuses[0].Is.EducatedLA != Code && s.Activity == "230" {
		s.EstablishmentNumber, s.EstablishmentName, s.UKPRN = "", "Moorside and District College", "19950061"
	}
	return s
}

// neetSpell is one of the reasons for being NEET, with what it needs.
func (t *teller) neetSpell(g *going, on civil.Date) activity.Spell {
	p, r := t.p, t.r
	s := activity.Spell{Activity: "619"}
	switch x := r.IntN(1000); {
	case x < 570:
	case x < 690:
		s.Activity = "640"
	case x < 790:
		s.Activity = "610"
	case x < 840:
		s.Activity = "615"
	case x < 900:
		s.Activity = "616"
		g.until = on.AddDays(40 + r.IntN(50))
		s.Review = g.until.String()
	case x < 920:
		s.Activity = "540"
	case x < 940:
		s.Activity = "680"
	case x < 950 && p.plan:
		s.Activity = "670"
	case x < 975:
		s.Activity = "620"
		t.characteristic("140")
	case x < 990 && p.gender == "F":
		s.Activity = "630"
		t.characteristic("120")
	}
	return s
}

// characteristic tells one, unless it is held already.
func (t *teller) characteristic(code string) {
	if newest(t.p.Characteristics, func(c *need.Characteristic) bool { return c.Code == code }) < 0 {
		tell(t, &t.p.Characteristics, civil.Date{}, need.Characteristic{Code: code})
	}
}

// other is any state that is neither full-time study nor NEET.
func (t *teller) other(g *going, on civil.Date) activity.Spell {
	r := t.r
	employer := activity.Spell{EstablishmentName: pick(r, list(employers))}
	switch g.state {
	case apprentice:
		s := employer
		s.Activity = "310"
		if in := choose(r, trainers()[:2]); chance(r, 0.6) {
			s.UKPRN = in.ukprn
		}
		return s
	case training:
		in := choose(r, trainers()[:2])
		s := activity.Spell{Activity: "410", EstablishmentNumber: in.number, EstablishmentName: in.name, UKPRN: in.ukprn}
		switch {
		case t.p.plan && chance(r, 0.3):
			s.Activity = "460"
		case chance(r, 0.08):
			s.Activity = "430"
		}
		g.until = on.AddMonths(9 + r.IntN(3))
		s.PredictedEnd = g.until.String()
		return s
	case partTime:
		end := on.AcademicYear().End()
		return activity.Spell{Activity: "250", PredictedEnd: end.String(), EstablishmentNumber: "9958001", EstablishmentName: "Gullhaven College", UKPRN: "19950043"}
	case workAndStudy:
		s := employer
		s.Activity = pick(r, []string{"320", "320", "320", "381"})
		if s.Activity == "381" {
			s.EstablishmentName = ""
		}
		return s
	case job:
		s := employer
		s.Activity = pick(r, []string{"330", "330", "360", "340", "360"})
		return s
	case temporary:
		s := employer
		s.Activity = "350"
		g.until = on.AddDays(50 + r.IntN(60))
		s.Review = g.until.String()
		return s
	case reengaged:
		in := trainers()[2]
		return activity.Spell{Activity: "530", EstablishmentName: in.name, UKPRN: in.ukprn}
	case custody:
		g.until = on.AddDays(60)
		return activity.Spell{Activity: "290", Review: g.until.String(), PredictedEnd: on.AddDays(150).String(), EstablishmentName: "Education in custody"}
	}
	return activity.Spell{Activity: pick(r, []string{"810", "810", "820", "830"})}
}

// contact tells the contact that a fact rests on, with a note.
func (t *teller) contact(s state) {
	e := t.p.Told[len(t.p.Told)-1]
	who, notes := e.SaidBy, note(s)
	c := contact.Contact{How: e.Kind, WithWhom: who, Outcome: "reached", Note: pick(t.r, notes), ByName: t.w.Cast[firstAdviser+t.p.adviser].Name}
	if s == unknown {
		c.Outcome = "no answer"
	}
	given := t.p.Legal().Given
	c.Note = strings.ReplaceAll(c.Note, "NAME", given)
	tell(t, &t.p.Contacts, t.day, c)
}

// note is what an adviser might write: what the young person wants, in words
// that they could read.
func note(s state) []string {
	switch s {
	case neet:
		return []string{
			"NAME is looking for something practical. We agreed to visit the college's open evening together.",
			"NAME would like to work with animals. I am asking the land studies college about a start in January.",
			"NAME is waiting to hear about two applications and will text me when there is news.",
			"Things are difficult at home at the moment. NAME asked me to call again in two weeks.",
			"NAME has been unwell and is getting better. We talked about a gentle way back into learning.",
			"We wrote a CV together. NAME was pleased with it and is sending it to three employers.",
			"NAME came to the drop-in and looked at apprenticeships in childcare and in joinery.",
			"NAME finds large groups hard; we talked about smaller courses and who could go along on the first day.",
		}
	case apprentice:
		return []string{"NAME enjoys the apprenticeship and has passed the first unit.", "NAME's employer is pleased. Nothing needed from us for now."}
	case job, workAndStudy, temporary:
		return []string{
			"NAME is working and likes the team. We talked about training that would fit around the shifts.",
			"NAME has more hours now and is saving for driving lessons. Interested in an apprenticeship later.",
			"NAME's manager may offer a place on a course next year.",
		}
	case reengaged:
		return []string{"NAME goes to Second Tide three days a week and has not missed a session.", "NAME is building up to full days and is proud of the boat they are repairing."}
	case unknown:
		return []string{"No answer on either number; left a message saying who I am and when I will try again.", "Wrote to the last address with a card for the drop-in."}
	}
	return []string{"NAME is settled and says the course is right.", "NAME confirmed by text that nothing has changed.", "A parent confirmed that NAME is attending."}
}
