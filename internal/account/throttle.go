package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waymark/internal/db"
)

// TooSoon is a try made before its wait was over. Nothing was compared, so a
// right password fails as well.
type TooSoon struct{ Wait time.Duration }

func (t TooSoon) Error() string {
	return fmt.Sprintf("too many tries; wait %s", t.Wait.Round(time.Second))
}

// Free tries before a wait. A whole office may stand behind one network
// address, so it has more; an account never locks, or anybody could lock it.
// A browser in which the account has signed in before has tries of its own for
// when others have used up those of the name: the owner is kept out by nobody.
// In no five minutes are there more than six tries for a name and three for
// its known browsers (Cyber Essentials: at most ten).
const (
	freeForName    = 5
	freeForNetwork = 20
	freeForBrowser = 2
	firstWait      = 2 * time.Minute
	longestWait    = 15 * time.Minute
	forgottenAfter = 24 * time.Hour
	// browserHolds is how long a browser is known that is not used.
	browserHolds = 90 * 24 * time.Hour
)

// waitAfter doubles from the first wait with each failure past the free ones.
func waitAfter(failed, free int) time.Duration {
	if failed < free {
		return 0
	}
	return min(firstWait<<min(failed-free, 10), longestWait)
}

// tried is what a try is counted under, and how many are free.
type tried struct {
	who  string
	free int
}

const (
	sqlTries    = `SELECT failed, last_try FROM sign_in_try WHERE register = $1 AND who = $2`
	sqlCountTry = `INSERT INTO sign_in_try (register, who, failed, last_try) VALUES ($1, $2, $3, $4)
		ON CONFLICT (register, who) DO UPDATE SET failed = excluded.failed, last_try = excluded.last_try`
	sqlForget   = `DELETE FROM sign_in_try WHERE register = $1 AND who = $2`
	sqlForgetMe = `UPDATE sign_in_try SET failed = failed - 1 WHERE register = $1 AND who = $2 AND failed > 0`
)

// mayTry counts a try under each of those given, or returns TooSoon and counts
// none. In a known browser of the account a try is left when those are used up;
// what names the kind of try.
func (s *Service) mayTry(ctx context.Context, a Account, t Try, what string, all ...tried) error {
	err := s.db.For(s.register, s.tries).InSideTx(ctx, func(tx *db.Tx) error {
		err := s.count(tx, all...)
		if _, soon := errors.AsType[TooSoon](err); !soon {
			return err
		}
		known, failed := s.knowsBrowser(tx, a.Ref, t.Browser)
		if failed != nil || !known {
			return errors.Join(err, failed)
		}
		return s.count(tx, tried{"browser " + what + string(a.Ref), freeForBrowser})
	})
	if soon, is := errors.AsType[TooSoon](err); is {
		return soon
	}
	if err != nil {
		return fmt.Errorf("count the try: %w", err)
	}
	return nil
}

func (s *Service) count(tx *db.Tx, all ...tried) error {
	counts := make([]int, len(all))
	for i, one := range all {
		var last db.Instant
		err := tx.QueryRow(sqlTries, s.tries, hashed(one.who)).Scan(&counts[i], &last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		since := max(0, tx.Now.Sub(last.Time)) // a clock may be set back
		if since > forgottenAfter {
			counts[i] = 0
		}
		if wait := waitAfter(counts[i], one.free) - since; wait > 0 {
			return TooSoon{wait}
		}
	}
	for i, one := range all {
		if _, err := tx.Exec(sqlCountTry, s.tries, hashed(one.who), counts[i]+1, db.Instant{Time: tx.Now}); err != nil {
			return err
		}
	}
	return nil
}

// forgive forgets the account's failures, and of the network's only this try:
// one good sign-in says nothing about what else comes from there. It returns
// how many there were; own is false where the way that succeeded is none that
// is counted.
func (s *Service) forgive(ctx context.Context, a Account, network string, own bool) (failed, codes int, err error) {
	err = s.db.For(s.register, s.tries).InSideTx(ctx, func(tx *db.Tx) error {
		failed, codes = 0, 0
		for _, one := range []struct {
			who  string
			into *int
		}{{"name " + a.SignIn, &failed}, {"code " + string(a.Ref), &codes}} {
			var last db.Instant
			if err := tx.QueryRow(sqlTries, s.tries, hashed(one.who)).Scan(one.into, &last); err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		for _, who := range []string{"name " + a.SignIn, "code " + string(a.Ref), "browser password " + string(a.Ref), "browser code " + string(a.Ref)} {
			if _, err := tx.Exec(sqlForget, s.tries, hashed(who)); err != nil {
				return err
			}
		}
		if !own {
			return nil
		}
		_, err := tx.Exec(sqlForgetMe, s.tries, hashed("network "+network))
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("forget the failed tries: %w", err)
	}
	if own { // the ones that succeeded
		failed, codes = max(0, failed-1), max(0, codes-1)
	}
	return failed, codes, nil
}

// forget forgets the tries counted under one.
func (s *Service) forget(ctx context.Context, who string) error {
	err := s.db.For(s.register, s.tries).InSideTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(sqlForget, s.tries, hashed(who))
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the failed tries: %w", err)
	}
	return nil
}
