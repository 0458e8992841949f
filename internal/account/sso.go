package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// SSOSettings name the authority's own sign-in service (OpenID Connect).
type SSOSettings struct {
	// Issuer is its address, like https://login.microsoftonline.com/TENANT/v2.0.
	// No other is believed.
	Issuer string
	// Client and Secret are what it knows Waymark by.
	Client, Secret string
	// Tenant is the authority's in Microsoft Entra: then somebody is known by
	// their object id in it. Empty takes the token's subject instead.
	Tenant string
	// Require is the claim by which it says that a second factor was asked for,
	// like amr=mfa or acrs=c1; "none" has Waymark ask for its own.
	Require string
	// Origin is the address of Waymark, to which browsers come back.
	Origin string
}

// SSOBack is where browsers come back to from the sign-in service.
const SSOBack = "/sign-in/sso/back"

// ErrSSO is a sign-in by the service that was not right; what is wrapped in it
// is for the log alone.
var ErrSSO = errors.New("the sign-in service's answer was not right")

// Subject is who somebody is to the sign-in service. It is never an e-mail
// address: those can be given to somebody else, and set by whoever runs another
// tenant (ux-security.md 5.5).
type Subject struct{ Issuer, Tenant, Object string }

// SSO signs people in by the authority's own service.
type SSO struct {
	SSOSettings
	now    func() time.Time
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
}

// NewSSO checks the settings. The service is asked when somebody first signs
// in, so that it may be out when Waymark starts.
func NewSSO(settings SSOSettings, now func() time.Time) (*SSO, error) {
	at, err := url.Parse(settings.Issuer)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Hostname() != "127.0.0.1" && at.Hostname() != "localhost" {
		return nil, fmt.Errorf("single sign-on needs the https address of its issuer, not %q", settings.Issuer)
	}
	if settings.Client == "" || settings.Secret == "" || settings.Origin == "" {
		return nil, errors.New("single sign-on needs the client id and the secret that the service knows Waymark by, and Waymark's own address (--origin)")
	}
	if claim, value, ok := strings.Cut(settings.Require, "="); settings.Require != "none" && (!ok || claim == "" || value == "") {
		return nil, fmt.Errorf("single sign-on must be told which claim says that a second factor was asked for, like amr=mfa, or none: not %q", settings.Require)
	}
	return &SSO{SSOSettings: settings, now: now, client: &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Strong says that the service vouches for a second factor.
func (o *SSO) Strong() bool { return o.Require != "none" }

// Journey is a browser on its way to the service and back; the door keeps it in
// the session.
type Journey struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Fresh    bool      `json:"fresh"`
	Began    time.Time `json:"began"`
}

// journeyHolds is how long a browser may take to come back.
const journeyHolds = 10 * time.Minute

func (o *SSO) reach(ctx context.Context) (context.Context, *oidc.Provider, *oauth2.Config, error) {
	ctx = oidc.ClientContext(ctx, o.client)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		// The keys are fetched later too, so not for this request alone.
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), o.client), o.Issuer)
		if err != nil {
			return ctx, nil, nil, fmt.Errorf("%w: %w", ErrSSO, err)
		}
		o.provider = p
	}
	return ctx, o.provider, &oauth2.Config{ClientID: o.Client, ClientSecret: o.Secret, Endpoint: o.provider.Endpoint(), RedirectURL: o.Origin + SSOBack, Scopes: []string{oidc.ScopeOpenID, "profile"}}, nil
}

// Begin is where to send the browser, and the journey. fresh has the service
// ask its owner anew, whether signed in there or not.
func (o *SSO) Begin(ctx context.Context, fresh bool) (string, Journey, error) {
	_, _, config, err := o.reach(ctx)
	if err != nil {
		return "", Journey{}, err
	}
	j := Journey{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Fresh: fresh, Began: o.now()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)}
	if fresh {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	switch claim, value, _ := strings.Cut(o.Require, "="); claim {
	case "acr":
		options = append(options, oauth2.SetAuthURLParam("acr_values", value))
	case "acrs":
		wish, err := json.Marshal(map[string]any{"id_token": map[string]any{"acrs": map[string]any{"essential": true, "value": value}}})
		if err != nil {
			return "", Journey{}, err
		}
		options = append(options, oauth2.SetAuthURLParam("claims", string(wish)))
	}
	return config.AuthCodeURL(j.State, options...), j, nil
}

// Finish is who came back, or an error that wraps ErrSSO.
func (o *SSO) Finish(ctx context.Context, j Journey, answer url.Values) (Subject, error) {
	wrong := func(what string) (Subject, error) { return Subject{}, fmt.Errorf("%w: %s", ErrSSO, what) }
	now := o.now()
	if j.State == "" || subtle.ConstantTimeCompare([]byte(j.State), []byte(answer.Get("state"))) != 1 {
		return wrong("the state is not the one that was sent")
	}
	if since := now.Sub(j.Began); since < 0 || since > journeyHolds {
		return wrong("it took too long")
	}
	if answer.Get("error") != "" || answer.Get("code") == "" {
		return wrong("the service refused")
	}
	ctx, provider, config, err := o.reach(ctx)
	if err != nil {
		return Subject{}, err
	}
	tokens, err := config.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return wrong("the code was not taken")
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return wrong("there is no token")
	}
	token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: o.Client, Now: o.now, SupportedSigningAlgs: []string{oidc.RS256, oidc.PS256, oidc.ES256}}).Verify(ctx, raw)
	if err != nil {
		return Subject{}, fmt.Errorf("%w: %w", ErrSSO, err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(j.Nonce)) != 1 {
		return wrong("the nonce is not the one that was sent")
	}
	var claims struct {
		Tenant   string `json:"tid"`
		Object   string `json:"oid"`
		AuthTime int64  `json:"auth_time"`
	}
	all := map[string]any{}
	if err := errors.Join(token.Claims(&claims), token.Claims(&all)); err != nil {
		return wrong("the claims cannot be read")
	}
	who := Subject{Issuer: token.Issuer, Tenant: claims.Tenant, Object: claims.Object}
	if o.Tenant == "" {
		who.Tenant, who.Object = "", token.Subject
	}
	if who.Tenant != o.Tenant || who.Object == "" {
		return wrong("it is nobody of this tenant")
	}
	if claim, value, _ := strings.Cut(o.Require, "="); o.Strong() && !holds(all[claim], value) {
		return wrong("no second factor was asked for: " + o.Require + " is not among its claims")
	}
	if j.Fresh && time.Unix(claims.AuthTime, 0).Before(j.Began.Add(-time.Minute)) {
		return wrong("its owner was not asked anew")
	}
	return who, nil
}

// holds says that a claim, one text or several, has the value.
func holds(claim any, value string) bool {
	switch v := claim.(type) {
	case string:
		return v == value
	case []any:
		return slices.Contains(v, any(value))
	}
	return false
}

const (
	sqlSubject     = `SELECT account FROM account_subject WHERE register = $1 AND issuer = $2 AND tenant = $3 AND subject = $4`
	sqlAddSubject  = `INSERT INTO account_subject (register, issuer, tenant, subject, account) VALUES ($1, $2, $3, $4, $5)`
	sqlDropSubject = `DELETE FROM account_subject WHERE register = $1 AND account = $2`
	sqlBound       = `SELECT issuer, tenant, subject FROM account_subject WHERE register = $1 AND account = $2`
)

// OfSubject is the account that the subject signs in to, or ErrNoMatch where
// none was bound to it: no account is made by signing in.
func (s *Service) OfSubject(ctx context.Context, who Subject) (Account, error) {
	var account id.Account
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(sqlSubject, s.register, who.Issuer, who.Tenant, who.Object).Scan(&account)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrNoMatch
	}
	if err != nil {
		return Account{}, fmt.Errorf("find whose subject it is: %w", err)
	}
	a, err := s.ByID(ctx, account)
	if err == nil && !a.Open {
		err = ErrNoMatch
	}
	return a, err
}

// SubjectOf is who the account is to the sign-in service; false where it is
// bound to nobody.
func (s *Service) SubjectOf(ctx context.Context, account id.Account) (Subject, bool, error) {
	var who Subject
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(sqlBound, s.register, int64(account)).Scan(&who.Issuer, &who.Tenant, &who.Object)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return who, false, nil
	}
	if err != nil {
		return who, false, fmt.Errorf("find the account's subject: %w", err)
	}
	return who, true, nil
}

// Bind has a subject of the sign-in service, and no other, sign in to the
// account; an empty object unbinds it. It ends the account's sessions. It needs
// access.ManageStaff, and returns field.Errors for "object".
func (s *Service) Bind(ctx context.Context, by access.Actor, ref id.Ref, who Subject, key string) error {
	a, err := s.ByRef(ctx, ref)
	if err != nil {
		return err
	}
	if a.ID == by.Account {
		return field.Errors{{Field: "object", Message: "You cannot change your own single sign-on; ask another administrator"}}
	}
	who.Object = strings.TrimSpace(who.Object)
	if strings.Contains(who.Object, "@") {
		return field.Errors{{Field: "object", Message: "Enter the object id, not an e-mail address: addresses can be given to somebody else"}}
	}
	reason := "account " + string(ref) + " bound to single sign-on"
	if who.Object == "" {
		reason = "account " + string(ref) + " bound to single sign-on no more"
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: reason, Key: key}); err != nil {
			return err
		}
		return s.bind(tx, a.ID, who)
	})
	if err != nil {
		return fmt.Errorf("bind to single sign-on: %w", err)
	}
	return s.endAll(ctx, a.Ref, "")
}

func (s *Service) bind(tx *db.Tx, account id.Account, who Subject) error {
	if _, err := tx.Exec(sqlDropSubject, s.register, int64(account)); err != nil || who.Object == "" {
		return err
	}
	_, err := tx.Exec(sqlAddSubject, s.register, who.Issuer, who.Tenant, who.Object, int64(account))
	if db.IsDuplicate(err) {
		return field.Errors{{Field: "object", Message: "Another account is bound to this object id"}}
	}
	return err
}

// BindWithCode binds whoever has just signed in to the service to the account
// of a code from its administrator, which is spent by it. It returns ErrSpent,
// or field.Errors where somebody else's account has the subject.
func (s *Service) BindWithCode(ctx context.Context, code string, who Subject, request string) (Account, error) {
	a, err := s.Started(ctx, code)
	if err != nil {
		return a, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := s.start(tx, code); err != nil {
			return err
		}
		if _, err := act.Begin(tx, a.Actor(request), access.SignedIn, 0, act.Request{Reason: "bound to single sign-on with a code"}); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlUseStart, s.register, hashed("start "+code)); err != nil {
			return err
		}
		return s.bind(tx, a.ID, who)
	})
	if err != nil {
		return a, fmt.Errorf("bind to single sign-on: %w", err)
	}
	return a, s.endAll(ctx, a.Ref, "")
}
