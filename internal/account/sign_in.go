package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
)

// ErrNoMatch is every failed sign-in: no such account, wrong password, closed
// account. The answer tells nobody which names exist.
var ErrNoMatch = errors.New("the name or the password is not right")

// TooSoon is a try made before its wait was over. Nothing was compared, so a
// right password fails as well.
type TooSoon struct{ Wait time.Duration }

func (t TooSoon) Error() string {
	return fmt.Sprintf("too many tries; wait %s", t.Wait.Round(time.Second))
}

// Free tries before a wait. A whole office may stand behind one network
// address, so it has more; an account never locks, or anybody could lock it.
const (
	freeForName    = 5
	freeForNetwork = 20
	firstWait      = time.Minute
	longestWait    = 15 * time.Minute
	forgottenAfter = 24 * time.Hour
)

// Authenticate signs somebody in: the account, ErrNoMatch or TooSoon. It is
// logged as an act where it succeeds. network is the sender's address.
func (s *Service) Authenticate(ctx context.Context, signIn, password, network, request string) (Account, error) {
	signIn = strings.ToLower(strings.TrimSpace(signIn))
	byName, byNetwork := hashed("name "+signIn), hashed("network "+network)
	// The try is counted before the password is looked at, so that a hundred
	// sent at once are a hundred tries.
	if err := s.countTry(ctx, byName, byNetwork); err != nil {
		return Account{}, err
	}
	a, hash, err := s.find(ctx, "sign_in = $2", signIn)
	unknown := errors.Is(err, db.NotFound)
	if unknown {
		hash, err = s.hasher.dummy, nil
	}
	if err != nil {
		return Account{}, err
	}
	right, err := s.hasher.matches(ctx, password, hash)
	if err != nil {
		return Account{}, err
	}
	if unknown || !right || a.Disabled {
		return Account{}, ErrNoMatch
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := act.Begin(tx, a.Actor(request), access.SignIn, 0, act.Request{})
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	return a, s.forgive(ctx, byName, byNetwork)
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
	sqlTries    = `SELECT failed, last_try FROM sign_in_try WHERE register = $1 AND who = $2`
	sqlCountTry = `INSERT INTO sign_in_try (register, who, failed, last_try) VALUES ($1, $2, $3, $4)
		ON CONFLICT (register, who) DO UPDATE SET failed = excluded.failed, last_try = excluded.last_try`
	sqlForget   = `DELETE FROM sign_in_try WHERE register = $1 AND who = $2`
	sqlForgetMe = `UPDATE sign_in_try SET failed = failed - 1 WHERE register = $1 AND who = $2 AND failed > 0`
)

// countTry notes a try for the name and for the network, or returns TooSoon
// and notes none.
func (s *Service) countTry(ctx context.Context, name, network string) error {
	err := s.db.InSideTx(ctx, func(tx *db.Tx) error {
		var counts [2]int
		for i, who := range []string{name, network} {
			free := []int{freeForName, freeForNetwork}[i]
			var last db.Instant
			err := tx.QueryRow(sqlTries, s.register, who).Scan(&counts[i], &last)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			since := max(0, tx.Now.Sub(last.Time)) // a clock may be set back
			if since > forgottenAfter {
				counts[i] = 0
			}
			if wait := waitAfter(counts[i], free) - since; wait > 0 {
				return TooSoon{wait}
			}
		}
		for i, who := range []string{name, network} {
			if _, err := tx.Exec(sqlCountTry, s.register, who, counts[i]+1, db.Instant{Time: tx.Now}); err != nil {
				return err
			}
		}
		return nil
	})
	if _, tooSoon := errors.AsType[TooSoon](err); err != nil && !tooSoon {
		return fmt.Errorf("count the try: %w", err)
	}
	return err
}

// waitAfter doubles from a minute with each failure past the free ones.
func waitAfter(failed, free int) time.Duration {
	if failed < free {
		return 0
	}
	return min(firstWait<<min(failed-free, 10), longestWait)
}

// forgive forgets the name's failures, and of the network's only this try: one
// good sign-in says nothing about what else comes from there.
func (s *Service) forgive(ctx context.Context, name, network string) error {
	err := s.db.InSideTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(sqlForget, s.register, name); err != nil {
			return err
		}
		_, err := tx.Exec(sqlForgetMe, s.register, network)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the failed tries: %w", err)
	}
	return nil
}
