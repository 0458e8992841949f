package sharing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// tokenActor begins the Ref of an actor that is a partner's system.
const tokenActor = "token:"

// tokenStart is what every token begins with, so that one that is found in a
// file or a log is known for what it is.
const tokenStart = "waymark_"

// Token lets a partner's system send under one agreement. What it shows to be
// let in is told once, when it is made; we keep its hash.
type Token struct {
	Ref  id.Ref
	Name string
	// Ends is its last day: the agreement's at the latest.
	Ends     civil.Date
	Over     bool
	LastUsed time.Time
}

const (
	sqlTokens   = `SELECT ref, name, ends, ended_by IS NOT NULL, last_used FROM partner_token WHERE register = $1 AND agreement = $2 ORDER BY made_by DESC`
	sqlAddToken = `INSERT INTO partner_token (register, ref, agreement, name, hash, ends, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlEndToken = `UPDATE partner_token SET ended_by = $1 WHERE register = $2 AND agreement = $3 AND ref = $4 AND ended_by IS NULL`
	sqlTokenOf  = `SELECT t.ref, t.name, t.hash, t.ends, t.last_used, o.name FROM partner_token t JOIN agreement g ON g.register = t.register AND g.id = t.agreement
		JOIN organisation o ON o.register = g.register AND o.id = g.organisation WHERE t.register = $1 AND t.hash = $2 AND t.ended_by IS NULL`
	sqlTokenUsed = `UPDATE partner_token SET last_used = $1 WHERE register = $2 AND ref = $3`
)

// Tokens are those of an agreement, the newest first. It needs access.KeepToken.
func (s *Service) Tokens(ctx context.Context, by access.Actor, ref id.Ref) (g Agreement, out []Token, err error) {
	if err := access.Decide(by, access.KeepToken, access.Subject{Register: by.Register}); err != nil {
		return g, nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if g, err = one(tx, by.Register, ref); err != nil {
			return err
		}
		out = nil
		return each(tx, sqlTokens, []any{int64(by.Register), int64(g.Key)}, func(scan func(...any) error) error {
			var t Token
			var used db.Instant
			err := scan((*string)(&t.Ref), &t.Name, &t.Ends, &t.Over, &used)
			t.LastUsed = used.Time
			out = append(out, t)
			return err
		})
	})
	return g, out, err
}

// TokensOf lists the agreements for whoever keeps tokens. It needs
// access.KeepToken.
func (s *Service) TokensOf(ctx context.Context, by access.Actor) (out []Agreement, err error) {
	if err := access.Decide(by, access.KeepToken, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = agreements(tx, by.Register, "")
		return err
	})
	return out, err
}

// longestToken is for how many days a token may be made.
const longestToken = 366

// MakeToken lets a partner's system in until a day, and tells once what it is to
// show. It needs access.KeepToken and returns field.Errors.
func (s *Service) MakeToken(ctx context.Context, by access.Actor, ref id.Ref, name string, ends civil.Date, key string) (shown string, err error) {
	name = strings.Join(strings.Fields(name), " ")
	var secret [32]byte
	rand.Read(secret[:]) // never fails: crypto/rand ends the program instead
	shown = tokenStart + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret[:]))
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepToken, 0, act.Request{Reason: "access for a partner's system: " + name, Key: key})
		if err != nil {
			return err
		}
		g, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		today := civil.On(tx.Now, civil.London())
		var wrong field.Errors
		if name == "" || len([]rune(name)) > 80 {
			wrong.Add("name", "Enter which system it is for, in 80 letters or fewer, like “College student records”")
		}
		switch {
		case ends.Before(today), ends.After(g.Ends), ends.DaysSince(today) > longestToken:
			wrong.Add("ends", "Enter the last day, from today to "+earliest(g.Ends, today.AddDays(longestToken)).Words())
		case g.On(today) == Ended || g.On(today) == Lapsed:
			wrong.Add("ends", "This agreement is over. Make access under one that is not")
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		_, err = tx.Exec(sqlAddToken, int64(by.Register), string(id.NewRef()), int64(g.Key), name, hashOf(shown), ends.String(), int64(a.Number))
		return err
	})
	if err != nil {
		return "", err
	}
	return shown, nil
}

func earliest(a, b civil.Date) civil.Date {
	if b.Before(a) {
		return b
	}
	return a
}

// EndToken lets a partner's system in no longer, from its next request on. It
// needs access.KeepToken; db.NotFound is that there is none that is not over.
func (s *Service) EndToken(ctx context.Context, by access.Actor, ref, token id.Ref, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepToken, 0, act.Request{Reason: "access for a partner's system ended: " + string(token), Key: key})
		if err != nil {
			return err
		}
		g, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		done, err := tx.Exec(sqlEndToken, int64(a.Number), int64(by.Register), int64(g.Key), string(token))
		if err != nil {
			return fmt.Errorf("end the token: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, db.NotFound)
		}
		return nil
	})
}

// hashOf is how a token is kept. It has 256 bits of chance, so nothing slower is
// needed.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// ErrToken says that a token is not known, was ended, or is past its day. Which
// of these it is, is not told.
var ErrToken = errors.New("the token is not known, or its time is over")

// usedEvery is how often it is written down that a token was used.
const usedEvery = time.Minute

// Bearer is the actor that a token stands for, or ErrToken: a partner's system,
// which sees nobody and may send. That the agreement is in force, Asks says.
func (s *Service) Bearer(ctx context.Context, r id.Register, token, request string) (access.Actor, error) {
	by := access.Actor{Register: r}
	if !strings.HasPrefix(token, tokenStart) || len(token) > 100 {
		return by, ErrToken
	}
	var last time.Time
	var ref string
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var name, hash, organisation string
		var ends civil.Date
		var used db.Instant
		err := tx.QueryRow(sqlTokenOf, int64(r), hashOf(token)).Scan(&ref, &name, &hash, &ends, &used, &organisation)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrToken
		}
		if err != nil {
			return fmt.Errorf("look up a token: %w", err)
		}
		today := civil.On(tx.Now, civil.London())
		if subtle.ConstantTimeCompare([]byte(hash), []byte(hashOf(token))) != 1 || today.After(ends) {
			return ErrToken
		}
		last = used.Time
		by = access.Actor{Register: r, Ref: tokenActor + ref, Name: organisation + " (" + name + ")", Roles: []access.Role{access.Partner}, Request: request, Today: today, Now: tx.Now}
		return nil
	})
	if err != nil || s.DB.Now().Sub(last) < usedEvery {
		return by, err
	}
	return by, s.DB.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(sqlTokenUsed, db.Instant{Time: tx.Now}, int64(r), ref)
		return err
	})
}
