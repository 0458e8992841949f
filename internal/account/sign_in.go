package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// ErrNoMatch is every failed sign-in: no such account, wrong password, closed
// account. The answer tells nobody which names exist.
var ErrNoMatch = errors.New("the name or the password is not right")

// Try is what somebody who signs in sends.
type Try struct {
	SignIn, Password string
	// Network is the sender's address.
	Network string
	// Browser is the token of a browser known to the account, as SignedIn gave
	// it; empty for any other.
	Browser string
	// Request is the id of the request, for the log.
	Request string
}

// CheckPassword is the first step: the account, ErrNoMatch or TooSoon. Nobody
// is signed in by it: SignedIn does that, once the door has asked for whatever
// else the account needs.
func (s *Service) CheckPassword(ctx context.Context, t Try) (Account, error) {
	t.SignIn = strings.ToLower(strings.TrimSpace(t.SignIn))
	a, hash, err := s.find(ctx, "sign_in = $2", t.SignIn)
	unknown := errors.Is(err, db.NotFound)
	if err != nil && !unknown {
		return Account{}, err
	}
	// The try is counted before the password is looked at, so that a hundred
	// sent at once are a hundred tries.
	if err := s.mayTry(ctx, a, t, "password ", tried{"name " + t.SignIn, freeForName}, tried{"network " + t.Network, freeForNetwork}); err != nil {
		return Account{}, err
	}
	if unknown || hash == "" {
		hash = s.hasher.dummy
	}
	right, err := s.hasher.matches(ctx, t.Password, hash)
	if err != nil {
		return Account{}, err
	}
	if unknown || !right || !a.Open || !a.HasPassword {
		return Account{}, ErrNoMatch
	}
	return a, nil
}

// How somebody proved who they are.
const (
	ByPassword = "password"
	ByPasskey  = "passkey"
	BySSO      = "single sign-on"
)

// Welcome is what somebody who has signed in should know and keep.
type Welcome struct {
	// Failed is how many tries to sign in as them failed since they last did,
	// and Codes how many of those had the right password and a wrong code.
	Failed, Codes int
	// Browser is the token by which their browser is known from now on; empty
	// where it is already.
	Browser string
}

// SignedIn logs that somebody has signed in, forgets the tries that failed, and
// remembers the browser. Where the act cannot be stored nobody is signed in.
// It returns ErrNoMatch for an account that is closed, ended or not begun.
func (s *Service) SignedIn(ctx context.Context, a Account, how string, t Try) (Welcome, error) {
	a, err := s.ByRef(ctx, a.Ref)
	if err != nil {
		return Welcome{}, err
	}
	if !a.Open {
		return Welcome{}, ErrNoMatch
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := act.Begin(tx, a.Actor(t.Request), access.SignIn, 0, act.Request{Reason: "by " + how})
		return err
	})
	if err != nil {
		return Welcome{}, fmt.Errorf("sign in: %w", err)
	}
	var w Welcome
	if w.Failed, w.Codes, err = s.forgive(ctx, a, t.Network, how == ByPassword); err != nil {
		return w, err
	}
	w.Browser, err = s.knowBrowser(ctx, a.Ref, t.Browser)
	return w, err
}

// CheckAgain asks somebody who is signed in to prove who they are once more:
// their password and, where they have an authenticator app, its code. It
// returns ErrNoMatch or TooSoon.
func (s *Service) CheckAgain(ctx context.Context, by access.Actor, password, code string, t Try) error {
	a, err := s.ByID(ctx, by.Account)
	if err != nil {
		return err
	}
	t.SignIn, t.Password = a.SignIn, password
	if a, err = s.CheckPassword(ctx, t); err != nil {
		return err
	}
	if a.App {
		if err := s.CheckCode(ctx, a, code, t); err != nil {
			return err
		}
	}
	_, _, err = s.forgive(ctx, a, t.Network, true)
	return err
}

// SignOut logs the end of a session; the door ends the session itself.
func (s *Service) SignOut(ctx context.Context, by access.Actor) error {
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := act.Begin(tx, by, access.SignOut, 0, act.Request{})
		return err
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

const (
	sqlKnown = `SELECT count(*) FROM known_browser WHERE register = $1 AND token = $2 AND account = $3 AND used >= $4`
	sqlKnow  = `INSERT INTO known_browser (register, token, account, used) VALUES ($1, $2, $3, $4)
		ON CONFLICT (register, token) DO UPDATE SET used = excluded.used`
	sqlUnknow     = `DELETE FROM known_browser WHERE register = $1 AND used < $2`
	sqlUnknowUser = `DELETE FROM known_browser WHERE register = $1 AND account = $2`
)

// browserText is what of a browser's token is stored: a hash, bound to the
// account, so that one person's browser says nothing for another.
func browserText(account id.Ref, token string) string {
	return hashed("browser " + string(account) + " " + token)
}

// knowsBrowser says that the account has signed in whole in this browser
// lately.
func (s *Service) knowsBrowser(tx *db.Tx, account id.Ref, token string) (bool, error) {
	if account == "" || token == "" {
		return false, nil
	}
	var n int
	err := tx.QueryRow(sqlKnown, s.register, browserText(account, token), string(account), db.Instant{Time: tx.Now.Add(-browserHolds)}).Scan(&n)
	return n > 0, err
}

// knowBrowser remembers the browser; it returns a token for one that has none.
func (s *Service) knowBrowser(ctx context.Context, account id.Ref, token string) (string, error) {
	given := ""
	if token == "" {
		given = string(id.NewRef()) + string(id.NewRef())
		token = given
	}
	err := s.db.InSideTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(sqlUnknow, s.register, db.Instant{Time: tx.Now.Add(-browserHolds)}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlKnow, s.register, browserText(account, token), string(account), db.Instant{Time: tx.Now})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("remember the browser: %w", err)
	}
	return given, nil
}
