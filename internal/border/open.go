package border

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
)

const (
	sqlCodesOf   = `SELECT la_code FROM register_authority WHERE register = $1`
	sqlAgreedTo  = `SELECT g.fields FROM agreement g JOIN organisation o ON o.register = g.register AND o.id = g.organisation AND o.kind = 'other authority' WHERE ` + inForce + ` AND g.register = $2 AND o.la_code = $3`
	sqlPart      = `DELETE FROM same_person_answer WHERE register = $1 AND young_person = $2 AND other = $3 AND act = $4`
	sqlGiveToken = `INSERT INTO same_person (register, token, young_person, kind) VALUES ($1, $2, $3, $4) ON CONFLICT (register, token, young_person) DO NOTHING`
)

// LookAcross runs fn in one reading transaction over all registers of the house.
// open are the neighbours with whom both sides have an agreement in force, by the
// codes of their authorities: fn may ask for rows of these and of our own.
func (s *Service) LookAcross(ctx context.Context, fn func(tx *db.Tx, open map[string]Neighbour) error) error {
	return s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		list, err := s.open(tx)
		if err != nil {
			return err
		}
		open := map[string]Neighbour{}
		for _, n := range list {
			codes, err := db.Values[string](tx, sqlCodesOf, int64(n.key))
			if err != nil {
				return fmt.Errorf("read the authorities across the border: %w", err)
			}
			for _, code := range codes {
				open[code] = n
			}
		}
		return fn(tx, open)
	})
}

// Agreed are the fields that the agreements in force of a register give to an
// authority, by its code. tx is for every register.
func Agreed(tx *db.Tx, from id.Register, laCode string) (access.Fields, error) {
	given, err := db.Values[string](tx, sqlAgreedTo, day(tx.Now), int64(from), laCode)
	if err != nil {
		return 0, fmt.Errorf("read what is agreed across the border: %w", err)
	}
	var all access.Fields
	for _, text := range given {
		f, err := access.ParseFields(text)
		if err != nil {
			return 0, err
		}
		all |= f
	}
	return all, nil
}

// Side is one of two records of the same young person, and the act by which its
// register says so.
type Side struct {
	Register id.Register
	Person   id.YoungPerson
	Act      id.Act
}

// Join says on both sides that two records are of the same young person, whom
// the first knew by the YoungPersonsID, and gives the token by which both are
// known. tx is for every register.
func (s *Service) Join(tx *db.Tx, first, second Side, youngPersonsID string) error {
	scheme, value := number("id", youngPersonsID)
	for _, one := range [][2]Side{{first, second}, {second, first}} {
		own, other := one[0], one[1]
		if _, err := tx.Exec(sqlAnswer, int64(own.Register), int64(own.Person), int64(other.Register), true, int64(own.Act)); err != nil {
			return fmt.Errorf("say who is the same across the border: %w", err)
		}
		if scheme == "" || len(s.Key) == 0 { // Give does it, where the key is
			continue
		}
		if _, err := tx.Exec(sqlGiveToken, int64(own.Register), s.token(scheme, value), int64(own.Person), byNumber); err != nil {
			return fmt.Errorf("give a token across the border: %w", err)
		}
	}
	return nil
}

// Part takes back what Join said by these acts, of two records that are not of the
// same young person after all, or of whom one is let go. What somebody has
// answered since stays. tx is for every register.
func Part(tx *db.Tx, first, second Side) error {
	for _, one := range [][2]Side{{first, second}, {second, first}} {
		own, other := one[0], one[1]
		if _, err := tx.Exec(sqlPart, int64(own.Register), int64(own.Person), int64(other.Register), int64(own.Act)); err != nil {
			return fmt.Errorf("part two records across the border: %w", err)
		}
		if err := Withhold(tx, own.Register, own.Person); err != nil { // Give gives what is theirs
			return err
		}
	}
	return nil
}

// Key is the neighbour's register, for whoever asks for its rows in LookAcross.
func (n Neighbour) Key() id.Register { return n.key }
