// Package transfer hands the record of a young person who moved over to the
// authority where they live now, as one act with that authority's consent.
//
// In the trade a mover is reported once, with status T, by the authority that
// they leave, and is added by the one that they come to (nccis.md 5.3, 9). Done
// by two hands in two databases, they are in both returns for a while, or in
// none, and what was known of them stays behind. Where both authorities keep
// their registers in this house, the one that they leave offers them, and the
// other takes them or refuses; when they are taken both records change in the
// same moment, the history goes along as far as an agreement lets it, and each
// side's log says so.
//
// Until then the other side is told who it is (access.Identity) and nothing
// more, and nothing of it is stored there: it is read from the register that
// offers, as long as it offers. Whoever's record is restricted in any way is
// offered to nobody. An authority that is not of this house is told by the
// return alone, as ever.
package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/register"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Service hands over for one register. Everything in it needs access.MoveAcross.
type Service struct {
	// DB is the register's own; the border asks for others.
	DB       *db.DB
	Border   *border.Service
	Standing standing.Keeper
	Sights   *act.Recorder
}

// State is how far a transfer is.
type State string

// The states.
const (
	Offered   State = "offered"
	Taken     State = "taken"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	// GivenBack is that who was taken over was given back (GiveBack).
	GivenBack State = "given back"
)

// Way is on which side of a transfer a register is.
type Way string

// The ways.
const (
	Out Way = "out"
	In  Way = "in"
)

// Bases are what the law lets one authority hand a young person over to another
// for, in the order in which forms offer them.
func Bases() []string {
	return []string{"duty to identify who does not take part (Education and Skills Act 2008, section 12)", "support to take part (Education and Skills Act 2008, section 68)"}
}

// Reasons are why an offer is refused, in the order in which forms offer them.
func Reasons() []string {
	return []string{"does not live in our area", "lives in our area only for a time", "another authority is responsible", "the day or the address is wrong", "we cannot tell who it is"}
}

// Offer is one young person who is to be handed over.
type Offer struct {
	Person id.Ref
	// MovedOn is the first day at the new place: from then on they are the other
	// authority's.
	MovedOn civil.Date
	// Line1, Town and Postcode are the new address; all empty where what is
	// recorded is the new one already, or none is known.
	Line1, Town, Postcode string
}

// Terms are on what young people are offered.
type Terms struct {
	// To is the other authority's code, Basis one of Bases.
	To, Basis string
	// Goes are the fields that are to go along; what no agreement in force gives
	// does not, whatever is asked.
	Goes access.Fields
	// Key is the one-use key of the form.
	Key string
}

// Transfer is one, as one side holds it.
type Transfer struct {
	Ref            id.Ref
	Way            Way
	OwnLA, OtherLA string
	// Other is the other authority's name, Contact whom to ask there.
	Other   string
	Contact border.Contact
	// Person is ours: 0 with the side that is offered somebody, until they are
	// taken. PersonRef is "" where nobody of ours is meant, or they are gone.
	Person               id.YoungPerson
	PersonRef            id.Ref
	MovedOn              civil.Date
	Basis                string
	Goes                 access.Fields
	State                State
	Why                  string
	OfferedAt, ChangedAt time.Time
	OfferedBy, ChangedBy string
	// Who they are: of what is offered, as the other register says it.
	Given, Family, Born, Gender string
	ULN, UPN, YoungPersonsID    string
	Address                     string
	line1, town, postcode       string
	act                         id.Act
}

// Name is who it is about, as far as the reader is told.
func (t *Transfer) Name() string { return strings.TrimSpace(t.Given + " " + t.Family) }

const (
	sqlPerson     = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`
	sqlRestricted = `SELECT count(*) FROM restriction WHERE register = $1 AND young_person = $2 AND known_to IS NULL`
	sqlRunning    = `SELECT count(*) FROM transfer WHERE register = $1 AND young_person = $2 AND way = 'out' AND state = 'offered'`
	sqlAdd        = `INSERT INTO transfer (register, ref, way, own_la, other_la, young_person, moved_on, basis, goes, line1, town, postcode, state, why, offered_at, offered_by, changed_at, changed_by, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'offered', '', $13, $14, $13, $14, $15)`
	sqlSet = `UPDATE transfer SET state = $3, why = $4, young_person = $5, changed_at = $6, changed_by = $7, act = $8 WHERE register = $1 AND ref = $2 AND state = $9`
)

// check says what is wrong with an offer, without looking at anybody.
func (t Terms) check(offers []Offer, today civil.Date) error {
	var wrong field.Errors
	if !slices.Contains(Bases(), t.Basis) {
		wrong.Add("basis", "Select what the law lets you hand them over for")
	}
	if t.To == "" {
		wrong.Add("to", "Select the authority to which they moved")
	}
	if len(offers) == 0 {
		wrong.Add("person", "Select at least one young person")
	}
	for _, o := range offers {
		if o.MovedOn.IsZero() || o.MovedOn.After(today) {
			wrong.Add("moved-on-day", "Enter the day on which they moved, today or earlier")
			break
		}
	}
	return wrong.Err()
}

// Propose offers young people to another authority of this house; nothing else
// changes until it takes them. It returns field.Errors, db.NotFound for somebody
// whom the actor may not know of, and act.ErrRepeated for a key used before.
func (s *Service) Propose(ctx context.Context, by access.Actor, offers []Offer, t Terms) error {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	if err := t.check(offers, civil.On(s.DB.Now(), civil.London())); err != nil {
		return err
	}
	handed, err := s.Border.Hand(ctx, t.To, func(tx *db.Tx, to id.Register) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		agreed, err := border.Agreed(tx, by.Register, t.To)
		if err != nil {
			return err
		}
		one := t
		one.Goes = access.Identity | t.Goes&agreed&access.Handed
		for i, o := range offers {
			if one.Key = t.Key; i > 0 && t.Key != "" {
				one.Key += "-" + strconv.Itoa(i+1) // a key is one act's
			}
			if err := s.offer(tx, by, veil, to, o, one); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !handed {
		return field.Errors{{Field: "to", Message: "No agreement with that authority is in force on both sides. Ask information governance, or state the transfer on the record and tell the authority by hand"}}
	}
	return err
}

// offer offers one, on both sides.
func (s *Service) offer(tx *db.Tx, by access.Actor, veil *access.Veil, to id.Register, o Offer, t Terms) error {
	yp, err := personOf(tx, by.Register, o.Person)
	if err != nil {
		return err
	}
	if err := veil.Refuses(yp); err != nil {
		return err
	}
	a, err := act.Begin(tx, by, access.MoveAcross, yp, act.Request{Key: t.Key, Reason: "offered to authority " + t.To})
	if err != nil {
		return err
	}
	ours, err := register.Of(tx, by.Register)
	if err != nil {
		return err
	}
	from, err := s.mayGo(tx, ours, yp, o)
	if err != nil {
		return err
	}
	ref := id.NewRef()
	at := db.Instant{Time: tx.Now}
	if _, err := tx.Exec(sqlAdd, int64(by.Register), string(ref), string(Out), from, t.To, int64(yp), o.MovedOn.String(), t.Basis, t.Goes.String(), o.Line1, o.Town, o.Postcode, at, by.Name, int64(a.Number)); err != nil {
		return fmt.Errorf("offer a young person: %w", err)
	}
	there, err := act.Begin(tx, neighbour(by, ours, to), access.HandOver, 0, act.Request{Reason: "offered by authority " + from})
	if err != nil {
		return err
	}
	_, err = tx.Exec(sqlAdd, int64(to), string(ref), string(In), t.To, from, int64(0), o.MovedOn.String(), t.Basis, t.Goes.String(), "", "", "", at, ours.Name, int64(there.Number))
	if err != nil {
		return fmt.Errorf("tell the other authority of an offer: %w", err)
	}
	return nil
}

// mayGo says by which of our authorities somebody is handed over, or why they
// are not.
func (s *Service) mayGo(tx *db.Tx, ours register.Register, yp id.YoungPerson, o Offer) (from string, err error) {
	refuse := func(words string) (string, error) {
		return "", field.Errors{{Field: "person", Message: words}}
	}
	barred, err := count(tx, sqlRestricted, int64(ours.ID), int64(yp))
	if err != nil {
		return "", err
	}
	if barred > 0 {
		return refuse("A restricted record is offered to nobody here. Arrange it with the other authority by hand, with those who are named in the restriction")
	}
	running, err := count(tx, sqlRunning, int64(ours.ID), int64(yp))
	if err != nil {
		return "", err
	}
	if running > 0 {
		return refuse("They are offered already. Withdraw that offer first, if it was wrong")
	}
	l, err := life.One(tx, ours.ID, yp, 0)
	if err != nil {
		return "", err
	}
	if life.InForce(l.Restrictions, today(tx)) != nil {
		return refuse("The processing of this record is restricted at the young person’s request: it is handed to nobody")
	}
	if s := life.InForce(l.Statuses, o.MovedOn); s != nil {
		if s.Is.Status != "T" && ours.Book().Authorities[s.Is.LeadLA] {
			return s.Is.LeadLA, nil
		}
		if from = life.HandsOver(ours.Book(), &s.Is); from != "" {
			return from, nil
		}
	}
	return refuse("The record does not say which of your authorities they leave. Record where they were educated first")
}

func count(tx *db.Tx, query string, args ...any) (n int, err error) {
	err = tx.QueryRow(query, args...).Scan(&n)
	return n, err
}

func personOf(tx *db.Tx, r id.Register, ref id.Ref) (yp id.YoungPerson, err error) {
	err = tx.QueryRow(sqlPerson, int64(r), string(ref)).Scan((*int64)(&yp))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	return yp, err
}

// neighbour is how an authority acts in the register of another: in its own
// name, and nobody's account.
func neighbour(by access.Actor, ours register.Register, there id.Register) access.Actor {
	return access.Actor{Register: there, Ref: "register:" + string(ours.Ref), Name: ours.Name, Roles: []access.Role{access.Operator}, Request: by.Request, Today: by.Today, Now: by.Now}
}

// Withdraw takes an offer back, as long as it was not taken. It returns
// field.Errors where it is over.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.end(ctx, by, ref, Out, Withdrawn, "", key)
}

// Refuse says that the young person is not taken, and why: one of Reasons. It
// returns field.Errors where it is over.
func (s *Service) Refuse(ctx context.Context, by access.Actor, ref id.Ref, why, key string) error {
	if !slices.Contains(Reasons(), why) {
		return field.Errors{{Field: "why", Message: "Select why you do not take them"}}
	}
	return s.end(ctx, by, ref, In, Refused, why, key)
}

// end ends an offer on both sides without anybody having been handed over. Once
// an agreement has lapsed it still can be: nothing of anybody is told by it.
func (s *Service) end(ctx context.Context, by access.Actor, ref id.Ref, way Way, state State, why, key string) error {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	own, err := s.own(ctx, by, ref, way)
	if err != nil {
		return err
	}
	return s.Border.Settle(ctx, own.OtherLA, func(tx *db.Tx, other id.Register) error {
		a, err := act.Begin(tx, by, access.MoveAcross, own.Person, act.Request{Key: key, Reason: strings.TrimPrefix(string(state)+", "+why, ", ")})
		if err != nil {
			return err
		}
		ours, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		if err := set(tx, a, by.Name, ref, Offered, state, why, own.Person); err != nil {
			return err
		}
		theirs, err := rowOf(tx, other, ref)
		if err != nil {
			return err
		}
		there, err := act.Begin(tx, neighbour(by, ours, other), access.HandOver, theirs.Person, act.Request{Reason: "offer " + string(state)})
		if err != nil {
			return err
		}
		return set(tx, there, ours.Name, ref, Offered, state, why, theirs.Person)
	})
}

// set moves one side of a transfer on from a state; field.Errors is that it is
// over.
func set(tx *db.Tx, a *act.Act, who string, ref id.Ref, from, state State, why string, yp id.YoungPerson) error {
	done, err := tx.Exec(sqlSet, int64(a.Register), string(ref), string(state), why, int64(yp), db.Instant{Time: tx.Now}, who, int64(a.Number), string(from))
	if err != nil {
		return fmt.Errorf("move an offer on: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return over()
}

// over is that an offer was answered, withdrawn or given back before.
func over() error {
	return field.Errors{{Field: "person", Message: "This offer is over: it was taken, refused, withdrawn or given back meanwhile"}}
}

// identify fills in who it is about, from the life in the other register.
func (t *Transfer) identify(l *life.Life, on civil.Date) {
	l.Keep(access.Identity)
	if n := l.LegalName(on); n != nil {
		t.Given, t.Family = strings.TrimSpace(n.Is.Given+" "+n.Is.Middle), n.Is.Family
	}
	if p := life.InForce(l.Particulars, on); p != nil {
		t.Born, t.Gender = p.Is.DOB, p.Is.Gender
	}
	t.ULN, t.UPN, t.YoungPersonsID = l.Identifier(youngperson.ULN, on), l.Identifier(youngperson.UPN, on), l.Person.YoungPersonsID
	if t.Address = join(t.line1, t.town, t.postcode); t.Address != "" {
		return
	}
	if a := life.InForce(l.Addresses, on); a != nil {
		t.Address = join(a.Is.Line1, a.Is.Line2, a.Is.Town, a.Is.Postcode)
	}
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// Across is the service of the register whose border it is given.
func Across(b *border.Service, standing standing.Keeper, sights *act.Recorder) *Service {
	return &Service{DB: b.DB, Border: b, Standing: standing, Sights: sights}
}
