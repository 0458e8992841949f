// Package sharing keeps agreements: what is shared with another organisation,
// about whom, for what purpose and until when.
//
// In the trade a data sharing agreement is signed before a school, a college or
// a team sees anything, and before its files are taken in. Here it is more than
// a paper in a drawer: what partners see is read from the agreements in force
// (package access), so that on the day after its last day nothing of it is seen
// or received. A change of the organisation's name, of its numbers or of its
// owner suspends it until somebody has approved it again: a firm that changed
// its name and its trade, and kept its access, is how the largest loss of
// children's records came about (ux-security.md 0.1).
package sharing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/record"
)

// Service keeps agreements. Everything in it needs access.KeepAgreement.
type Service struct {
	DB      *db.DB
	Records *record.Service
}

// otherAuthority is the kind of organisation to which young people are handed
// over who moved there.
const otherAuthority = "other authority"

// Kinds are the kinds of organisation, in the order in which forms offer them.
func Kinds() []string {
	return []string{"school", "college", "training provider", "youth justice team", "care team", "contact centre", otherAuthority}
}

// Organisation is another body with which information is shared.
type Organisation struct {
	Key  id.Organisation `json:"-"`
	Ref  id.Ref          `json:"ref"`
	Name string          `json:"name"`
	Kind string          `json:"kind"`
	// URN has six digits, Number (authority and establishment) seven, UKPRN
	// eight, LACode three; "" where it has none. Young people are enrolled there
	// whose spell of activity names one of the first three.
	URN    string `json:"urn,omitempty"`
	Number string `json:"number,omitempty"`
	UKPRN  string `json:"ukprn,omitempty"`
	LACode string `json:"la_code,omitempty"`
}

// About whom an agreement is.
const (
	Enrolled = "enrolled"
	Named    = "named"
)

// Terms are what an agreement says.
type Terms struct {
	Organisation Organisation `json:"organisation"`
	Purpose      string       `json:"purpose"`
	// Document says where the signed paper is.
	Document string `json:"document"`
	// Owner answers for it at the organisation.
	Owner string `json:"owner"`
	// People is Enrolled or Named.
	People string        `json:"people"`
	Fields access.Fields `json:"-"`
	// Started and Ends are its first and its last day.
	Started civil.Date `json:"started"`
	Ends    civil.Date `json:"ends"`
}

// Agreement is one agreement as it stands.
type Agreement struct {
	Key id.Agreement `json:"-"`
	Ref id.Ref       `json:"ref"`
	Terms
	// Version is the act that changed it last: what a form showed.
	Version                    id.Act `json:"-"`
	Approved, Suspended, Ended bool   `json:"-"`
	// Why says what suspended it.
	Why string `json:"why_suspended,omitempty"`
}

// State is whether an agreement is in force, and why not.
type State string

// The states.
const (
	Waiting   State = "waits to be approved"
	Suspended State = "suspended"
	Ended     State = "ended"
	Lapsed    State = "lapsed"
	NotYet    State = "not begun"
	InForce   State = "in force"
)

// On is the agreement's state on a day.
func (a Agreement) On(day civil.Date) State {
	switch {
	case a.Ended:
		return Ended
	case day.After(a.Ends):
		return Lapsed
	case a.Suspended:
		return Suspended
	case !a.Approved:
		return Waiting
	case day.Before(a.Started):
		return NotYet
	}
	return InForce
}

const sqlAgreements = `SELECT g.id, g.ref, g.purpose, g.document, g.owner, g.people, g.fields, g.started, g.ends, g.changed_by,
	g.approved_by IS NOT NULL, g.suspended_by IS NOT NULL, g.ended_by IS NOT NULL, g.why_suspended,
	o.id, o.ref, o.name, o.kind, o.urn, o.number, o.ukprn, o.la_code
	FROM agreement g JOIN organisation o ON o.register = g.register AND o.id = g.organisation`

// agreements are those that fit, by organisation and the last to begin first.
func agreements(tx *db.Tx, r id.Register, condition string, args ...any) ([]Agreement, error) {
	var w db.Where
	w.And("g.register = $1", int64(r))
	if condition != "" {
		w.And(condition, args...)
	}
	rows, err := tx.Query(sqlAgreements+w.SQL()+" ORDER BY o.name, g.started DESC, g.id", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the agreements: %w", err)
	}
	defer rows.Close()
	var out []Agreement
	for rows.Next() {
		var a Agreement
		var fields string
		o := &a.Organisation
		if err := rows.Scan((*int64)(&a.Key), (*string)(&a.Ref), &a.Purpose, &a.Document, &a.Owner, &a.People, &fields, &a.Started, &a.Ends, (*int64)(&a.Version),
			&a.Approved, &a.Suspended, &a.Ended, &a.Why, (*int64)(&o.Key), (*string)(&o.Ref), &o.Name, &o.Kind, &o.URN, &o.Number, &o.UKPRN, &o.LACode); err != nil {
			return nil, fmt.Errorf("read the agreements: %w", err)
		}
		if a.Fields, err = access.ParseFields(fields); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

func one(tx *db.Tx, r id.Register, ref id.Ref) (Agreement, error) {
	list, err := agreements(tx, r, "g.ref = $1", string(ref))
	if err == nil && len(list) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return Agreement{}, err
	}
	return list[0], nil
}

func (s *Service) read(ctx context.Context, by access.Actor, fn func(*db.Tx) error) error {
	if err := access.Decide(by, access.KeepAgreement, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	return s.DB.Read(ctx, fn)
}

// Today is the day in London.
func (s *Service) Today() civil.Date { return civil.On(s.DB.Now(), civil.London()) }

// List is every agreement, by organisation.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Agreement, error) {
	var out []Agreement
	err := s.read(ctx, by, func(tx *db.Tx) error {
		var err error
		out, err = agreements(tx, by.Register, "")
		return err
	})
	return out, err
}

// Whole is an agreement with who and what hangs on it.
type Whole struct {
	Agreement
	// Accounts may sign in for the organisation, Senders send its files; Free
	// are the senders that are bound to nobody.
	Accounts      []Account
	Senders, Free []Sender
	// Named are those whom it names, where the agreement is about them.
	Named []record.Row
}

// Account is a partner's account.
type Account struct {
	Ref          id.Ref
	Name, SignIn string
	Closed       bool
}

// Sender is one who sends files.
type Sender struct {
	Ref  id.Ref
	Name string
}

const (
	sqlAccounts = `SELECT c.ref, c.full_name, c.sign_in, c.disabled FROM partner_account b JOIN account c ON c.register = b.register AND c.id = b.account
		WHERE b.register = $1 AND b.organisation = $2 AND b.known_to IS NULL ORDER BY c.full_name, c.id`
	sqlSenders = `SELECT s.ref, s.name, COALESCE(b.organisation, 0) FROM sender s LEFT JOIN agreement_sender b ON b.register = s.register AND b.sender = s.id
		WHERE s.register = $1 AND (b.organisation IS NULL OR b.organisation = $2) ORDER BY s.name`
	sqlNamed = `SELECT young_person FROM agreement_person WHERE register = $1 AND agreement = $2 AND known_to IS NULL ORDER BY young_person`
)

// One is an agreement with who and what hangs on it, or db.NotFound. It records
// who was shown of those named in it.
func (s *Service) One(ctx context.Context, by access.Actor, ref id.Ref) (Whole, error) {
	var out Whole
	var named []id.YoungPerson
	err := s.read(ctx, by, func(tx *db.Tx) error {
		out, named = Whole{}, nil
		var err error
		if out.Agreement, err = one(tx, by.Register, ref); err != nil {
			return err
		}
		org := int64(out.Organisation.Key)
		err = each(tx, sqlAccounts, []any{int64(by.Register), org}, func(scan func(...any) error) error {
			var a Account
			err := scan((*string)(&a.Ref), &a.Name, &a.SignIn, &a.Closed)
			out.Accounts = append(out.Accounts, a)
			return err
		})
		if err != nil {
			return err
		}
		err = each(tx, sqlSenders, []any{int64(by.Register), org}, func(scan func(...any) error) error {
			var one Sender
			var bound int64
			err := scan((*string)(&one.Ref), &one.Name, &bound)
			if bound == 0 {
				out.Free = append(out.Free, one)
			} else {
				out.Senders = append(out.Senders, one)
			}
			return err
		})
		if err != nil {
			return err
		}
		return each(tx, sqlNamed, []any{int64(by.Register), int64(out.Key)}, func(scan func(...any) error) error {
			var yp id.YoungPerson
			err := scan((*int64)(&yp))
			named = append(named, yp)
			return err
		})
	})
	if err != nil || len(named) == 0 {
		return out, err
	}
	out.Named, err = s.Records.Some(ctx, by, named, "sharing agreement")
	return out, err
}

func each(tx *db.Tx, query string, args []any, fn func(scan func(...any) error) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("read an agreement: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return fmt.Errorf("read an agreement: %w", err)
		}
	}
	return rows.Err()
}

// MayReceive returns words that say what to do where files of a sender are
// bound to an organisation no agreement with which is in force on the day; ""
// where one is, and for a sender that is bound to none.
func MayReceive(tx *db.Tx, r id.Register, sender id.Sender, day civil.Date) (string, error) {
	list, err := agreements(tx, r, "g.organisation IN (SELECT organisation FROM agreement_sender WHERE register = $1 AND sender = $2)", int64(r), int64(sender))
	if err != nil || slices.ContainsFunc(list, func(a Agreement) bool { return a.On(day) == InForce }) {
		return "", err
	}
	if len(list) == 0 {
		return "", nil // bound to an organisation only through an agreement with it, so it is bound to none
	}
	// The one that ran longest says best what is missing.
	last := slices.MaxFunc(list, func(a, b Agreement) int { return strings.Compare(a.Ends.String(), b.Ends.String()) })
	why := map[State]string{
		Waiting:   "its sharing agreement waits to be approved",
		Suspended: "its sharing agreement is suspended (" + last.Why + ")",
		Ended:     "its sharing agreement was ended",
		Lapsed:    "its sharing agreement lapsed on " + last.Ends.Words(),
		NotYet:    "its sharing agreement begins on " + last.Started.Words(),
	}[last.On(day)]
	return "No file is received from " + last.Organisation.Name + ": " + why + ". Ask information governance to renew or approve it under Sharing, then load the file again", nil
}
