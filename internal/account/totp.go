package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/seal"
	"waymark/internal/sealed"
)

// An authenticator app shows a number of six digits that follows from a shared
// secret and the half minute (RFC 6238 with HMAC-SHA-1: what every app reads).
// One step to either side is taken too, for clocks that are a little off.
const (
	codeStep   = 30 * time.Second
	codeDigits = 6
	stepsOff   = 1
)

// recoveryCodes is how many codes somebody gets for when the app is lost.
const recoveryCodes = 10

var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret draws the secret of an app that is to be set up: 160 bits, in base
// 32 as people type it.
func NewSecret() string {
	var b [20]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return secretText.EncodeToString(b[:])
}

// AppAddress is what the QR code of a secret says to an app. It names the
// register and the account, so that the app's list can be read.
func AppAddress(register, signIn, secret string) string {
	label := url.PathEscape("Waymark " + register + ":" + signIn)
	return "otpauth://totp/" + label + "?" + url.Values{"secret": {secret}, "issuer": {"Waymark " + register}}.Encode()
}

// codeAt is the number that the app shows in one step.
func codeAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%0*d", codeDigits, (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// stepOf is the step in which the code is right, near the moment.
func stepOf(secret, code string, now time.Time) (int64, bool) {
	key, err := secretText.DecodeString(secret)
	if err != nil || len(key) == 0 || len(code) != codeDigits {
		return 0, false
	}
	middle, found, right := now.Unix()/int64(codeStep.Seconds()), int64(0), false
	for step := middle - stepsOff; step <= middle+stepsOff; step++ {
		if subtle.ConstantTimeCompare([]byte(codeAt(key, step)), []byte(code)) == 1 {
			found, right = step, true
		}
	}
	return found, right
}

// plainCode is what was typed without the spaces and dashes that people and
// apps put in.
func plainCode(typed string) string {
	return strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' || c == '\t' || c == '\u00a0' {
			return -1
		}
		return c
	}, strings.ToLower(strings.TrimSpace(typed)))
}

const (
	sqlSetApp    = `INSERT INTO account_totp (register, account, secret, last_step) VALUES ($1, $2, $3, $4)`
	sqlApp       = `SELECT secret FROM account_totp WHERE register = $1 AND account = $2`
	sqlUseStep   = `UPDATE account_totp SET last_step = $3 WHERE register = $1 AND account = $2 AND last_step < $3`
	sqlDropApp   = `DELETE FROM account_totp WHERE register = $1 AND account = $2`
	sqlAddCode   = `INSERT INTO account_recovery_code (register, account, hash) VALUES ($1, $2, $3)`
	sqlUseCode   = `DELETE FROM account_recovery_code WHERE register = $1 AND account = $2 AND hash = $3`
	sqlDropCodes = `DELETE FROM account_recovery_code WHERE register = $1 AND account = $2`
	sqlCodesLeft = `SELECT count(*) FROM account_recovery_code WHERE register = $1 AND account = $2`
)

// SetUpApp has the actor's authenticator app count from now on, where its first
// code is right, and returns recovery codes, which are shown once. It returns
// field.Errors for "code".
func (s *Service) SetUpApp(ctx context.Context, by access.Actor, secret, code, key string) ([]string, error) {
	var codes []string
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		step, right := stepOf(secret, plainCode(code), tx.Now)
		if !right {
			return field.Errors{{Field: "code", Message: "Enter the number of six digits that the app shows now; if it is not taken, set the clock of your phone to the network’s time"}}
		}
		if _, err := act.Begin(tx, by, access.SignedIn, 0, act.Request{Reason: "authenticator app set up", Key: key}); err != nil {
			return err
		}
		lock, err := sealed.OfRegister(tx, s.register)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(sqlSetApp, s.register, int64(by.Account), lock.Words(secret, secretAt(by.Account)), step); db.IsDuplicate(err) {
			return field.Errors{{Field: "code", Message: "An authenticator app is set up already; remove it first"}}
		} else if err != nil {
			return err
		}
		codes, err = s.newCodes(tx, by.Account)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("set up the authenticator app: %w", err)
	}
	return codes, nil
}

// secretAt is where the sealed secret of an account's app stands.
func secretAt(account id.Account) string {
	return "account_totp.secret " + strconv.FormatInt(int64(account), 10)
}

const sqlApps = `SELECT account, secret FROM account_totp WHERE register = $1`

// SealApps seals the secrets of authenticator apps that an older version stored
// as they were, and says how many.
func (s *Service) SealApps(ctx context.Context) (n int, err error) {
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		n = 0
		plain, err := s.plainApps(tx)
		if err != nil || len(plain) == 0 {
			return err
		}
		lock, err := sealed.OfRegister(tx, s.register)
		if err != nil {
			return err
		}
		for account, secret := range plain {
			if _, err := tx.Exec(`UPDATE account_totp SET secret = $3 WHERE register = $1 AND account = $2`, s.register, int64(account), lock.Words(secret, secretAt(account))); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("seal the secrets of authenticator apps: %w", err)
	}
	return n, nil
}

func (s *Service) plainApps(tx *db.Tx) (map[id.Account]string, error) {
	rows, err := tx.Query(sqlApps, s.register)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	plain := map[id.Account]string{}
	for rows.Next() {
		var account id.Account
		var secret string
		if err := rows.Scan((*int64)(&account), &secret); err != nil {
			return nil, err
		}
		if seal.KeyOf(secret) == "" {
			plain[account] = secret
		}
	}
	return plain, rows.Err()
}

// newCodes makes new recovery codes; those before count no more.
func (s *Service) newCodes(tx *db.Tx, account id.Account) ([]string, error) {
	if _, err := tx.Exec(sqlDropCodes, s.register, int64(account)); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		plain := string(id.NewRef())[:16] // 80 bits
		if _, err := tx.Exec(sqlAddCode, s.register, int64(account), hashed("recovery "+plain)); err != nil {
			return nil, err
		}
		codes[i] = plain[:4] + "-" + plain[4:8] + "-" + plain[8:12] + "-" + plain[12:]
	}
	return codes, nil
}

// NewRecoveryCodes makes the actor new recovery codes, and ends the old.
func (s *Service) NewRecoveryCodes(ctx context.Context, by access.Actor, key string) ([]string, error) {
	var codes []string
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.SignedIn, 0, act.Request{Reason: "new recovery codes", Key: key}); err != nil {
			return err
		}
		var err error
		codes, err = s.newCodes(tx, by.Account)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make recovery codes: %w", err)
	}
	return codes, nil
}

// RecoveryCodesLeft is how many of the actor's recovery codes are unused.
func (s *Service) RecoveryCodesLeft(ctx context.Context, by access.Actor) (int, error) {
	var n int
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(sqlCodesLeft, s.register, int64(by.Account)).Scan(&n)
	})
	return n, err
}

// RemoveApp has the actor's authenticator app and recovery codes count no more.
// It returns field.Errors where a second factor is needed and there would be
// none left.
func (s *Service) RemoveApp(ctx context.Context, by access.Actor, key string) error {
	rules, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.SignedIn, 0, act.Request{Reason: "authenticator app removed", Key: key}); err != nil {
			return err
		}
		if err := s.dropApp(tx, by.Account); err != nil {
			return err
		}
		return s.haveOne(tx, by, rules)
	})
	if err != nil {
		return fmt.Errorf("remove the authenticator app: %w", err)
	}
	return nil
}

// haveOne refuses to have taken away the last of what a needed second factor can be.
func (s *Service) haveOne(tx *db.Tx, by access.Actor, rules Rules) error {
	left, _, err := s.findIn(tx, "id = $2", int64(by.Account))
	if err == nil && rules.SecondFactor && !left.App && left.Passkeys == 0 {
		return field.Errors{{Field: "account", Message: "This is your only second factor, and one is needed here. Set up another first"}}
	}
	return err
}

func (s *Service) dropApp(tx *db.Tx, account id.Account) error {
	for _, drop := range []string{sqlDropApp, sqlDropCodes} {
		if _, err := tx.Exec(drop, s.register, int64(account)); err != nil {
			return err
		}
	}
	return nil
}

// CheckCode takes the number that the account's app shows, or one of its
// recovery codes, each once: nil, ErrNoMatch or TooSoon. Guesses are throttled
// apart from those of the password, so that knowing that one helps nobody.
func (s *Service) CheckCode(ctx context.Context, a Account, typed string, t Try) error {
	if err := s.mayTry(ctx, a, t, "code ", tried{"code " + string(a.Ref), freeForName}); err != nil {
		return err
	}
	code := plainCode(typed)
	var used bool
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		var secret string
		used = false
		err := tx.QueryRow(sqlApp, s.register, int64(a.ID)).Scan(&secret)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		secret, err = sealed.Words(tx, s.register, secret, secretAt(a.ID))
		if err != nil && !errors.Is(err, sealed.ErrNoKey) { // without its key book recovery codes are left
			return err
		}
		if step, right := stepOf(secret, code, tx.Now); right {
			used, err = changed(tx.Exec(sqlUseStep, s.register, int64(a.ID), step))
			return err
		}
		used, err = changed(tx.Exec(sqlUseCode, s.register, int64(a.ID), hashed("recovery "+code)))
		return err
	})
	if err != nil {
		return fmt.Errorf("check the code: %w", err)
	}
	if !used {
		return ErrNoMatch
	}
	return nil
}

// changed says whether a statement changed a row.
func changed(done sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// CodeAt is the number that an app shows for a secret at a moment: for whoever
// sets up an account by program, as a demo and outside tests do.
func CodeAt(secret string, at time.Time) (string, error) {
	key, err := secretText.DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("read the secret of an authenticator app: %w", err)
	}
	return codeAt(key, at.Unix()/int64(codeStep.Seconds())), nil
}
