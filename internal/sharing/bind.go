package sharing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

const (
	sqlAccount = `SELECT id, disabled FROM account WHERE register = $1 AND sign_in = $2`
	sqlRoles   = `SELECT role FROM account_role WHERE register = $1 AND account = $2 AND known_to IS NULL`
	sqlBoundTo = `SELECT o.id, o.name FROM partner_account b JOIN organisation o ON o.register = b.register AND o.id = b.organisation
		WHERE b.register = $1 AND b.account = $2 AND b.known_to IS NULL`
	sqlBind   = `INSERT INTO partner_account (register, account, organisation, known_from) VALUES ($1, $2, $3, $4)`
	sqlUnbind = `UPDATE partner_account SET known_to = $3 WHERE register = $1 AND organisation = $2 AND known_to IS NULL
		AND account IN (SELECT id FROM account WHERE register = $1 AND ref = $4)`
	sqlBindSender   = `INSERT INTO agreement_sender (register, sender, organisation) SELECT register, id, $3 FROM sender WHERE register = $1 AND ref = $2`
	sqlUnbindSender = `DELETE FROM agreement_sender WHERE register = $1 AND organisation = $3 AND sender IN (SELECT id FROM sender WHERE register = $1 AND ref = $2)`
	sqlName         = `INSERT INTO agreement_person (register, agreement, young_person, known_from) VALUES ($1, $2, $3, $4)`
	sqlIsNamed      = `SELECT count(*) FROM agreement_person WHERE register = $1 AND agreement = $2 AND young_person = $3 AND known_to IS NULL`
	sqlUnname       = `UPDATE agreement_person SET known_to = $4 WHERE register = $1 AND agreement = $2 AND known_to IS NULL
		AND young_person IN (SELECT id FROM young_person WHERE register = $1 AND ref = $3)`
)

// Bind lets the account with a sign-in name ask for the agreement's
// organisation. The account must hold a partner's role, and no other: staff see
// by their work. It returns field.Errors for "sign-in".
func (s *Service) Bind(ctx context.Context, by access.Actor, ref id.Ref, signIn, key string) error {
	signIn = strings.ToLower(strings.TrimSpace(signIn))
	return s.do(ctx, by, ref, "given an account", key, func(tx *db.Tx, a *act.Act, g Agreement) error {
		account, err := partner(tx, a.Register, signIn)
		if err != nil {
			return err
		}
		bound := false
		err = each(tx, sqlBoundTo, []any{int64(a.Register), int64(account)}, func(scan func(...any) error) error {
			var to int64
			var name string
			if err := scan(&to, &name); err != nil {
				return err
			}
			if to != int64(g.Organisation.Key) {
				return field.Errors{{Field: "sign-in", Message: "This account asks for " + name + ". Take it away there first"}}
			}
			bound = true
			return nil
		})
		if err != nil || bound {
			return err
		}
		if _, err := tx.Exec(sqlBind, int64(a.Register), int64(account), int64(g.Organisation.Key), int64(a.Number)); err != nil {
			return fmt.Errorf("bind the account: %w", err)
		}
		return nil
	})
}

// partner finds an open account that holds partners' roles alone.
func partner(tx *db.Tx, r id.Register, signIn string) (id.Account, error) {
	refuse := func(words string) error { return field.Errors{{Field: "sign-in", Message: words}} }
	var key id.Account
	var closed bool
	err := tx.QueryRow(sqlAccount, int64(r), signIn).Scan((*int64)(&key), &closed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, refuse("Nobody signs in with this name. An administrator makes the account first, with a partner's role")
	case err != nil:
		return 0, fmt.Errorf("find the account: %w", err)
	case closed:
		return 0, refuse("This account is closed")
	}
	var roles []access.Role
	err = each(tx, sqlRoles, []any{int64(r), int64(key)}, func(scan func(...any) error) error {
		var role access.Role
		err := scan((*string)(&role))
		roles = append(roles, role)
		return err
	})
	if err != nil {
		return 0, err
	}
	if len(roles) == 0 || slices.ContainsFunc(roles, func(r access.Role) bool { return !r.ByAgreement() }) {
		return 0, refuse("This account is not a partner's. An administrator gives it a partner's role and no other")
	}
	return key, nil
}

// Unbind takes an account away from the agreement's organisation: from the next
// request on it sees nobody.
func (s *Service) Unbind(ctx context.Context, by access.Actor, ref, account id.Ref, key string) error {
	return s.do(ctx, by, ref, "account "+string(account)+" taken away", key, func(tx *db.Tx, a *act.Act, g Agreement) error {
		_, err := tx.Exec(sqlUnbind, int64(a.Register), int64(g.Organisation.Key), int64(a.Number), string(account))
		return err
	})
}

// BindSender holds a sender's files to the agreements with the organisation:
// without one in force none is received. It returns field.Errors for "sender".
func (s *Service) BindSender(ctx context.Context, by access.Actor, ref, sender id.Ref, key string) error {
	return s.do(ctx, by, ref, "held for a sender", key, func(tx *db.Tx, a *act.Act, g Agreement) error {
		done, err := tx.Exec(sqlBindSender, int64(a.Register), string(sender), int64(g.Organisation.Key))
		if db.IsDuplicate(err) {
			return field.Errors{{Field: "sender", Message: "The files of this sender are held to another organisation already"}}
		}
		if err != nil {
			return fmt.Errorf("bind the sender: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, field.Errors{{Field: "sender", Message: "Select who sends the files"}})
		}
		return nil
	})
}

// UnbindSender lets a sender's files in without an agreement again.
func (s *Service) UnbindSender(ctx context.Context, by access.Actor, ref, sender id.Ref, key string) error {
	return s.do(ctx, by, ref, "held for a sender no longer", key, func(tx *db.Tx, a *act.Act, g Agreement) error {
		_, err := tx.Exec(sqlUnbindSender, int64(a.Register), string(sender), int64(g.Organisation.Key))
		return err
	})
}

// NamePerson adds the young person with a number (YoungPersonsID, ULN or UPN)
// to those whom an agreement names. It returns field.Errors for "number".
func (s *Service) NamePerson(ctx context.Context, by access.Actor, ref id.Ref, number, key string) error {
	complaint := field.Errors{{Field: "number", Message: "Enter the YoungPersonsID, ULN or UPN of one young person"}}
	if err := access.Decide(by, access.KeepAgreement, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	found, err := s.Records.Find(ctx, by, record.Query{Number: number}, 2)
	if err != nil {
		return err
	}
	if len(found.Rows) != 1 {
		return complaint
	}
	yp := found.Rows[0].Person
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepAgreement, yp, act.Request{Reason: "named in agreement " + string(ref), Key: key})
		if err != nil {
			return err
		}
		g, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		if g.People != Named {
			return field.Errors{{Field: "number", Message: "This agreement is about whoever is enrolled; nobody is named in it"}}
		}
		var n int
		if err := tx.QueryRow(sqlIsNamed, int64(by.Register), int64(g.Key), int64(yp)).Scan(&n); err != nil || n > 0 {
			return err
		}
		_, err = tx.Exec(sqlName, int64(by.Register), int64(g.Key), int64(yp), int64(a.Number))
		return err
	})
}

// UnnamePerson takes a young person out of those whom an agreement names.
func (s *Service) UnnamePerson(ctx context.Context, by access.Actor, ref, person id.Ref, key string) error {
	return s.do(ctx, by, ref, "young person "+string(person)+" taken out", key, func(tx *db.Tx, a *act.Act, g Agreement) error {
		_, err := tx.Exec(sqlUnname, int64(a.Register), int64(g.Key), string(person), int64(a.Number))
		return err
	})
}
