package record

import (
	"context"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/youngperson"
)

// RecordOptOut writes that the young person, or a parent, has told us to pass
// nothing on, from a day. From 16 on they say so themselves, before that a
// parent does (Education and Skills Act 2008, sections 14 and 72): who else says
// so needs a decision that they may, in words. It needs access.RecordOptOut and
// returns field.Errors and act.ErrRepeated.
func (s *Service) RecordOptOut(ctx context.Context, by access.Actor, ref id.Ref, from civil.Date, o youngperson.OptOut, told Told) error {
	trim(&o.Feed, &o.SaidName, &o.Competence)
	var wrong field.Errors
	if from.IsZero() || from.After(s.Today()) {
		wrong.Add("opt-out-from", "Enter the day from which they opt out, today or earlier")
	}
	if !slices.Contains([]string{youngperson.OptOutBeyond, youngperson.OptOutAll}, o.Scope) {
		wrong.Add("opt-out-scope", "Select what is not to be passed on")
	}
	if !slices.Contains([]string{youngperson.SaidByPerson, youngperson.SaidByParent}, o.SaidBy) {
		wrong.Add("opt-out-by", "Select who said so")
	}
	if wrong != nil {
		return wrong
	}
	return s.change(ctx, by, access.RecordOptOut, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		if wrong := s.maySayNo(l, from, o); wrong != nil {
			return wrong
		}
		for _, held := range l.OptOuts {
			if held.Ended == "" && held.Is.Scope == o.Scope && held.Is.Feed == o.Feed {
				return field.Errors{{Field: "opt-out-scope", Message: "This opt-out is recorded already, from " + held.Started + ". End it first, or choose another"}}
			}
		}
		_, err := youngperson.OptOuts.New(tx, a, l.Person.ID, from.String(), o)
		return err
	})
}

// maySayNo asks for the decision where the age alone does not say who may.
func (s *Service) maySayNo(l *life.Life, from civil.Date, o youngperson.OptOut) error {
	if o.Competence != "" {
		return nil
	}
	born := civil.Date{}
	if p := life.InForce(l.Particulars, s.Today()); p != nil {
		born = Day(p.Is.DOB)
	}
	message := ""
	switch age := civil.Age(born, from); {
	case born.IsZero():
		message = "There is no date of birth on the record. Say how it was decided that they may opt out"
	case age >= 16 && o.SaidBy == youngperson.SaidByParent:
		message = "From 16 on the young person says so themselves. Say why the parent speaks for them"
	case age < 16 && o.SaidBy == youngperson.SaidByPerson:
		message = "Before 16 a parent says so. Say how it was decided that the young person may"
	default:
		return nil
	}
	return field.Errors{{Field: "opt-out-competence", Message: message}}
}

// EndOptOut ends an opt-out with a day, its last. seen is the version that the
// form showed. It needs access.RecordOptOut.
func (s *Service) EndOptOut(ctx context.Context, by access.Actor, ref id.Ref, which id.Fact, last civil.Date, seen id.Act, told Told) error {
	if last.IsZero() || last.After(s.Today()) {
		return field.Errors{{Field: "opt-out-until", Message: "Enter the last day of the opt-out, today or earlier"}}
	}
	return s.change(ctx, by, access.RecordOptOut, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return endOne(tx, a, youngperson.OptOuts, l.OptOuts, which, last, seen)
	})
}

// endOne ends one of several facts of a kind.
func endOne[T any](tx *db.Tx, a *act.Act, t fact.Table[T], held []fact.Of[T], which id.Fact, last civil.Date, seen id.Act) error {
	for _, f := range held {
		if f.ID != which || f.KnownFrom != seen {
			continue
		}
		next := f
		next.Ended = last.String()
		return t.Replace(tx, a, f.Version, next)
	}
	return db.Conflict{What: "this young person's " + t.What}
}

// RestrictProcessing keeps the record and stops its use, from a day (UK GDPR,
// article 18). It needs access.RestrictProcessing.
func (s *Service) RestrictProcessing(ctx context.Context, by access.Actor, ref id.Ref, from civil.Date, r youngperson.Restriction, told Told) error {
	trim(&r.Reason, &r.Request)
	var wrong field.Errors
	if from.IsZero() || from.After(s.Today()) {
		wrong.Add("restricted-from", "Enter the day from which it is restricted, today or earlier")
	}
	if !slices.Contains(youngperson.Grounds(), r.Ground) {
		wrong.Add("restricted-ground", "Select the ground")
	}
	if wrong != nil {
		return wrong
	}
	return s.change(ctx, by, access.RestrictProcessing, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		if life.InForce(l.Restrictions, s.Today()) != nil {
			return field.Errors{{Field: "restricted-ground", Message: "It is restricted already"}}
		}
		_, err := youngperson.Restrictions.New(tx, a, l.Person.ID, from.String(), r)
		return err
	})
}

// LiftRestriction ends a restriction of processing with a day, its last. The
// young person is told before (article 18(3)): told says how. It needs
// access.RestrictProcessing.
func (s *Service) LiftRestriction(ctx context.Context, by access.Actor, ref id.Ref, which id.Fact, last civil.Date, seen id.Act, told Told) error {
	if last.IsZero() || last.After(s.Today()) {
		return field.Errors{{Field: "restricted-until", Message: "Enter the last day of the restriction, today or earlier"}}
	}
	return s.change(ctx, by, access.RestrictProcessing, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return endOne(tx, a, youngperson.Restrictions, l.Restrictions, which, last, seen)
	})
}

// NoteDisagreement writes beside what is held that the young person, or a
// parent, does not agree with it. It needs access.CorrectPerson.
func (s *Service) NoteDisagreement(ctx context.Context, by access.Actor, ref id.Ref, d youngperson.Disagreement, told Told) error {
	d.Words = strings.TrimSpace(d.Words)
	trim(&d.About, &d.Request)
	var wrong field.Errors
	if d.About == "" {
		wrong.Add("disagree-about", "Select what they do not agree with")
	}
	if d.Words == "" {
		wrong.Add("disagree-words", "Write what they say, in their words")
	}
	if wrong != nil {
		return wrong
	}
	return s.change(ctx, by, access.CorrectPerson, ref, told, nil, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		_, err := youngperson.Disagreements.New(tx, a, l.Person.ID, s.Today().String(), d)
		return err
	})
}
