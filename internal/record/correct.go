package record

import (
	"context"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// Each Correct… replaces one group of facts on a record. seen is the version
// that the form showed (Seen). They need access.CorrectPerson and return
// field.Errors for what the Department would refuse, db.Conflict where
// somebody else was first, act.ErrRepeated for a second press.

// CorrectName replaces the legal name.
func (s *Service) CorrectName(ctx context.Context, by access.Actor, ref id.Ref, n youngperson.Name, seen id.Act, told Told) error {
	trim(&n.Given, &n.Middle, &n.Family)
	n.Kind = youngperson.Legal
	owns := owned{nccis.GivenName: "given-name", nccis.MiddleName: "middle-name", nccis.FamilyName: "family-name"}
	return s.change(ctx, by, access.CorrectPerson, ref, told, owns, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return put(tx, a, youngperson.Names, l.Person.ID, l.LegalName(s.Today()), seen, n)
	})
}

// CorrectBirth replaces birth date, gender and ethnic code.
func (s *Service) CorrectBirth(ctx context.Context, by access.Actor, ref id.Ref, born civil.Date, gender, ethnicity string, seen id.Act, told Told) error {
	if wrong := checkBorn(born, s.Today()); wrong != nil {
		return wrong
	}
	owns := owned{nccis.DOB: "date-of-birth", nccis.Gender: "gender", nccis.Ethnicity: "ethnicity"}
	return s.change(ctx, by, access.CorrectPerson, ref, told, owns, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return put(tx, a, youngperson.ParticularsTable, l.Person.ID, life.InForce(l.Particulars, s.Today()), seen,
			youngperson.Particulars{DOB: born.String(), Gender: gender, Ethnicity: ethnicity})
	})
}

func checkBorn(born, today civil.Date) error {
	if born.IsZero() || born.After(today) {
		return field.Errors{{Field: "date-of-birth", Message: "Enter a date of birth that is not in the future, like 27 3 2009"}}
	}
	return nil
}

// CorrectAddress replaces where they live. Use Move where they have moved.
func (s *Service) CorrectAddress(ctx context.Context, by access.Actor, ref id.Ref, to youngperson.Address, seen id.Act, told Told) error {
	to = tidy(to)
	return s.change(ctx, by, access.CorrectPerson, ref, told, addressFields, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		if err := knowsAddress(tx, by, l.Person.ID); err != nil {
			return err
		}
		return put(tx, a, youngperson.Addresses, l.Person.ID, life.InForce(l.Addresses, s.Today()), seen, to)
	})
}

// Move ends the address in force and begins another on the day.
func (s *Service) Move(ctx context.Context, by access.Actor, ref id.Ref, to youngperson.Address, on civil.Date, seen id.Act, told Told) error {
	to = tidy(to)
	if on.IsZero() || on.After(s.Today()) {
		return field.Errors{{Field: "moved-on", Message: "Enter the day they moved, today or earlier"}}
	}
	return s.change(ctx, by, access.CorrectPerson, ref, told, addressFields, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		if err := knowsAddress(tx, by, l.Person.ID); err != nil {
			return err
		}
		old := life.InForce(l.Addresses, s.Today())
		if Seen(old) != seen {
			return db.Conflict{What: "this young person's address"}
		}
		if old != nil {
			ended := *old
			ended.Ended = on.AddDays(-1).String()
			if err := youngperson.Addresses.Replace(tx, a, old.Version, ended); err != nil {
				return err
			}
		}
		_, err := youngperson.Addresses.New(tx, a, l.Person.ID, on.String(), to)
		return err
	})
}

// knowsAddress refuses a change of a protected address by whoever may not see it:
// they would write over what they do not know.
func knowsAddress(tx *db.Tx, by access.Actor, yp id.YoungPerson) error {
	veil, err := access.VeilOf(tx, by)
	if err == nil && veil.Protects(yp) {
		err = field.Errors{{Field: "address-line-1", Message: "The address is protected: tell information governance of the change"}}
	}
	return err
}

var addressFields = owned{nccis.AddressLine1: "address-line-1", nccis.AddressLine2: "address-line-2", nccis.AddressLine3: "address-line-3",
	nccis.AddressLine4: "address-line-4", nccis.Town: "town", nccis.County: "county", nccis.Postcode: "postcode"}

func tidy(a youngperson.Address) youngperson.Address {
	trim(&a.Line1, &a.Line2, &a.Line3, &a.Line4, &a.Town, &a.County, &a.Postcode)
	a.Postcode = Postcode(a.Postcode)
	return a
}

// Postcode writes a postcode as the return wants it: capitals, one space before
// the last three. What does not look like one is left as it is.
func Postcode(s string) string {
	plain := strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if len(plain) < 5 || len(plain) > 7 {
		return s
	}
	return plain[:len(plain)-3] + " " + plain[len(plain)-3:]
}

// Identifiers are the numbers that other bodies gave to a young person; ""
// where there is none.
type Identifiers struct{ ULN, UPN, Previous string }

func (n *Identifiers) check(wrong *field.Errors) {
	trim(&n.ULN, &n.UPN, &n.Previous)
	n.UPN = strings.ToUpper(n.UPN)
	if n.ULN != "" && !nccis.ValidULN(n.ULN) {
		wrong.Add("uln", "Check the ULN: a unique learner number has 10 digits, and these do not agree with their check digit")
	}
	if n.UPN != "" && !nccis.ValidUPN(n.UPN) {
		wrong.Add("upn", "Check the UPN: a unique pupil number has 13 characters, and these do not agree with the letter they begin with")
	}
}

// CorrectIdentifiers replaces the numbers. seen is the newest version among
// those shown (IdentifiersSeen). newID gives a new YoungPersonsID too, for one
// that is malformed or belongs to somebody else; the old one stays in the
// history.
func (s *Service) CorrectIdentifiers(ctx context.Context, by access.Actor, ref id.Ref, n Identifiers, newID bool, seen id.Act, told Told) error {
	var wrong field.Errors
	n.check(&wrong)
	if wrong != nil {
		return wrong
	}
	owns := owned{nccis.UniqueLearnerNo: "uln", nccis.UniquePupilNumber: "upn", nccis.PreviousYPIDIdentifier: "previous"}
	return s.change(ctx, by, access.CorrectPerson, ref, told, owns, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		if IdentifiersSeen(l, s.Today()) != seen {
			return db.Conflict{What: "this young person's identifiers"}
		}
		for scheme, value := range map[string]string{youngperson.ULN: n.ULN, youngperson.UPN: n.UPN, youngperson.Previous: n.Previous} {
			if err := s.setIdentifier(tx, a, l, scheme, value); err != nil {
				return err
			}
		}
		if newID {
			return replaceID(tx, a, l)
		}
		return nil
	})
}

func (s *Service) setIdentifier(tx *db.Tx, a *act.Act, l *life.Life, scheme, value string) error {
	old := l.IdentifierFact(scheme, s.Today())
	switch {
	case old == nil && value == "" || old != nil && old.Is.Value == value:
		return nil
	case old == nil:
		_, err := youngperson.Identifiers.New(tx, a, l.Person.ID, "", youngperson.Identifier{Scheme: scheme, Value: value})
		return err
	case value == "":
		return youngperson.Identifiers.Close(tx, a, old.Version)
	}
	return put(tx, a, youngperson.Identifiers, l.Person.ID, old, old.KnownFrom, youngperson.Identifier{Scheme: scheme, Value: value})
}

// IdentifiersSeen is the newest version among a person's identifiers.
func IdentifiersSeen(l *life.Life, on civil.Date) id.Act {
	newest := id.Act(0)
	for _, scheme := range []string{youngperson.ULN, youngperson.UPN, youngperson.Previous} {
		newest = max(newest, Seen(l.IdentifierFact(scheme, on)))
	}
	return newest
}

// CorrectCohort replaces cohort status and the authorities. A status that is
// new is stated for today; one that stays as it was keeps the day for which it
// was stated, so that changing an authority does not renew it; and none at all
// leaves it to age, plan and authority.
func (s *Service) CorrectCohort(ctx context.Context, by access.Actor, ref id.Ref, c cohort.Status, seen id.Act, told Told) error {
	owns := owned{nccis.CohortStatus: "status", nccis.LeadLEA: "lead-la", nccis.EducatedLEA: "educated-la", nccis.LEACodeAtYear11: "la-at-year-11",
		nccis.TransferredToLACode: "transferred-to", nccis.GuaranteeStatusIndicator: "guarantee-indicator"}
	return s.change(ctx, by, access.CorrectPerson, ref, told, owns, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		old := life.InForce(l.Statuses, s.Today())
		switch {
		case c.Status == "":
			c.StatedOn = ""
		case old != nil && old.Is.Status == c.Status:
			c.StatedOn = old.Is.StatedOn
		default:
			c.StatedOn = s.Today().String()
		}
		return put(tx, a, cohort.Statuses, l.Person.ID, old, seen, c)
	})
}

// CorrectNeed replaces the level of need, the two flags and the
// characteristics. seen is NeedSeen.
func (s *Service) CorrectNeed(ctx context.Context, by access.Actor, ref id.Ref, n need.Need, characteristics []string, seen id.Act, told Told) error {
	owns := owned{nccis.LevelOfNeedCode: "level", nccis.SENDFlag: "send", nccis.SENSupportFlag: "sen-support", nccis.CharacteristicCode: "characteristics"}
	return s.change(ctx, by, access.CorrectPerson, ref, told, owns, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		if NeedSeen(l, s.Today()) != seen {
			return db.Conflict{What: "this young person's level of need or characteristics"}
		}
		old := life.InForce(l.Needs, s.Today())
		if err := put(tx, a, need.Needs, l.Person.ID, old, Seen(old), n); err != nil {
			return err
		}
		return setCharacteristics(tx, a, l, characteristics)
	})
}

func setCharacteristics(tx *db.Tx, a *act.Act, l *life.Life, wanted []string) error {
	missing := map[string]bool{}
	for _, c := range wanted {
		missing[c] = true
	}
	for _, c := range l.Characteristics {
		if missing[c.Is.Code] {
			delete(missing, c.Is.Code)
			continue
		}
		if err := need.Characteristics.Close(tx, a, c.Version); err != nil {
			return err
		}
	}
	for _, c := range wanted {
		if !missing[c] {
			continue
		}
		delete(missing, c)
		if _, err := need.Characteristics.New(tx, a, l.Person.ID, "", need.Characteristic{Code: c}); err != nil {
			return err
		}
	}
	return nil
}

// NeedSeen is the newest version among level of need and characteristics.
func NeedSeen(l *life.Life, on civil.Date) id.Act {
	newest := Seen(life.InForce(l.Needs, on))
	for _, c := range l.Characteristics {
		newest = max(newest, c.KnownFrom)
	}
	return newest
}

// CorrectGuarantee replaces the September Guarantee status and authority in one
// node of one season. It needs access.RecordGuarantee.
func (s *Service) CorrectGuarantee(ctx context.Context, by access.Actor, ref id.Ref, g guarantee.Guarantee, seen id.Act, told Told) error {
	owns := owned{nccis.Year11GuaranteeStatus: "guarantee-status", nccis.Year11LEACode: "guarantee-la"}
	if g.Node == guarantee.Year12 {
		owns = owned{nccis.Year12GuaranteeStatus: "guarantee-status", nccis.Year12LEACode: "guarantee-la"}
	}
	return s.change(ctx, by, access.RecordGuarantee, ref, told, owns, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return put(tx, a, guarantee.Guarantees, l.Person.ID, GuaranteeOf(l, g.Node, g.Season), seen, g)
	})
}

// GuaranteeOf is the guarantee in one node and season, nil where there is none.
func GuaranteeOf(l *life.Life, node string, season int) *fact.Of[guarantee.Guarantee] {
	for i := len(l.Guarantees) - 1; i >= 0; i-- {
		if g := &l.Guarantees[i]; g.Is.Node == node && g.Is.Season == season {
			return g
		}
	}
	return nil
}

// CorrectDestination replaces the intended destination of Year 11.
func (s *Service) CorrectDestination(ctx context.Context, by access.Actor, ref id.Ref, code string, seen id.Act, told Told) error {
	owns := owned{nccis.IntendedDestinationYr11: "destination"}
	return s.change(ctx, by, access.CorrectPerson, ref, told, owns, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return put(tx, a, guarantee.Destinations, l.Person.ID, life.InForce(l.Destinations, s.Today()), seen, guarantee.Destination{Code: code})
	})
}
