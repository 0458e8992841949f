package notice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/sharing"
	"waymark/internal/youngperson"
)

// Sent is a notice as it arrives.
type Sent struct {
	Said
	// Channel is by what it came. Institution is for staff who write down what an
	// institution told them; whoever asks for an organisation sends for that one.
	Channel, Institution string
	// Position is the row of the file, from 1, or 0.
	Position int
	// Person is the reference of the young person, where a partner answers about
	// one of those it sees.
	Person id.Ref
	// Key is the one-use key: sent twice, the notice is received once.
	Key string
	// fromLA is the authority of this house that hands it over.
	fromLA string
}

// ErrOtherNotice says that the one-use key came before with another notice.
var ErrOtherNotice = errors.New("this key was used for another notice")

const (
	sqlActOf = `SELECT actor, kind FROM act WHERE register = $1 AND one_use_key = $2`
	sqlWho   = `SELECT given, family, dob FROM standing WHERE register = $1 AND young_person = $2`
	sqlCodes = `SELECT la_code FROM register_authority WHERE register = $1`
)

// Receive stamps a notice, looks for the young person and says what is next. The
// same notice again is known for what it is: it gives the first one back, with
// act.ErrRepeated. It needs access.SendNotice, and returns field.Errors,
// sharing.NotInForce and ErrOtherNotice.
func (s *Service) Receive(ctx context.Context, by access.Actor, sent Sent) (*Notice, error) {
	if err := access.Decide(by, access.SendNotice, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var n *Notice
	again := false
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		n, again = nil, false
		from, err := s.from(tx, by, &sent)
		if err != nil {
			return err
		}
		yp, err := s.pointedAt(tx, by, &sent)
		if err != nil {
			return err
		}
		e, _ := s.Record.Requirement.EditionOn(civil.On(tx.Now, civil.London()))
		if err := sent.check(e, civil.On(tx.Now, civil.London())); err != nil {
			return err
		}
		n, again, err = s.receive(tx, by, from, sent, yp)
		return err
	})
	if errors.Is(err, act.ErrRepeated) {
		return s.sentBefore(ctx, by, sent)
	}
	if err == nil && again {
		err = act.ErrRepeated
	}
	return n, err
}

// from is the institution that tells.
func (s *Service) from(tx *db.Tx, by access.Actor, sent *Sent) (sharing.Organisation, error) {
	if by.Holds(access.Partner) {
		asking, err := sharing.Asks(tx, by)
		return asking.Organisation, err
	}
	sent.Institution = strings.Join(strings.Fields(sent.Institution), " ")
	if sent.Institution == "" || len([]rune(sent.Institution)) > mostName {
		return sharing.Organisation{}, field.Errors{{Field: "institution", Message: fmt.Sprintf("Enter the name of the school, college or provider, in %d letters or fewer", mostName)}}
	}
	all, err := sharing.Organisations(tx, by.Register)
	for _, o := range all {
		if strings.EqualFold(o.Name, sent.Institution) {
			return o, err
		}
	}
	return sharing.Organisation{Name: sent.Institution}, err
}

// pointedAt is the young person to whom a partner's answer points: one of those
// whom an agreement gives it, and what it says of them is what it was shown.
func (s *Service) pointedAt(tx *db.Tx, by access.Actor, sent *Sent) (id.YoungPerson, error) {
	if sent.Person == "" {
		return 0, nil
	}
	p, until, err := youngperson.AnyRef(tx, by.Register, sent.Person)
	if err != nil || until != 0 {
		return 0, errors.Join(err, db.NotFound)
	}
	about, err := access.About(tx, by, p.ID)
	if err != nil {
		return 0, err
	}
	if access.Decide(by, access.SeePerson, about) != nil || !about.Fields(by).Has(access.Names) {
		return 0, db.NotFound
	}
	var born civil.Date
	if err := tx.QueryRow(sqlWho, int64(by.Register), int64(p.ID)).Scan(&sent.Given, &sent.Family, &born); err != nil {
		return 0, fmt.Errorf("read whom an answer is about: %w", err)
	}
	sent.Born = born
	return p.ID, nil
}

// receive keeps a notice that has been checked, inside a transaction that may be
// over more than one register. again says that it was there.
func (s *Service) receive(tx *db.Tx, by access.Actor, from sharing.Organisation, sent Sent, yp id.YoungPerson) (n *Notice, again bool, err error) {
	ref := id.NewRef()
	n = &Notice{Ref: ref, Stamp: stampOf(ref), Said: sent.Said, Organisation: from.Key, Institution: from.Name, Channel: sent.Channel, Position: sent.Position, ReceivedAt: tx.Now, SenderName: by.Name, FromLA: sent.fromLA}
	a, err := act.Begin(tx, by, access.SendNotice, 0, act.Request{Reason: strings.ToLower(sent.Kind.Words()) + " from " + from.Name + " by " + sent.Channel + ", " + n.Stamp, Key: sent.Key})
	if err != nil {
		return nil, false, err
	}
	print := sent.print(from.Name)
	held, err := one(tx, by.Register, "n.print = $1", print)
	if err == nil && (held.Kind == Left || !held.State.Over()) {
		held.ToldAgain++
		if _, err := tx.Exec(sqlToldAgain, int64(by.Register), held.Key); err != nil {
			return nil, false, fmt.Errorf("note that a notice came again: %w", err)
		}
		return held, true, addStep(tx, a, held, "Came again, by "+sent.Channel)
	}
	if err != nil && !errors.Is(err, db.NotFound) {
		return nil, false, err
	}
	if n.Key, err = a.Keys(1); err != nil {
		return nil, false, err
	}
	if err := s.place(tx, by, n, from, yp); err != nil {
		return nil, false, err
	}
	n.Version = a.Number
	_, err = tx.Exec(sqlAddNotice, int64(by.Register), n.Key, string(n.Ref), n.Stamp, string(n.Kind), int64(n.Organisation), n.Institution, n.Channel, n.Position,
		db.Instant{Time: n.ReceivedAt}, n.SenderName, n.Given, n.Family, n.Born.String(), n.Postcode, n.ULN, n.UPN, n.TheirRef, n.LeftOn.String(), strings.Join(n.Reasons, ";"),
		n.Destination, n.WhoActs, n.ActBy.String(), print, string(n.State), int64(n.Person), n.MetBy, n.HomeLA, n.Due.String(), int64(a.Number), n.FromLA)
	if err != nil {
		return nil, false, fmt.Errorf("keep the notice: %w", err)
	}
	return n, false, addStep(tx, a, n, "Received by "+sent.Channel)
}

// place says in which state a new notice is: whether they are found, and whether
// they are ours.
func (s *Service) place(tx *db.Tx, by access.Actor, n *Notice, from sharing.Organisation, yp id.YoungPerson) error {
	lead := ""
	if yp != 0 {
		n.Person, n.MetBy = yp, "the institution answered about one of those whom it sees"
		if err := tx.QueryRow(sqlLeadLA, int64(by.Register), int64(yp)).Scan(&lead); err != nil {
			return fmt.Errorf("read whose the young person is: %w", err)
		}
	} else {
		who, how, err := s.met(tx, by.Register, &n.Said, from)
		if err != nil {
			return err
		}
		n.Person, n.MetBy, lead = who.yp, how, who.leadLA
	}
	return s.toNext(tx, by.Register, n, lead)
}

// toNext says what is next for a notice about somebody, or nobody yet, whom an
// authority leads.
func (s *Service) toNext(tx *db.Tx, r id.Register, n *Notice, lead string) error {
	ours, err := codes(tx, r)
	if err != nil {
		return err
	}
	switch {
	case lead != "" && !ours[lead]:
		n.State, n.HomeLA = ToSendOn, lead
	case n.Person != 0:
		n.State, n.HomeLA = ToSettle, ""
	case n.HomeLA != "" && !ours[n.HomeLA]:
		n.State = ToSendOn
	default:
		n.State, n.HomeLA = ToFind, ""
	}
	return s.setDue(tx, r, n)
}

func (s *Service) setDue(tx *db.Tx, r id.Register, n *Notice) error {
	l, err := limits(tx, r)
	n.Due = l.due(n, civil.On(tx.Now, civil.London()))
	return err
}

// sentBefore is what came of the first press with a one-use key.
func (s *Service) sentBefore(ctx context.Context, by access.Actor, sent Sent) (*Notice, error) {
	var n *Notice
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		from, err := s.from(tx, by, &sent)
		if err != nil {
			return err
		}
		var actor, kind string
		if err := tx.QueryRow(sqlActOf, int64(by.Register), sent.Key).Scan(&actor, &kind); err != nil {
			return fmt.Errorf("look for the first press: %w", err)
		}
		if actor != by.Ref || kind != string(access.SendNotice) {
			return ErrOtherNotice
		}
		if _, err := s.pointedAt(tx, by, &sent); err != nil {
			return err
		}
		n, err = one(tx, by.Register, "n.print = $1", sent.print(from.Name))
		if errors.Is(err, db.NotFound) {
			return ErrOtherNotice
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return n, act.ErrRepeated
}

// stampOf is what a sender quotes: short enough to say on the telephone, and
// nobody learns anything by counting.
func stampOf(ref id.Ref) string {
	s := strings.ToUpper(string(ref))
	return "LN-" + s[:5] + "-" + s[5:10]
}

func dayOf(t time.Time) civil.Date { return civil.On(t, civil.London()) }

// codes are the register's own authorities.
func codes(tx *db.Tx, r id.Register) (map[string]bool, error) {
	rows, err := tx.Query(sqlCodes, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the register's authorities: %w", err)
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return nil, err
		}
		out[code] = true
	}
	return out, rows.Err()
}

// organisation is the one with the key, or one that has but a name.
func organisation(tx *db.Tx, r id.Register, key id.Organisation, name string) (sharing.Organisation, error) {
	if key == 0 {
		return sharing.Organisation{Name: name}, nil
	}
	all, err := sharing.Organisations(tx, r)
	for _, o := range all {
		if o.Key == key {
			return o, err
		}
	}
	return sharing.Organisation{Name: name}, err
}
