package sharing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// mostYears is how long an agreement may run before it must be renewed.
const mostYears = 5

// check says by field what is missing or cannot be.
func (t *Terms) check() error {
	for _, text := range []*string{&t.Organisation.Name, &t.Purpose, &t.Document, &t.Owner, &t.Organisation.URN, &t.Organisation.Number, &t.Organisation.UKPRN, &t.Organisation.LACode} {
		*text = strings.Join(strings.Fields(*text), " ")
	}
	var wrong field.Errors
	need := func(name, value, complaint string) {
		if value == "" {
			wrong.Add(name, complaint)
		}
	}
	need("organisation", t.Organisation.Name, "Enter the name of the organisation")
	need("purpose", t.Purpose, "Enter what the information is shared for")
	need("document", t.Document, "Enter where the signed agreement is kept: without one nothing is shared")
	need("owner", t.Owner, "Enter who answers for the agreement at the organisation")
	if !slices.Contains(Kinds(), t.Organisation.Kind) {
		wrong.Add("kind", "Select what kind of organisation it is")
	}
	t.checkNumbers(&wrong)
	if t.People != Enrolled && t.People != Named {
		wrong.Add("people", "Select which young people it is about")
	}
	t.Fields |= access.Names // whoever is shown is shown by name
	most := access.Partner.Fields() | access.CarePartner.Fields()
	if t.Organisation.Kind == otherAuthority {
		most |= access.Handed
	}
	if extra := t.Fields &^ most; extra != 0 {
		wrong.Add("fields", "An agreement cannot give "+strings.Join(extra.Words(), ", "))
	}
	if t.Started.IsZero() {
		wrong.Add("started-day", "Enter the first day, like 1 9 2026")
	}
	switch {
	case t.Ends.IsZero():
		wrong.Add("ends-day", "Enter the last day, like 31 8 2027: every agreement has one")
	case t.Ends.Before(t.Started):
		wrong.Add("ends-day", "The last day must be the first day or later")
	case !t.Started.IsZero() && t.Ends.After(t.Started.AddYears(mostYears)):
		wrong.Add("ends-day", fmt.Sprintf("The last day must be at most %d years after the first, so that the agreement is looked at again", mostYears))
	}
	return wrong.Err()
}

func (t *Terms) checkNumbers(wrong *field.Errors) {
	o := t.Organisation
	for _, n := range []struct {
		name, value, what string
		digits            int
	}{{"urn", o.URN, "URN", 6}, {"number", o.Number, "DfE number", 7}, {"ukprn", o.UKPRN, "UKPRN", 8}, {"la-code", o.LACode, "authority's number", 3}} {
		if n.value != "" && (len(n.value) != n.digits || strings.Trim(n.value, "0123456789") != "") {
			wrong.Add(n.name, fmt.Sprintf("Enter the %s as %d digits, or leave it out", n.what, n.digits))
		}
	}
	if t.People == Enrolled && o.URN == "" && o.Number == "" && o.UKPRN == "" {
		wrong.Add("ukprn", "Enter a UKPRN, a URN or a DfE number: who is enrolled there is found by it")
	}
}

const (
	sqlOrganisation    = `SELECT id, ref, name, kind, urn, number, ukprn, la_code FROM organisation WHERE register = $1 AND name = $2`
	sqlAddOrganisation = `INSERT INTO organisation (register, id, ref, name, kind, urn, number, ukprn, la_code) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlSetOrganisation = `UPDATE organisation SET name = $3, kind = $4, urn = $5, number = $6, ukprn = $7, la_code = $8 WHERE register = $1 AND id = $2`
	sqlAdd             = `INSERT INTO agreement (register, id, ref, organisation, purpose, document, owner, people, fields, started, ends, added_by, why_suspended, changed_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', $12)`
	sqlSet = `UPDATE agreement SET purpose = $3, document = $4, owner = $5, people = $6, fields = $7, started = $8, ends = $9, changed_by = $10
		WHERE register = $1 AND id = $2 AND ended_by IS NULL AND changed_by = $11`
	// Only what was approved can be suspended; what waits goes on waiting.
	sqlSuspend = `UPDATE agreement SET suspended_by = $3, why_suspended = $4, changed_by = $3
		WHERE register = $1 AND id = $2 AND approved_by IS NOT NULL AND ended_by IS NULL`
	sqlApprove = `UPDATE agreement SET approved_by = $3, suspended_by = NULL, why_suspended = '', changed_by = $3
		WHERE register = $1 AND id = $2 AND ended_by IS NULL AND changed_by = $4`
	sqlEnd = `UPDATE agreement SET ended_by = $3, changed_by = $3 WHERE register = $1 AND id = $2 AND ended_by IS NULL AND changed_by = $4`
)

// organisationNamed is the organisation of that name, or one without a key.
func organisationNamed(tx *db.Tx, r id.Register, name string) (Organisation, error) {
	var o Organisation
	err := each(tx, sqlOrganisation, []any{int64(r), name}, func(scan func(...any) error) error {
		return scan((*int64)(&o.Key), (*string)(&o.Ref), &o.Name, &o.Kind, &o.URN, &o.Number, &o.UKPRN, &o.LACode)
	})
	return o, err
}

// Add adds an agreement, with its organisation where none has that name. It is
// not in force before it is approved. key is the form's one-use key. It returns
// field.Errors.
func (s *Service) Add(ctx context.Context, by access.Actor, t Terms, key string) (id.Ref, error) {
	if err := t.check(); err != nil {
		return "", err
	}
	ref := id.NewRef()
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepAgreement, 0, act.Request{Reason: "agreement " + string(ref) + " added", Key: key})
		if err != nil {
			return err
		}
		held, err := organisationNamed(tx, by.Register, t.Organisation.Name)
		if err != nil {
			return err
		}
		if held.Key == 0 {
			if held, err = addOrganisation(tx, a, t.Organisation); err != nil {
				return err
			}
		} else if t.Organisation.Key, t.Organisation.Ref = held.Key, held.Ref; held != t.Organisation {
			return field.Errors{{Field: "organisation", Message: "An agreement with " + held.Name + " has another kind or other numbers. Enter the same here, or change them there first"}}
		}
		next, err := a.Keys(1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(sqlAdd, int64(by.Register), next, string(ref), int64(held.Key), t.Purpose, t.Document, t.Owner, t.People, t.Fields.String(),
			t.Started.String(), t.Ends.String(), int64(a.Number))
		if err != nil {
			return fmt.Errorf("add the agreement: %w", err)
		}
		return nil
	})
	return ref, err
}

func addOrganisation(tx *db.Tx, a *act.Act, o Organisation) (Organisation, error) {
	next, err := a.Keys(1)
	if err != nil {
		return o, err
	}
	o.Key, o.Ref = id.Organisation(next), id.NewRef()
	if _, err := tx.Exec(sqlAddOrganisation, int64(a.Register), next, string(o.Ref), o.Name, o.Kind, o.URN, o.Number, o.UKPRN, o.LACode); err != nil {
		return o, fmt.Errorf("add the organisation: %w", err)
	}
	return o, nil
}

// Change changes an agreement, which the form showed as of seen. A change of
// the organisation suspends every agreement with it, any other change this one,
// until it is approved again. It returns field.Errors, and db.Conflict where
// somebody else was first.
func (s *Service) Change(ctx context.Context, by access.Actor, ref id.Ref, t Terms, seen id.Act, key string) error {
	if err := t.check(); err != nil {
		return err
	}
	return s.do(ctx, by, ref, "changed", key, func(tx *db.Tx, a *act.Act, old Agreement) error {
		t.Organisation.Key, t.Organisation.Ref = old.Organisation.Key, old.Organisation.Ref
		if t == old.Terms {
			return nil
		}
		if err := once(tx, sqlSet, int64(a.Register), int64(old.Key), t.Purpose, t.Document, t.Owner, t.People, t.Fields.String(), t.Started.String(), t.Ends.String(),
			int64(a.Number), int64(seen)); err != nil {
			return err
		}
		suspend := []id.Agreement{old.Key}
		if t.Organisation != old.Organisation {
			var err error
			if suspend, err = changeOrganisation(tx, a, t.Organisation); err != nil {
				return err
			}
		}
		for _, one := range suspend {
			if _, err := tx.Exec(sqlSuspend, int64(a.Register), int64(one), int64(a.Number), changed(old.Terms, t)); err != nil {
				return fmt.Errorf("suspend the agreement: %w", err)
			}
		}
		return nil
	})
}

// changeOrganisation writes what an organisation is now, and returns the
// agreements with it.
func changeOrganisation(tx *db.Tx, a *act.Act, o Organisation) ([]id.Agreement, error) {
	if other, err := organisationNamed(tx, a.Register, o.Name); err != nil {
		return nil, err
	} else if other.Key != 0 && other.Key != o.Key {
		return nil, field.Errors{{Field: "organisation", Message: "There is another organisation of that name. Enter another name, or add an agreement with that one"}}
	}
	if _, err := tx.Exec(sqlSetOrganisation, int64(a.Register), int64(o.Key), o.Name, o.Kind, o.URN, o.Number, o.UKPRN, o.LACode); err != nil {
		return nil, fmt.Errorf("change the organisation: %w", err)
	}
	list, err := agreements(tx, a.Register, "g.organisation = $1", int64(o.Key))
	var keys []id.Agreement
	for _, one := range list {
		keys = append(keys, one.Key)
	}
	return keys, err
}

// changed says what of an agreement has changed.
func changed(old, now Terms) string {
	var what []string
	add := func(differs bool, words string) {
		if differs {
			what = append(what, words)
		}
	}
	o, n := old.Organisation, now.Organisation
	add(o.Name != n.Name, "the name")
	add(o.Kind != n.Kind, "the kind of organisation")
	add(o.URN != n.URN || o.Number != n.Number || o.UKPRN != n.UKPRN || o.LACode != n.LACode, "a number")
	add(old.Owner != now.Owner, "the owner")
	add(old.Purpose != now.Purpose, "the purpose")
	add(old.Document != now.Document, "the document")
	add(old.People != now.People, "about whom it is")
	add(old.Fields != now.Fields, "the fields")
	add(old.Started != now.Started || old.Ends != now.Ends, "the days")
	return strings.Join(what, ", ") + " changed"
}

// do is one act on an agreement.
func (s *Service) do(ctx context.Context, by access.Actor, ref id.Ref, what, key string, fn func(*db.Tx, *act.Act, Agreement) error) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepAgreement, 0, act.Request{Reason: "agreement " + string(ref) + " " + what, Key: key})
		if err != nil {
			return err
		}
		held, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		return fn(tx, a, held)
	})
}

// once is a change of the one version that was shown, else db.Conflict.
func once(tx *db.Tx, query string, args ...any) error {
	done, err := tx.Exec(query, args...)
	if err != nil {
		return fmt.Errorf("change the agreement: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n != 1 {
		return db.Conflict{What: "this agreement"}
	}
	return nil
}

// Approve puts an agreement, which the page showed as of seen, in force between
// its days: somebody has read the signed paper. It returns db.Conflict where it
// was changed or ended since.
func (s *Service) Approve(ctx context.Context, by access.Actor, ref id.Ref, seen id.Act, key string) error {
	return s.do(ctx, by, ref, "approved", key, func(tx *db.Tx, a *act.Act, g Agreement) error {
		return once(tx, sqlApprove, int64(a.Register), int64(g.Key), int64(a.Number), int64(seen))
	})
}

// End ends an agreement at once and for good. It returns field.Errors without a
// reason, and db.Conflict where it was changed or ended since.
func (s *Service) End(ctx context.Context, by access.Actor, ref id.Ref, reason string, seen id.Act, key string) error {
	if reason = strings.Join(strings.Fields(reason), " "); reason == "" {
		return field.Errors{{Field: "reason", Message: "Say why the agreement ends"}}
	}
	return s.do(ctx, by, ref, "ended: "+reason, key, func(tx *db.Tx, a *act.Act, g Agreement) error {
		return once(tx, sqlEnd, int64(a.Register), int64(g.Key), int64(a.Number), int64(seen))
	})
}
