// Package issuer stands in for an authority's own sign-in service, so that
// single sign-on can be tried on one machine.
//
// It speaks OpenID Connect as Microsoft Entra does (a code with PKCE; a tenant
// and an object id in the token) and signs in whoever it is told to, without
// asking. It can lie in every way that a token can be wrong. It is in no
// program that councils run: only tests and a build with -tags testclock hold it.
package issuer

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Lie is one way in which a token is wrong; empty is the truth.
type Lie string

// The lies there are.
const (
	Truth       Lie = ""
	Audience    Lie = "audience"     // made for another program
	Nonce       Lie = "nonce"        // made for another sign-in
	IssuerName  Lie = "issuer"       // says that another issuer made it
	Expired     Lie = "expired"      // over since an hour
	NotYet      Lie = "not yet"      // counts from tomorrow
	Unsigned    Lie = "unsigned"     // alg none
	OtherKey    Lie = "other key"    // signed by a key that is not published
	SharedKey   Lie = "shared key"   // HS256 with the public key as the secret
	OtherTenant Lie = "other tenant" // the same e-mail address, in somebody else's tenant
	OneFactor   Lie = "one factor"   // a password alone
	Stale       Lie = "stale"        // proved long ago
	Nobody      Lie = "nobody"       // no object id
	State       Lie = "state"        // comes back with another state
	Refused     Lie = "refused"      // the service refused
)

// Lies are all of them.
func Lies() []Lie {
	return []Lie{Audience, Nonce, IssuerName, Expired, NotYet, Unsigned, OtherKey, SharedKey, OtherTenant, OneFactor, Stale, Nobody, State, Refused}
}

// Issuer is the service. It is an http.Handler.
type Issuer struct {
	// Base is the address it answers at, which is its name.
	Base string
	// Client is the program that may ask, Secret its password, Tenant the
	// authority.
	Client, Secret, Tenant string
	Now                    func() time.Time

	mu     sync.Mutex
	key    *rsa.PrivateKey
	other  *rsa.PrivateKey
	object string
	email  string
	lie    Lie
	codes  map[string]asked
}

// asked is one sign-in under way.
type asked struct {
	nonce, challenge, back string
	fresh                  bool
	object, email          string
	lie                    Lie
}

// New makes a service with keys of its own. Base may be set when its address
// is known.
func New(client, secret, tenant string, now func() time.Time) (*Issuer, error) {
	i := &Issuer{Client: client, Secret: secret, Tenant: tenant, Now: now, codes: map[string]asked{}, email: "somebody@sandmere.example"}
	var err error
	if i.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, fmt.Errorf("make the issuer's key: %w", err)
	}
	if i.other, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, fmt.Errorf("make another key: %w", err)
	}
	return i, nil
}

// Next says who signs in from now on, and how the token lies.
func (i *Issuer) Next(object string, lie Lie) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.object, i.lie = object, lie
}

// ServeHTTP answers a browser or the program that asks.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		tell(w, map[string]any{"issuer": i.Base, "authorization_endpoint": i.Base + "/authorize", "token_endpoint": i.Base + "/token", "jwks_uri": i.Base + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"pairwise"}})
	case "/keys":
		tell(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one",
			"n": text(i.key.N.Bytes()), "e": text(big.NewInt(int64(i.key.E)).Bytes())}}})
	case "/authorize":
		i.authorize(w, r)
	case "/token":
		i.token(w, r)
	case "/next": // for whoever tries the program from outside
		i.Next(r.FormValue("object"), Lie(r.FormValue("lie")))
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != i.Client || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("state") == "" || q.Get("nonce") == "" {
		http.Error(w, "this is not how Waymark should ask", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	i.mu.Lock()
	lie := i.lie
	i.codes[code] = asked{nonce: q.Get("nonce"), challenge: q.Get("code_challenge"), back: q.Get("redirect_uri"), fresh: q.Get("prompt") == "login",
		object: i.object, email: i.email, lie: lie}
	i.mu.Unlock()
	answer := url.Values{"code": {code}, "state": {q.Get("state")}}
	switch lie {
	case State:
		answer.Set("state", rand.Text())
	case Refused:
		answer = url.Values{"error": {"access_denied"}, "state": {q.Get("state")}}
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	client, secret := "", ""
	if one, two, ok := r.BasicAuth(); ok { // each is encoded as in a form (RFC 6749, 2.3.1)
		client, _ = url.QueryUnescape(one)
		secret, _ = url.QueryUnescape(two)
	}
	if client == "" {
		client, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	i.mu.Lock()
	a, known := i.codes[r.FormValue("code")]
	delete(i.codes, r.FormValue("code"))
	i.mu.Unlock()
	proof := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || client != i.Client || secret != i.Secret || text(proof[:]) != a.challenge || r.FormValue("redirect_uri") != a.back {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	token, err := i.idToken(a)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	tell(w, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": token})
}

// idToken is the token, true or not.
func (i *Issuer) idToken(a asked) (string, error) {
	now := i.Now()
	claims := map[string]any{"iss": i.Base, "aud": i.Client, "sub": "pairwise-" + a.object, "tid": i.Tenant, "oid": a.object, "email": a.email,
		"nonce": a.nonce, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": now.Add(-2 * time.Hour).Unix(), "amr": []string{"pwd", "mfa"}}
	if a.fresh {
		claims["auth_time"] = now.Unix()
	}
	maps.Copy(claims, map[Lie]map[string]any{
		Audience:    {"aud": "another-program"},
		Nonce:       {"nonce": rand.Text()},
		IssuerName:  {"iss": "https://login.elsewhere.example/tenant/v2.0"},
		Expired:     {"exp": now.Add(-time.Hour).Unix()},
		NotYet:      {"nbf": now.Add(24 * time.Hour).Unix()},
		OtherTenant: {"tid": "99999999-9999-4999-8999-999999999999"},
		OneFactor:   {"amr": []string{"pwd"}},
		Stale:       {"auth_time": now.Add(-2 * time.Hour).Unix()},
		Nobody:      {"oid": "", "sub": ""},
	}[a.lie])
	alg := map[Lie]string{Unsigned: "none", SharedKey: "HS256"}[a.lie]
	if alg == "" {
		alg = "RS256"
	}
	head, err := json.Marshal(map[string]string{"alg": alg, "typ": "JWT", "kid": "one"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := text(head) + "." + text(body)
	signature, err := i.sign(signed, a.lie)
	return signed + "." + text(signature), err
}

func tell(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // whoever asked has left where it fails
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// sign signs a token as its lie has it.
func (i *Issuer) sign(signed string, lie Lie) ([]byte, error) {
	digest := sha256.Sum256([]byte(signed))
	switch lie {
	case Unsigned:
		return nil, nil
	case SharedKey:
		mac := hmac.New(sha256.New, i.key.N.Bytes())
		mac.Write([]byte(signed))
		return mac.Sum(nil), nil
	case OtherKey:
		return rsa.SignPKCS1v15(rand.Reader, i.other, crypto.SHA256, digest[:])
	}
	return rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, digest[:])
}
