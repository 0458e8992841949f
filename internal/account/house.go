package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Beside is the same service for another register of the same house. Failed
// tries to sign in are counted in one place for the whole house, or whoever
// guesses would have as many more tries as there are registers, and learn from
// the wait in which of them a name is; and hashes are made a few at a time for
// the whole house.
func (s *Service) Beside(d *db.DB, r id.Register) *Service {
	return &Service{db: d, register: r, hasher: s.hasher, tries: s.tries}
}

// Finder finds, over all registers of a house, in which one somebody is: all
// that is asked before it is known who asks. It tells a register and nothing
// else.
type Finder struct {
	db *db.DB

	mu    sync.Mutex
	known map[string]id.Register // by session, as its token is stored
}

// NewFinder needs the database for every register.
func NewFinder(d *db.DB) *Finder { return &Finder{db: d, known: map[string]id.Register{}} }

const (
	sqlRegisterOfSignIn  = `SELECT register FROM account WHERE register IN (SELECT id FROM register) AND sign_in = $1`
	sqlRegisterOfSession = `SELECT register FROM session WHERE token = $1`
	// Each table of these begins its key with the register, so all registers are
	// gone through by the same key.
	sqlRegisterOfAccount = `SELECT register FROM account WHERE register IN (SELECT id FROM register) AND ref = $1`
	sqlRegisterOfStart   = `SELECT register FROM account_start WHERE register IN (SELECT id FROM register) AND hash = $1`
	sqlRegistersOf       = `SELECT register FROM account_subject WHERE register IN (SELECT id FROM register)
		AND issuer = $1 AND tenant = $2 AND subject = $3 ORDER BY register`
	mostKnown = 10_000
)

// OfSignIn is the register of the account that signs in with a name, or
// db.NotFound.
func (f *Finder) OfSignIn(ctx context.Context, signIn string) (id.Register, error) {
	return f.one(ctx, sqlRegisterOfSignIn, strings.ToLower(strings.TrimSpace(signIn)))
}

// OfAccount is the register of the account with a reference, which a passkey
// holds, or db.NotFound.
func (f *Finder) OfAccount(ctx context.Context, ref id.Ref) (id.Register, error) {
	return f.one(ctx, sqlRegisterOfAccount, string(ref))
}

// OfStart is the register of the account whose owner may choose a password with
// a code, or db.NotFound.
func (f *Finder) OfStart(ctx context.Context, code string) (id.Register, error) {
	return f.one(ctx, sqlRegisterOfStart, hashed("start "+code))
}

// OfSubject are the registers in which an account is bound to whom a sign-in
// service names, the first made first: somebody may work for two authorities.
func (f *Finder) OfSubject(ctx context.Context, who Subject) ([]id.Register, error) {
	var out []id.Register
	err := f.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		rows, err := tx.Query(sqlRegistersOf, who.Issuer, who.Tenant, who.Object)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r id.Register
			if err := rows.Scan((*int64)(&r)); err != nil {
				return err
			}
			out = append(out, r)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("find in which register somebody signs in: %w", err)
	}
	return out, nil
}

func (f *Finder) one(ctx context.Context, query, by string) (id.Register, error) {
	var r id.Register
	err := f.db.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(query, by).Scan((*int64)(&r)) })
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("find in which register somebody signs in: %w", err)
	}
	return r, nil
}

// OfSession is the register in which a browser's session is, or db.NotFound.
// cookie is what the browser sent. A session never changes its register, so
// what was found once is remembered; whether it has ended, that register says.
func (f *Finder) OfSession(ctx context.Context, cookie string) (id.Register, error) {
	sum := sha256.Sum256([]byte(cookie))
	token := base64.RawURLEncoding.EncodeToString(sum[:])
	f.mu.Lock()
	r, ok := f.known[token]
	f.mu.Unlock()
	if ok {
		return r, nil
	}
	err := f.db.ReadSide(ctx, func(tx *db.Tx) error { return tx.QueryRow(sqlRegisterOfSession, token).Scan(&r) })
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("find in which register a session is: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) >= mostKnown {
		clear(f.known)
	}
	f.known[token] = r
	return r, nil
}
