// Package border tells one authority that another of this house also holds a
// record of one of its young people, and whom to ask. It tells nothing else.
//
// Young people move, and are taught on the other side of a border. Each
// authority keeps its own register and may not look into another's; but a young
// person whom two of them follow is counted twice, and one whom each believes to
// be with the other is followed by nobody. So each register gives blind tokens
// (a keyed hash of a number that is certain, or of name and birth date, which a
// person must confirm), and only where both authorities have an agreement in
// force with one another are the tokens compared. The other side learns that
// there is a record and who keeps it: no name, no field, no reference.
//
// Restricted records give no token, and an agreement that lapses closes the
// comparison on the same day: it is asked of the agreements each time.
package border

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Service answers for one register.
type Service struct {
	// DB is the register's own; the border asks it for others by name.
	DB       *db.DB
	Register id.Register
	// Key is the house's, 32 bytes: the same for all registers.
	Key    []byte
	Sights *act.Recorder
}

// Contact is whom another authority asks.
type Contact struct{ Team, Email, Telephone string }

// Told says that somebody can be asked.
func (c Contact) Told() bool { return c.Email != "" || c.Telephone != "" }

// Neighbour is another register of this house.
type Neighbour struct {
	Ref  id.Ref
	Name string
	Contact
	// Ours and Theirs say that we, or they, have an agreement in force with the
	// other. Only with both is anything compared.
	Ours, Theirs bool

	key id.Register
}

// Open says that tokens are compared.
func (n Neighbour) Open() bool { return n.Ours && n.Theirs }

// Answer is what one side says of a match.
type Answer string

// The answers.
const (
	NoAnswer Answer = ""
	Same     Answer = "the same"
	NotSame  Answer = "not the same"
)

// Held is that another authority also holds a record.
type Held struct {
	Neighbour
	// Certain says that a number agrees; otherwise name and birth date alone do.
	Certain      bool
	Mine, Theirs Answer
}

// inForce is of an agreement g on the day $1.
const inForce = `g.approved_by IS NOT NULL AND g.suspended_by IS NULL AND g.ended_by IS NULL AND g.started <= $1 AND g.ends >= $1`

const (
	sqlNeighbours = `SELECT r.id, r.ref, r.name, COALESCE(c.team, ''), COALESCE(c.email, ''), COALESCE(c.telephone, '')
		FROM register r LEFT JOIN border_contact c ON c.register = r.id WHERE r.id <> $1 ORDER BY r.name, r.id`
	// sqlAgreed are pairs of registers of which the first has an agreement in
	// force with the authority of the second.
	sqlAgreed = `SELECT DISTINCT g.register, a.register FROM agreement g
		JOIN organisation o ON o.register = g.register AND o.id = g.organisation AND o.kind = 'other authority' AND o.la_code <> ''
		JOIN register_authority a ON a.la_code = o.la_code AND a.register <> g.register
		WHERE ` + inForce
)

// day is the day on which agreements are in force.
func day(now time.Time) string { return civil.On(now, civil.London()).String() }

// neighbours are the other registers of the house, with the agreements between
// them and us. tx is for every register.
func (s *Service) neighbours(tx *db.Tx) ([]Neighbour, error) {
	type pair struct{ from, to id.Register }
	agreed := map[pair]bool{}
	rows, err := tx.Query(sqlAgreed, day(tx.Now))
	if err != nil {
		return nil, fmt.Errorf("read the agreements across the border: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p pair
		if err := rows.Scan((*int64)(&p.from), (*int64)(&p.to)); err != nil {
			return nil, err
		}
		agreed[p] = true
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	list, err := tx.Query(sqlNeighbours, int64(s.Register))
	if err != nil {
		return nil, fmt.Errorf("read the other registers: %w", err)
	}
	defer list.Close()
	var out []Neighbour
	for list.Next() {
		var n Neighbour
		if err := list.Scan((*int64)(&n.key), (*string)(&n.Ref), &n.Name, &n.Team, &n.Email, &n.Telephone); err != nil {
			return nil, err
		}
		n.Ours, n.Theirs = agreed[pair{s.Register, n.key}], agreed[pair{n.key, s.Register}]
		out = append(out, n)
	}
	return out, list.Err()
}

// Neighbours lists the other registers, and who of them is compared with. It
// needs access.SeeBorder.
func (s *Service) Neighbours(ctx context.Context, by access.Actor) (list []Neighbour, mine Contact, err error) {
	if err := access.Decide(by, access.SeeBorder, access.Subject{Register: s.Register}); err != nil {
		return nil, mine, err
	}
	err = s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		if list, err = s.neighbours(tx); err != nil {
			return err
		}
		mine, err = contactOf(tx, s.Register)
		return err
	})
	return list, mine, err
}

// open are the neighbours with whom tokens are compared.
func (s *Service) open(tx *db.Tx) ([]Neighbour, error) {
	all, err := s.neighbours(tx)
	var out []Neighbour
	for _, n := range all {
		if n.Open() {
			out = append(out, n)
		}
	}
	return out, err
}

const sqlRegisterOf = `SELECT a.register, r.name FROM register_authority a JOIN register r ON r.id = a.register WHERE a.la_code = $1 AND a.register <> $2`

// Road says whether an authority's register is in this house and both sides have
// an agreement in force, so that something can be handed over. It returns the
// neighbour's name.
func (s *Service) Road(ctx context.Context, laCode string) (name string, open bool, err error) {
	err = s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		name, _, open, err = s.road(tx, laCode)
		return err
	})
	return name, open, err
}

func (s *Service) road(tx *db.Tx, laCode string) (name string, to id.Register, open bool, err error) {
	name, to, err = s.other(tx, laCode)
	if errors.Is(err, db.NotFound) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, err
	}
	all, err := s.open(tx)
	return name, to, slices.ContainsFunc(all, func(n Neighbour) bool { return n.key == to }), err
}

// other is another authority's register in this house, or db.NotFound.
func (s *Service) other(tx *db.Tx, laCode string) (name string, key id.Register, err error) {
	err = tx.QueryRow(sqlRegisterOf, laCode, int64(s.Register)).Scan((*int64)(&key), &name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, db.NotFound
	}
	if err != nil {
		return "", 0, fmt.Errorf("find the register of authority %s: %w", laCode, err)
	}
	return name, key, nil
}

// alone runs fn in one transaction in which nobody else writes to our register or
// that of another authority of this house.
func (s *Service) alone(ctx context.Context, laCode string, fn func(tx *db.Tx, other id.Register) error) error {
	return s.DB.EveryRegister().InTx(ctx, func(tx *db.Tx) error {
		_, other, err := s.other(tx, laCode)
		if err == nil {
			err = tx.Alone(s.Register, other)
		}
		if err != nil {
			return err
		}
		return fn(tx, other)
	})
}

// Hand runs fn in one transaction over our register and that of an authority of
// this house. Where there is none, or one of the two has no agreement in force,
// handed is false and fn was not run.
func (s *Service) Hand(ctx context.Context, laCode string, fn func(tx *db.Tx, to id.Register) error) (handed bool, err error) {
	err = s.alone(ctx, laCode, func(tx *db.Tx, to id.Register) error {
		_, _, open, err := s.road(tx, laCode)
		if handed = err == nil && open; handed {
			err = fn(tx, to)
		}
		return err
	})
	if !handed && errors.Is(err, db.NotFound) {
		return false, nil // no such authority
	}
	return handed && err == nil, err
}

// Settle runs fn in one transaction over our register and that of an authority of
// this house, whatever is agreed: for what ends a matter and tells nothing of
// anybody. It returns db.NotFound where there is no such authority.
func (s *Service) Settle(ctx context.Context, laCode string, fn func(tx *db.Tx, other id.Register) error) error {
	return s.alone(ctx, laCode, fn)
}
