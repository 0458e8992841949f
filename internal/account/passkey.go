package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Passkey is one passkey of an account: a phone, a laptop or a key on a ring
// that proves its owner by a fingerprint, a face or a PIN (WebAuthn). It is two
// factors at once, and cannot be guessed or given away to another site.
type Passkey struct {
	Ref   id.Ref
	Name  string
	Added time.Time
	// Used is when it last proved who its owner is; the zero moment is never.
	Used time.Time
}

const longestKeyName = 60

const (
	sqlDropPasskeys = `DELETE FROM account_passkey WHERE register = $1 AND account = $2`
	sqlDropPasskey  = `DELETE FROM account_passkey WHERE register = $1 AND account = $2 AND ref = $3`
	sqlPasskeys     = `SELECT ref, name, public_key, added_at, used_at FROM account_passkey WHERE register = $1 AND account = $2 ORDER BY added_at, ref`
	sqlAddPasskey   = `INSERT INTO account_passkey (register, ref, account, name, credential, public_key, added_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, '')`
	sqlUsePasskey   = `UPDATE account_passkey SET public_key = $3, used_at = $4 WHERE register = $1 AND credential = $2`
)

// keyHolder is an account as the WebAuthn library needs it. Its handle is the
// account's reference, which says nothing about the person.
type keyHolder struct {
	a    Account
	keys []webauthn.Credential
}

func (k keyHolder) WebAuthnID() []byte                         { return []byte(k.a.Ref) }
func (k keyHolder) WebAuthnName() string                       { return k.a.SignIn }
func (k keyHolder) WebAuthnDisplayName() string                { return k.a.Name }
func (k keyHolder) WebAuthnCredentials() []webauthn.Credential { return k.keys }

// relyingParty is Waymark at an origin like https://waymark.sandmere.gov.uk. A
// passkey made for one host proves nothing to another.
func relyingParty(origin string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	party, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Waymark", RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, fmt.Errorf("passkeys at %s: %w", origin, err)
	}
	return party, nil
}

// Passkeys are those of the actor, the oldest first.
func (s *Service) Passkeys(ctx context.Context, by access.Actor) ([]Passkey, error) {
	_, shown, err := s.passkeysOf(ctx, by.Account)
	return shown, err
}

func (s *Service) passkeysOf(ctx context.Context, account id.Account) (keys []webauthn.Credential, shown []Passkey, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlPasskeys, s.register, int64(account))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p Passkey
			var record, used string
			var added db.Instant
			if err := rows.Scan(&p.Ref, &p.Name, &record, &added, &used); err != nil {
				return err
			}
			p.Added = added.Time
			if used != "" {
				var at db.Instant
				if err := at.Scan(used); err != nil {
					return err
				}
				p.Used = at.Time
			}
			var key webauthn.Credential
			if err := json.Unmarshal([]byte(record), &key); err != nil {
				return err
			}
			keys, shown = append(keys, key), append(shown, p)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the passkeys: %w", err)
	}
	return keys, shown, nil
}

func (s *Service) holder(ctx context.Context, a Account) (keyHolder, error) {
	keys, _, err := s.passkeysOf(ctx, a.ID)
	return keyHolder{a, keys}, err
}

// BeginPasskey begins to make the actor a passkey at an origin: what the
// browser is asked (JSON), and the ceremony, which the door keeps in the
// session and gives back to AddPasskey.
func (s *Service) BeginPasskey(ctx context.Context, by access.Actor, origin string) (asked, ceremony string, err error) {
	party, err := relyingParty(origin)
	if err != nil {
		return "", "", err
	}
	a, err := s.ByID(ctx, by.Account)
	if err != nil {
		return "", "", err
	}
	who, err := s.holder(ctx, a)
	if err != nil {
		return "", "", err
	}
	options, session, err := party.BeginRegistration(who, webauthn.WithExclusions(webauthn.Credentials(who.keys).CredentialDescriptors()))
	if err != nil {
		return "", "", fmt.Errorf("begin a passkey: %w", err)
	}
	return inJSON(options.Response, session)
}

func inJSON(asked, ceremony any) (string, string, error) {
	one, err := json.Marshal(asked)
	two, failed := json.Marshal(ceremony)
	return string(one), string(two), errors.Join(err, failed)
}

// AddPasskey keeps the passkey that the browser made. It returns field.Errors
// for "name", and for "passkey" where the browser's answer is not right.
func (s *Service) AddPasskey(ctx context.Context, by access.Actor, origin, ceremony, answer, name, key string) error {
	party, err := relyingParty(origin)
	if err != nil {
		return err
	}
	if name = strings.TrimSpace(name); name == "" || utf8.RuneCountInString(name) > longestKeyName {
		return field.Errors{{Field: "name", Message: fmt.Sprintf("Enter a name for the passkey, like “work laptop”, of at most %d characters", longestKeyName)}}
	}
	a, err := s.ByID(ctx, by.Account)
	if err != nil {
		return err
	}
	who, err := s.holder(ctx, a)
	if err != nil {
		return err
	}
	refused := field.Errors{{Field: "passkey", Message: "The passkey was not made. Press the button again and follow what your browser asks"}}
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(ceremony), &session); err != nil {
		return refused
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return refused
	}
	made, err := party.CreateCredential(who, session, parsed)
	if err != nil {
		return refused
	}
	record, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("keep the passkey: %w", err)
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.SignedIn, 0, act.Request{Reason: "passkey added", Key: key}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlAddPasskey, s.register, string(id.NewRef()), int64(a.ID), name, credentialText(made.ID), string(record), db.Instant{Time: tx.Now})
		if db.IsDuplicate(err) {
			return refused
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the passkey: %w", err)
	}
	return nil
}

func credentialText(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// RemovePasskey has one of the actor's passkeys count no more. It returns
// field.Errors where a second factor is needed and there would be none left.
func (s *Service) RemovePasskey(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	rules, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.SignedIn, 0, act.Request{Reason: "passkey removed", Key: key}); err != nil {
			return err
		}
		found, err := changed(tx.Exec(sqlDropPasskey, s.register, int64(by.Account), string(ref)))
		if err == nil && !found {
			err = db.NotFound
		}
		if err != nil {
			return err
		}
		return s.haveOne(tx, by, rules)
	})
	if err != nil {
		return fmt.Errorf("remove the passkey: %w", err)
	}
	return nil
}

// BeginPasskeyProof begins to ask for a passkey: of the account given, or of
// whoever has one where it is nil. What it returns is as in BeginPasskey.
func (s *Service) BeginPasskeyProof(ctx context.Context, a *Account, origin string) (asked, ceremony string, err error) {
	party, err := relyingParty(origin)
	if err != nil {
		return "", "", err
	}
	var options *protocol.CredentialAssertion
	var session *webauthn.SessionData
	if a == nil {
		options, session, err = party.BeginDiscoverableLogin()
	} else {
		var who keyHolder
		if who, err = s.holder(ctx, *a); err != nil {
			return "", "", err
		}
		options, session, err = party.BeginLogin(who)
	}
	if err != nil {
		return "", "", fmt.Errorf("ask for a passkey: %w", err)
	}
	return inJSON(options.Response, session)
}

// PasskeyProof is the account whose passkey the browser showed, or ErrNoMatch.
// It is throttled by nothing: there is nothing to guess.
func (s *Service) PasskeyProof(ctx context.Context, origin, ceremony, answer string) (Account, error) {
	party, err := relyingParty(origin)
	if err != nil {
		return Account{}, err
	}
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(ceremony), &session); err != nil {
		return Account{}, ErrNoMatch
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return Account{}, ErrNoMatch
	}
	var who keyHolder
	var broken error
	find := func(ref id.Ref) error {
		a, err := s.ByRef(ctx, ref)
		if err == nil {
			who, err = s.holder(ctx, a)
		}
		if err != nil && !errors.Is(err, db.NotFound) {
			broken = err
		}
		return err
	}
	var key *webauthn.Credential
	if len(session.UserID) > 0 {
		if err = find(id.Ref(session.UserID)); err == nil {
			key, err = party.ValidateLogin(who, session, parsed)
		}
	} else {
		_, key, err = party.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			err := find(id.Ref(handle))
			return who, err
		}, session, parsed)
	}
	if broken != nil {
		return Account{}, broken
	}
	// A counter that went back means that the key was copied.
	if err != nil || key.Authenticator.CloneWarning || !who.a.Open {
		return Account{}, ErrNoMatch
	}
	return who.a, s.usedPasskey(ctx, key)
}

func (s *Service) usedPasskey(ctx context.Context, key *webauthn.Credential) error {
	record, err := json.Marshal(key)
	if err != nil {
		return fmt.Errorf("note the use of a passkey: %w", err)
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if found, err := changed(tx.Exec(sqlUsePasskey, s.register, credentialText(key.ID), string(record), db.Instant{Time: tx.Now})); err != nil || !found {
			return errors.Join(err, ErrNoMatch)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note the use of a passkey: %w", err)
	}
	return nil
}
