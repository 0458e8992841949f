package restrict

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// What a young person is to somebody on the staff.
const (
	Themself = "themself"
	Relative = "relative"
)

// Own is that a young person is somebody on the staff, or a relative of theirs:
// that account never sees the record, whatever else allows it.
type Own struct {
	Account        Person
	YoungPersonsID string
	Relation       string
	// Since is the act that said so.
	Since id.Act

	person id.YoungPerson
}

const (
	sqlOwn = `SELECT o.account, y.young_persons_id, o.relation, o.known_from, o.young_person FROM own_record o
		JOIN young_person y ON y.register = o.register AND y.id = o.young_person WHERE o.register = $1 AND o.known_to IS NULL ORDER BY o.known_from`
	sqlAddOwn = `INSERT INTO own_record (register, account, young_person, relation, known_from) VALUES ($1, $2, $3, $4, $5)`
	sqlEndOwn = `UPDATE own_record SET known_to = $1 WHERE register = $2 AND account = $3 AND known_from = $4 AND known_to IS NULL`
	sqlIsOwn  = `SELECT count(*) FROM own_record WHERE register = $1 AND account = $2 AND young_person = $3 AND known_to IS NULL`
)

// Declare records that a young person, by their reference or YoungPersonsID, is
// the account's own or a relative. Everybody may say it of themselves, and
// information governance of anybody. From then on the record is to that account
// as a locked one that nothing opens. Of somebody whose record is hidden from
// them, they are told that there is none. It returns field.Errors or
// act.ErrRepeated.
func (s *Service) Declare(ctx context.Context, by access.Actor, account id.Ref, person, relation, key string) error {
	if relation != Themself && relation != Relative {
		return field.Errors{{Field: "relation", Message: "Select what the young person is to you"}}
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		accounts, err := accountsOf(tx, by.Register)
		if err != nil {
			return err
		}
		whose := accounts[by.Account]
		if account != "" && account != whose.Ref {
			if err := access.Decide(by, access.RestrictRecord, access.Subject{Register: by.Register}); err != nil {
				return err
			}
			whose = Person{}
			for _, p := range accounts {
				if p.Ref == account {
					whose = p
				}
			}
		}
		if whose.Account == 0 {
			return field.Errors{{Field: "account", Message: "Select whose relative the young person is"}}
		}
		// Both are asked before either is answered, so that a hidden record takes as
		// long as none.
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		yp, err := personOf(tx, by.Register, person)
		if err != nil {
			return err
		}
		if veil.Hides(yp) && !access.May(by, access.RestrictRecord) {
			return nobody()
		}
		a, err := act.Begin(tx, by, access.DeclareOwn, yp, act.Request{Key: key, Reason: relation + " of account " + string(whose.Ref)})
		if err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(sqlIsOwn, int64(by.Register), int64(whose.Account), int64(yp)).Scan(&n); err != nil {
			return fmt.Errorf("look whether it was said: %w", err)
		}
		if n > 0 {
			return field.Errors{{Field: "person", Message: "This was said before; the record is closed to the account already"}}
		}
		if _, err := tx.Exec(sqlAddOwn, int64(by.Register), int64(whose.Account), int64(yp), relation, int64(a.Number)); err != nil {
			return fmt.Errorf("record whose relative it is: %w", err)
		}
		return nil
	})
}

// Owned are whose own or relatives' records are known, the earliest first. It
// needs access.RestrictRecord and records that they were looked at.
func (s *Service) Owned(ctx context.Context, by access.Actor) ([]Own, error) {
	if err := access.Decide(by, access.RestrictRecord, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Own
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		accounts, err := accountsOf(tx, by.Register)
		if err != nil {
			return err
		}
		rows, err := tx.Query(sqlOwn, int64(by.Register))
		if err != nil {
			return fmt.Errorf("read whose relatives are known: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var o Own
			var account id.Account
			if err := rows.Scan((*int64)(&account), &o.YoungPersonsID, &o.Relation, (*int64)(&o.Since), (*int64)(&o.person)); err != nil {
				return fmt.Errorf("read whose relatives are known: %w", err)
			}
			o.Account = accounts[account]
			out = append(out, o)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	people := make([]id.YoungPerson, len(out))
	for i := range out {
		people[i] = out[i].person
	}
	return out, s.Sights.See(ctx, act.Sight{By: by, Kind: access.RestrictRecord, People: people, Page: "own and relatives' records"})
}

// Disown takes back that a young person is a relative of an account, where it was
// said in error. It needs access.RestrictRecord, and returns db.NotFound, or
// access.Denied for one's own account: nobody opens their relative's record to
// themselves.
func (s *Service) Disown(ctx context.Context, by access.Actor, account id.Ref, since id.Act, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		accounts, err := accountsOf(tx, by.Register)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.RestrictRecord, 0, act.Request{Key: key, Reason: "no relative of account " + string(account)})
		if err != nil {
			return err
		}
		for _, p := range accounts {
			if p.Ref != account {
				continue
			}
			if p.Account == by.Account {
				return access.Denied{Action: access.RestrictRecord, Reason: "it is about you: ask a colleague"}
			}
			done, err := tx.Exec(sqlEndOwn, int64(a.Number), int64(by.Register), int64(p.Account), int64(since))
			if err != nil {
				return fmt.Errorf("take back whose relative it is: %w", err)
			}
			if n, err := done.RowsAffected(); err != nil || n == 0 {
				return errors.Join(err, db.NotFound)
			}
			return nil
		}
		return db.NotFound
	})
}
