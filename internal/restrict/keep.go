package restrict

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// New is what it takes to restrict a record.
type New struct {
	// Person is the reference of the record, or its YoungPersonsID.
	Person string
	Kind   access.Kind
	// Ground is one of Grounds.
	Ground string
	// Owner and Named are references of accounts.
	Owner id.Ref
	Named []id.Ref
	// Key is the form's one-use key.
	Key string
}

const (
	sqlWhom = `SELECT id FROM young_person WHERE register = $1 AND (ref = $2 OR young_persons_id = $2) AND known_to IS NULL`
	sqlAdd  = `INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	sqlClose   = `UPDATE restriction SET known_to = $1 WHERE register = $2 AND id = $3 AND known_from = $4 AND known_to IS NULL`
	sqlName    = `INSERT INTO restriction_named (register, restriction, account, known_from) VALUES ($1, $2, $3, $4)`
	sqlUnname  = `UPDATE restriction_named SET known_to = $1 WHERE register = $2 AND restriction = $3 AND account = $4 AND known_to IS NULL`
	sqlAlready = `SELECT count(*) FROM restriction WHERE register = $1 AND young_person = $2 AND known_to IS NULL AND (kind = $3 OR ($3 <> 'protected address' AND kind <> 'protected address'))`
)

// personOf is the key behind a reference or a YoungPersonsID.
func personOf(tx *db.Tx, r id.Register, said string) (id.YoungPerson, error) {
	var yp id.YoungPerson
	err := tx.QueryRow(sqlWhom, int64(r), strings.Join(strings.Fields(said), "")).Scan((*int64)(&yp))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nobody()
	}
	if err != nil {
		return 0, fmt.Errorf("find whose record it is: %w", err)
	}
	return yp, nil
}

// nobody is the complaint about a reference of nobody whom the reader may know of.
func nobody() error {
	return field.Errors{{Field: "person", Message: "Enter the reference or the YoungPersonsID of a record that is held here"}}
}

// Restrict restricts a record for 90 days, and returns the reference of the
// restriction. It needs access.RestrictRecord, and returns field.Errors or
// act.ErrRepeated.
func (s *Service) Restrict(ctx context.Context, by access.Actor, n New) (id.Ref, error) {
	var wrong field.Errors
	if !slices.Contains(access.Kinds(), n.Kind) {
		wrong.Add("kind", "Select how the record is restricted")
	} else if !slices.Contains(Grounds(n.Kind), n.Ground) {
		wrong.Add("ground", "Select the ground")
	}
	if wrong != nil {
		return "", wrong
	}
	one := Restriction{Ref: id.NewRef(), Kind: n.Kind, Ground: n.Ground}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := access.Decide(by, access.RestrictRecord, access.Subject{Register: by.Register}); err != nil {
			return err
		}
		var err error
		if one.person, err = personOf(tx, by.Register, n.Person); err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.RestrictRecord, one.person, act.Request{Key: n.Key, Reason: string(n.Kind) + ": " + n.Ground})
		if err != nil {
			return err
		}
		var n2 int
		if err := tx.QueryRow(sqlAlready, int64(by.Register), int64(one.person), string(n.Kind)).Scan(&n2); err != nil {
			return fmt.Errorf("look for another restriction: %w", err)
		}
		if n2 > 0 {
			return field.Errors{{Field: "kind", Message: "This record is restricted in this way already. Lift that restriction first"}}
		}
		people, err := couldBeNamed(tx, by.Register)
		if err != nil {
			return err
		}
		if one.Owner, err = among(people, n.Owner, "owner", "Select who answers for the restriction"); err != nil {
			return err
		}
		for _, ref := range n.Named {
			p, err := among(people, ref, "named", "Select people who may open the record")
			if err != nil {
				return err
			}
			one.Named = append(one.Named, p)
		}
		key, err := a.Keys(1)
		if err != nil {
			return err
		}
		one.ID = id.Restriction(key)
		if err := s.put(tx, a, one); err != nil {
			return err
		}
		for _, p := range one.Named {
			if _, err := tx.Exec(sqlName, int64(by.Register), int64(one.ID), int64(p.Account), int64(a.Number)); err != nil {
				return fmt.Errorf("name somebody: %w", err)
			}
		}
		return nil
	})
	return one.Ref, err
}

func among(people []Person, ref id.Ref, name, complaint string) (Person, error) {
	i := slices.IndexFunc(people, func(p Person) bool { return p.Ref == ref })
	if i < 0 {
		return Person{}, field.Errors{{Field: name, Message: complaint}}
	}
	return people[i], nil
}

// put stores a version that is reviewed from today.
func (s *Service) put(tx *db.Tx, a *act.Act, one Restriction) error {
	if one.ReviewOn.IsZero() {
		one.ReviewOn = civil.On(tx.Now, civil.London()).AddDays(reviewDays)
	}
	if _, err := tx.Exec(sqlAdd, int64(a.Register), int64(one.ID), string(one.Ref), int64(one.person), string(one.Kind), one.Ground,
		int64(one.Owner.Account), one.ReviewOn.String(), int64(one.LiftBy.Account), int64(a.Number)); err != nil {
		return fmt.Errorf("restrict the record: %w", err)
	}
	return nil
}

// change is one act on a restriction by whoever keeps it.
func (s *Service) change(ctx context.Context, by access.Actor, ref id.Ref, key, reason string, do func(tx *db.Tx, a *act.Act, one Restriction) error) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		all, err := inForce(tx, by.Register, func(w *db.Where) { w.And("r.ref = $1", string(ref)) })
		if err != nil {
			return err
		}
		if len(all) == 0 || !all[0].keeps(by) {
			return db.NotFound
		}
		a, err := act.Begin(tx, by, access.ReviewRestriction, all[0].person, act.Request{Key: key, Reason: reason})
		if err != nil {
			return err
		}
		return do(tx, a, all[0])
	})
}

// replace closes the version in force and stores the next.
func (s *Service) replace(tx *db.Tx, a *act.Act, old, next Restriction) error {
	if err := s.close(tx, a, old); err != nil {
		return err
	}
	return s.put(tx, a, next)
}

func (s *Service) close(tx *db.Tx, a *act.Act, old Restriction) error {
	done, err := tx.Exec(sqlClose, int64(a.Number), int64(a.Register), int64(old.ID), int64(old.Version))
	if err != nil {
		return fmt.Errorf("close the restriction: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, db.Conflict{What: "this restriction"})
	}
	return nil
}

// Name lets one more person through. Its owner may, but for a hidden record
// information governance alone (ux-security.md 5.6). It returns field.Errors,
// db.NotFound or act.ErrRepeated.
func (s *Service) Name(ctx context.Context, by access.Actor, ref, account id.Ref, key string) error {
	return s.change(ctx, by, ref, key, "somebody named", func(tx *db.Tx, a *act.Act, one Restriction) error {
		if one.Kind == access.Hidden && !by.Holds(access.InformationGovernance) {
			return field.Errors{{Field: "named", Message: "Ask information governance: for a hidden record they alone add a name"}}
		}
		people, err := couldBeNamed(tx, by.Register)
		if err != nil {
			return err
		}
		p, err := among(people, account, "named", "Select who may open the record")
		if err != nil {
			return err
		}
		if slices.ContainsFunc(one.Named, func(o Person) bool { return o.Account == p.Account }) || one.Owner.Account == p.Account {
			return field.Errors{{Field: "named", Message: p.Name + " is let through already"}}
		}
		if _, err := tx.Exec(sqlName, int64(by.Register), int64(one.ID), int64(p.Account), int64(a.Number)); err != nil {
			return fmt.Errorf("name somebody: %w", err)
		}
		return nil
	})
}

// Unname takes somebody off the named list. It returns db.NotFound where they are
// not on it.
func (s *Service) Unname(ctx context.Context, by access.Actor, ref, account id.Ref, key string) error {
	return s.change(ctx, by, ref, key, "a name taken away", func(tx *db.Tx, a *act.Act, one Restriction) error {
		i := slices.IndexFunc(one.Named, func(p Person) bool { return p.Ref == account })
		if i < 0 {
			return db.NotFound
		}
		if _, err := tx.Exec(sqlUnname, int64(a.Number), int64(by.Register), int64(one.ID), int64(one.Named[i].Account)); err != nil {
			return fmt.Errorf("take a name away: %w", err)
		}
		return nil
	})
}

// Renew says that the restriction was looked at and is still needed, for another
// 90 days; owner is who answers for it from now on, "" for who does already. A
// lifting that was asked for is not wanted any more. It returns field.Errors,
// db.NotFound or act.ErrRepeated.
func (s *Service) Renew(ctx context.Context, by access.Actor, ref, owner id.Ref, key string) error {
	return s.change(ctx, by, ref, key, "reviewed, still needed", func(tx *db.Tx, a *act.Act, one Restriction) error {
		next := one
		next.ReviewOn, next.LiftBy = civil.Date{}, Person{}
		if owner != "" && owner != one.Owner.Ref {
			people, err := couldBeNamed(tx, by.Register)
			if err != nil {
				return err
			}
			if next.Owner, err = among(people, owner, "owner", "Select who answers for the restriction"); err != nil {
				return err
			}
		}
		return s.replace(tx, a, one, next)
	})
}

// Lift ends a restriction where somebody else has asked for it; where nobody has,
// it asks. It says whether the restriction has ended. Both are done by its owner
// or by information governance, and never by one person. It returns db.NotFound
// or act.ErrRepeated, and field.Errors where one person would do both.
func (s *Service) Lift(ctx context.Context, by access.Actor, ref id.Ref, key string) (lifted bool, err error) {
	err = s.change(ctx, by, ref, key, "to be lifted", func(tx *db.Tx, a *act.Act, one Restriction) error {
		switch one.LiftBy.Account {
		case 0:
			next := one
			next.LiftBy = Person{Account: by.Account}
			return s.replace(tx, a, one, next)
		case by.Account:
			return field.Errors{{Field: "lift", Message: "You have asked for this yourself: somebody else must agree"}}
		}
		lifted = true
		return s.close(tx, a, one)
	})
	return lifted && err == nil, err
}
