package sharing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/record"
)

// NotInForce says why nothing is shared with whoever asks today, and what to do.
type NotInForce struct{ Message string }

func (n NotInForce) Error() string { return n.Message }

// Asking is for whom a partner, or a partner's system, asks.
type Asking struct {
	Organisation Organisation
	// Agreement is the one in force that runs longest.
	Agreement Agreement
}

const (
	sqlAsksAccount = `SELECT organisation FROM partner_account WHERE register = $1 AND account = $2 AND known_to IS NULL`
	sqlSendersOf   = `SELECT sender FROM agreement_sender WHERE register = $1 AND organisation = $2 ORDER BY sender`
	sqlAsksToken   = `SELECT g.organisation FROM partner_token t JOIN agreement g ON g.register = t.register AND g.id = t.agreement WHERE t.register = $1 AND t.ref = $2 AND t.ended_by IS NULL`
)

// Asks is for whom the actor asks today: the organisation of a partner's account
// or of its system's token. It returns NotInForce where there is no agreement in
// force with it.
func Asks(tx *db.Tx, by access.Actor) (Asking, error) {
	query, key := sqlAsksAccount, any(int64(by.Account))
	if ref, ok := strings.CutPrefix(by.Ref, tokenActor); ok {
		query, key = sqlAsksToken, ref
	}
	var organisations []int64
	err := each(tx, query, []any{int64(by.Register), key}, func(scan func(...any) error) error {
		var one int64
		err := scan(&one)
		organisations = append(organisations, one)
		return err
	})
	if err != nil {
		return Asking{}, err
	}
	if len(organisations) == 0 {
		return Asking{}, NotInForce{"Your account asks for no organisation. Ask information governance at the authority to name you in your agreement"}
	}
	list, err := agreements(tx, by.Register, "g.organisation = $1", organisations[0])
	if err != nil || len(list) == 0 {
		return Asking{}, orNone(err)
	}
	today := civil.On(tx.Now, civil.London())
	last := slices.MaxFunc(list, func(a, b Agreement) int {
		return strings.Compare(rankOf(a, today)+a.Ends.String(), rankOf(b, today)+b.Ends.String())
	})
	out := Asking{Organisation: last.Organisation, Agreement: last}
	// One that waits to be approved again shuts all: nobody knows who asks.
	if i := slices.IndexFunc(list, func(a Agreement) bool { return a.On(today) == Suspended }); i >= 0 {
		return out, NotInForce{"The agreement with " + last.Organisation.Name + " is suspended until the authority approves it again. Ask information governance there"}
	}
	switch last.On(today) {
	case InForce:
		return out, nil
	case Lapsed:
		return out, NotInForce{"The agreement with " + last.Organisation.Name + " ended on " + last.Ends.Words() + ". Ask information governance at the authority to renew it"}
	case NotYet:
		return out, NotInForce{"The agreement with " + last.Organisation.Name + " begins on " + last.Started.Words()}
	case Ended:
		return out, NotInForce{"The agreement with " + last.Organisation.Name + " was ended. Ask information governance at the authority"}
	}
	return out, NotInForce{"The agreement with " + last.Organisation.Name + " waits to be approved. Ask information governance at the authority"}
}

func orNone(err error) error {
	if err != nil {
		return err
	}
	return NotInForce{"There is no agreement with your organisation"}
}

// rankOf puts what is in force before what is not.
func rankOf(a Agreement, day civil.Date) string {
	if a.On(day) == InForce {
		return "1"
	}
	return "0"
}

// SendersOf are the senders whose files are held to agreements with the organisation.
func SendersOf(tx *db.Tx, r id.Register, org id.Organisation) ([]id.Sender, error) {
	var out []id.Sender
	err := each(tx, sqlSendersOf, []any{int64(r), int64(org)}, func(scan func(...any) error) error {
		var one int64
		err := scan(&one)
		out = append(out, id.Sender(one))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read whose files they are: %w", err)
	}
	return out, nil
}

const sqlOrganisations = `SELECT id, ref, name, kind, urn, number, ukprn, la_code FROM organisation WHERE register = $1 ORDER BY name, id`

// Organisations are all with whom something is or was shared, by name.
func Organisations(tx *db.Tx, r id.Register) ([]Organisation, error) {
	var out []Organisation
	err := each(tx, sqlOrganisations, []any{int64(r)}, func(scan func(...any) error) error {
		var o Organisation
		err := scan((*int64)(&o.Key), (*string)(&o.Ref), &o.Name, &o.Kind, &o.URN, &o.Number, &o.UKPRN, &o.LACode)
		out = append(out, o)
		return err
	})
	return out, err
}

// Theirs are the keys of the young people of the standing s that fit, in an order,
// of whom the actor may see: the register is gone through once, and who is let
// through is held against a sieve, because asking the agreements in each row takes
// seconds.
func Theirs(tx *db.Tx, by access.Actor, w db.Where, order string) ([]id.YoungPerson, error) {
	sieve, err := access.Look(tx, by, access.SeePerson)
	if err != nil {
		return nil, err
	}
	w.And("s.register = $1", int64(by.Register))
	var out []id.YoungPerson
	err = each(tx, sqlPeople+w.SQL()+order, w.Args, func(scan func(...any) error) error {
		var one int64
		err := scan(&one)
		if yp := id.YoungPerson(one); err == nil && sieve.Lets(yp) {
			out = append(out, yp)
		}
		return err
	})
	return out, err
}

const (
	sqlPeople = `SELECT s.young_person FROM standing s`
	byName    = ` ORDER BY s.family_key, s.given_key, s.young_person`
)

// Mine is for whom a partner asks, under which agreement. It needs
// access.PartnerPages and returns NotInForce.
func (s *Service) Mine(ctx context.Context, by access.Actor) (out Asking, err error) {
	if err := access.Decide(by, access.PartnerPages, access.Subject{Register: by.Register}); err != nil {
		return out, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = Asks(tx, by)
		return err
	})
	return out, err
}

// Under is for whom somebody asks who finds people by an agreement, pages of their
// own or none. It needs access.FindPerson and returns NotInForce.
func (s *Service) Under(ctx context.Context, by access.Actor) (out Asking, err error) {
	if err := access.Decide(by, access.FindPerson, access.Subject{Register: by.Register}); err != nil {
		return out, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = Asks(tx, by)
		return err
	})
	return out, err
}

// OwnPeople are the partner's own young people by name, a page of them, each with
// the fields that the agreement gives, and how many there are. It needs
// access.PartnerPages, and records who was shown.
func (s *Service) OwnPeople(ctx context.Context, by access.Actor, from, limit int) (rows []record.Row, total int, err error) {
	if err := access.Decide(by, access.PartnerPages, access.Subject{Register: by.Register}); err != nil {
		return nil, 0, err
	}
	var people []id.YoungPerson
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		people, err = Theirs(tx, by, db.Where{}, byName)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	total = len(people)
	rows, err = s.Records.Some(ctx, by, people[min(from, total):min(from+limit, total)], "a partner's own people")
	return rows, total, err
}

// Offer is what is held of one young person's intended destination and offers.
type Offer struct {
	record.Row
	// Destination and Guarantee are the Department's codes, "" for none.
	Destination, Guarantee string
	// Offers are the places of their last season.
	Offers []guarantee.Offer
}

// The codes in force, the last one last; a season's guarantee is the last one.
const (
	sqlDestination = `SELECT d.young_person, d.code FROM destination d`
	sqlGuarantee   = `SELECT g.young_person, g.status FROM guarantee g`
	byID           = ` ORDER BY d.id`
	bySeason       = ` ORDER BY g.season, g.id`
)

// OwnOffers are OwnPeople of Years 11 and 12 on the day, with what is held of
// where they mean to go and what they were offered, where the agreement gives it.
func (s *Service) OwnOffers(ctx context.Context, by access.Actor, from, limit int) (out []Offer, total int, err error) {
	if err := access.Decide(by, access.PartnerPages, access.Subject{Register: by.Register}); err != nil {
		return nil, 0, err
	}
	var people []id.YoungPerson
	held := map[id.YoungPerson]*Offer{}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		year := civil.On(tx.Now, civil.London()).AcademicYear()
		first, last := schoolYears(year)
		w.And("s.dob >= $1 AND s.dob <= $2", first.String(), last.String())
		if people, err = Theirs(tx, by, w, byName); err != nil {
			return err
		}
		total = len(people)
		people = people[min(from, total):min(from+limit, total)]
		return offers(tx, by, people, held)
	})
	if err != nil {
		return nil, 0, err
	}
	rows, err := s.Records.Some(ctx, by, people, "a partner's intended destinations")
	for _, row := range rows {
		o := held[row.Person]
		o.Row = row
		out = append(out, *o)
	}
	return out, total, err
}

// offers fills in what is held of the people, of each what the agreement gives.
func offers(tx *db.Tx, by access.Actor, people []id.YoungPerson, held map[id.YoungPerson]*Offer) error {
	sieve, err := access.Look(tx, by, access.SeePerson)
	if err != nil {
		return err
	}
	var given []any
	var shared []id.YoungPerson
	for _, yp := range people {
		held[yp] = &Offer{}
		if sieve.Fields(yp).Has(access.Guarantees) {
			given, shared = append(given, int64(yp)), append(shared, yp)
		}
	}
	if len(given) == 0 {
		return nil
	}
	read := func(query, table, order string, into func(*Offer) *string) error {
		var w db.Where
		w.And(table+".register = $1 AND "+table+".known_to IS NULL", int64(by.Register))
		w.In(table+".young_person", given...)
		return each(tx, query+w.SQL()+order, w.Args, func(scan func(...any) error) error {
			var yp int64
			var code string
			if err := scan(&yp, &code); err != nil {
				return err
			}
			*into(held[id.YoungPerson(yp)]) = code
			return nil
		})
	}
	if err := read(sqlDestination, "d", byID, func(o *Offer) *string { return &o.Destination }); err != nil {
		return err
	}
	if err := read(sqlGuarantee, "g", bySeason, func(o *Offer) *string { return &o.Guarantee }); err != nil {
		return err
	}
	return places(tx, by.Register, shared, held)
}

// places adds the places of each one's last season.
func places(tx *db.Tx, r id.Register, people []id.YoungPerson, held map[id.YoungPerson]*Offer) error {
	return guarantee.Offers.Each(tx, fact.Known{Register: r, People: people, Brief: true}, func(f *fact.Of[guarantee.Offer]) error {
		o := held[f.YoungPerson]
		if len(o.Offers) > 0 && o.Offers[0].Season < f.Is.Season {
			o.Offers = nil
		}
		if len(o.Offers) == 0 || o.Offers[0].Season == f.Is.Season {
			o.Offers = append(o.Offers, f.Is)
		}
		return nil
	})
}

// schoolYears are the first and the last birth date of Years 12 and 11 in a
// school year: academic ages 16 and 15 (nccis.md 5.1).
func schoolYears(y civil.AcademicYear) (first, last civil.Date) {
	return civil.Must(int(y)-17, 9, 1), civil.Must(int(y)-15, 8, 31)
}
