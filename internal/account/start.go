package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// StartHolds is how long a code by which somebody chooses their own password is
// good (ux-security.md 5.5).
const StartHolds = 24 * time.Hour

// ErrSpent is a code that was used, is over, or never was.
var ErrSpent = errors.New("the code has been used or is over")

const (
	sqlAddStart   = `INSERT INTO account_start (register, hash, account, until) VALUES ($1, $2, $3, $4)`
	sqlDropStarts = `DELETE FROM account_start WHERE register = $1 AND account = $2`
	sqlStart      = `SELECT account, until FROM account_start WHERE register = $1 AND hash = $2`
	sqlUseStart   = `DELETE FROM account_start WHERE register = $1 AND hash = $2`
)

// StartAgain makes a code by which the account's owner chooses a password, once
// and within StartHolds: for a new account, and for whoever has lost theirs.
// Codes made before count no more. anew also removes the authenticator app and
// the passkeys, for whoever has lost those, and ends the sessions; the old
// password goes only when a new one is chosen. It needs access.ManageStaff;
// nobody resets their own account so.
func (s *Service) StartAgain(ctx context.Context, by access.Actor, ref id.Ref, anew bool, key string) (code string, err error) {
	a, err := s.ByRef(ctx, ref)
	if err != nil {
		return "", err
	}
	if a.ID == by.Account {
		return "", field.Errors{{Field: "account", Message: "Change your own password on your account page; if you have lost your second factor, ask another administrator"}}
	}
	reason := "account " + string(ref) + " given a code to choose a password"
	if anew {
		reason += "; its authenticator app and passkeys removed"
	}
	code = string(id.NewRef())
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: reason, Key: key}); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlDropStarts, s.register, int64(a.ID)); err != nil {
			return err
		}
		if anew {
			if err := s.dropApp(tx, a.ID); err != nil {
				return err
			}
			if _, err := tx.Exec(sqlDropPasskeys, s.register, int64(a.ID)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(sqlAddStart, s.register, hashed("start "+code), int64(a.ID), db.Instant{Time: tx.Now.Add(StartHolds)})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make a code to choose a password: %w", err)
	}
	if anew {
		err = s.endAll(ctx, a.Ref, "")
	}
	return code, err
}

// Started is whose code it is, or ErrSpent. It asks no permission: the code is
// the permission.
func (s *Service) Started(ctx context.Context, code string) (Account, error) {
	var account id.Account
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		account, err = s.start(tx, code)
		return err
	})
	if err != nil {
		return Account{}, err
	}
	a, err := s.ByID(ctx, account)
	if err == nil && a.Disabled {
		err = ErrSpent
	}
	return a, err
}

func (s *Service) start(tx *db.Tx, code string) (id.Account, error) {
	var account id.Account
	var until db.Instant
	err := tx.QueryRow(sqlStart, s.register, hashed("start "+code)).Scan(&account, &until)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !tx.Now.Before(until.Time) {
		return 0, ErrSpent
	}
	return account, err
}

// ChooseFirst gives the account its owner's own password, for a code, and ends
// its sessions and the code. It returns ErrSpent, or field.Errors for
// "new-password".
func (s *Service) ChooseFirst(ctx context.Context, code, password, request, key string) (Account, error) {
	a, err := s.Started(ctx, code)
	if err != nil {
		return a, err
	}
	if complaint := weak(password, a.SignIn, a.Name); complaint != "" {
		return a, field.Errors{{Field: "new-password", Message: complaint}}
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return a, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := s.start(tx, code); err != nil {
			return err
		}
		if _, err := act.Begin(tx, a.Actor(request), access.SignedIn, 0, act.Request{Reason: "password chosen with a code", Key: key}); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlUseStart, s.register, hashed("start "+code)); err != nil {
			return err
		}
		_, err := tx.Exec(sqlSetPassword, s.register, int64(a.ID), hash)
		return err
	})
	if err != nil {
		return a, fmt.Errorf("choose a password: %w", err)
	}
	if err := s.endAll(ctx, a.Ref, ""); err != nil {
		return a, err
	}
	return a, s.forget(ctx, "name "+a.SignIn)
}
