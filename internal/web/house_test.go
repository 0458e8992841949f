package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/account/accounttest"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/issuer"
)

const sqlOtherRegister = `INSERT INTO register (id, ref, name, database_id, supplier_name) VALUES (2, $1, 'Borough of Ormsey', '992', 'Waymark')`

// twoHouse is the pages of two registers behind one address: Sandmere's, with a
// member of staff for each role, and Ormsey's, with Odalys alone, who has the
// same password as everybody.
func twoHouse(t *testing.T, d *db.DB) (front *house, other *Server, odalys account.Account) {
	t.Helper()
	front = newHouse(t, d)
	if err := d.EveryRegister().InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(sqlOtherRegister, string(id.NewRef()))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	settings := front.Settings
	settings.Register, settings.RegisterName = 2, "Borough of Ormsey"
	settings.Account = front.Account.Beside(d.For(2), 2)
	other, err := New(settings)
	if err != nil {
		t.Fatal(err)
	}
	both, err := NewHouse(account.NewFinder(d.EveryRegister()), front.Server, other)
	if err != nil {
		t.Fatal(err)
	}
	// What is asked of Sandmere's pages is asked of the house.
	front.handler = through(both, front.Server.handler)
	operator := access.Actor{Register: 2, Ref: "operator:test", Name: "operator", Roles: []access.Role{access.Operator}}
	odalys, err = settings.Account.Create(t.Context(), operator, account.NewAccount{SignIn: "odalys@ormsey.example", Name: "Odalys Ormeby", Password: testPassword, Roles: []access.Role{access.Adviser}})
	if err != nil {
		t.Fatal(err)
	}
	return front, other, odalys
}

// through asks the house, whose first server is the one whose handler this
// takes the place of.
func through(h *House, first http.Handler) http.Handler {
	inside := false
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if inside {
			first.ServeHTTP(w, r)
			return
		}
		inside = true
		defer func() { inside = false }()
		h.ServeHTTP(w, r)
	})
}

var askedFor = regexp.MustCompile(`data-asked="([^"]*)"`)

// TestAPasskeyIsFoundInEveryRegister signs in with a passkey of an account in the
// second register, from a page that nobody has said who they are on yet; what is
// not taken is not taken in the same words, wherever the account is.
func TestAPasskeyIsFoundInEveryRegister(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, other, odalys := twoHouse(t, d)
		h.Origin, other.Origin = "http://example.com", "http://example.com"
		v := h.visitor(t)
		key := accounttest.NewSoftKey(t, h.Origin)
		asked, ceremony, err := other.Account.BeginPasskey(t.Context(), odalys.Actor("test"), h.Origin)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Account.AddPasskey(t.Context(), odalys.Actor("test"), h.Origin, ceremony, key.Make(t, asked), "key", ""); err != nil {
			t.Fatal(err)
		}
		question := func(v *visitor, page string) string {
			t.Helper()
			found := askedFor.FindStringSubmatch(page)
			if found == nil {
				t.Fatal("no passkey is asked for", page)
			}
			return html.UnescapeString(found[1])
		}
		// An answer to another question, of a key that is known and of one that
		// is not: refused alike.
		known, unknown := h.visitor(t), h.visitor(t)
		stranger := accounttest.NewSoftKey(t, h.Origin)
		stranger.Handle = []byte(id.NewRef())
		old := question(known, known.get("/sign-in/passkey", 200))
		pages := []string{}
		for _, one := range []struct {
			v   *visitor
			key *accounttest.SoftKey
		}{{known, key}, {unknown, stranger}} {
			one.v.get("/sign-in/passkey", 200)
			page := one.v.post("/sign-in/passkey", url.Values{"assertion": {one.key.Show(t, old)}}, 422, "This passkey was not taken")
			pages = append(pages, askedFor.ReplaceAllString(page, ""))
		}
		if a, b := plainly(pages[0]), plainly(pages[1]); a != b {
			t.Errorf("a known key that is not taken and an unknown one are answered differently:\n%s\n%s", a, b)
		}
		// And one that is right.
		page := v.get("/sign-in/passkey?next=/account", 200)
		answer := key.Show(t, question(v, page))
		if to := v.post("/sign-in/passkey", url.Values{"assertion": {answer}, "next": {"/account"}}, 303); to != "/account" {
			t.Fatalf("led to %s", to)
		}
		v.get("/account", 200, "Odalys Ormeby", "Borough of Ormsey")
		// It counts once.
		again := h.visitor(t)
		again.get("/sign-in/passkey", 200)
		again.post("/sign-in/passkey", url.Values{"assertion": {answer}}, 422, "This passkey was not taken")
	})
}

// plainly is a page without what is new on each: keys, and the numbers of
// requests.
func plainly(page string) string {
	return regexp.MustCompile(`(value|nonce)="[A-Za-z0-9_-]{16,}"`).ReplaceAllString(page, "")
}

// TestSingleSignOnIsFoundInEveryRegister comes back from the sign-in service as
// somebody of the second register, and follows a link to begin there.
func TestSingleSignOnIsFoundInEveryRegister(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, other, odalys := twoHouse(t, d)
		service, err := issuer.New("waymark", "a secret of ours", sandmereTenant, h.Now)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(service)
		defer server.Close()
		service.Base = server.URL
		sso, err := account.NewSSO(account.SSOSettings{Issuer: server.URL, Client: "waymark", Secret: "a secret of ours", Tenant: sandmereTenant, Require: "amr=mfa", Origin: "http://example.com"}, h.Now)
		if err != nil {
			t.Fatal(err)
		}
		h.SSO, other.SSO = sso, sso
		operator := access.Actor{Register: 2, Ref: "operator:test", Name: "operator", Roles: []access.Role{access.Operator}}
		if err := other.Account.Bind(t.Context(), operator, odalys.Ref, account.Subject{Issuer: sso.Issuer, Tenant: sso.Tenant, Object: adviserObject}, ""); err != nil {
			t.Fatal(err)
		}
		there := func(v *visitor, from string) string {
			t.Helper()
			client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			answer, err := client.Get(v.get(from, http.StatusSeeOther))
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			return strings.TrimPrefix(answer.Header.Get("Location"), "http://example.com")
		}
		v := h.visitor(t)
		service.Next(adviserObject, issuer.Truth)
		back := there(v, "/sign-in/sso?next=/account")
		if to := v.get(back, 303); to != "/account" {
			t.Fatalf("led to %s", to)
		}
		v.get("/account", 200, "Odalys Ormeby", "Borough of Ormsey")
		stolen := h.visitor(t)
		if to := stolen.get(back, 303); to != "/" {
			t.Errorf("somebody else's way back led to %s", to)
		}
		service.Next("nobody-here", issuer.Truth)
		w := h.visitor(t)
		w.get(there(w, "/sign-in/sso"), 403, "You have no account here")
		service.Next(adviserObject, issuer.Lies()[0])
		w.get(there(w, "/sign-in/sso"), 403, "Signing in did not work")

		// A link to begin belongs to the register whose administrator made it.
		code, err := other.Account.StartAgain(t.Context(), operator, odalys.Ref, false, "")
		if err != nil {
			t.Fatal(err)
		}
		w.get("/begin/"+code, 200, "Odalys Ormeby")
		w.get("/begin/"+string(id.NewRef()), 200, "This link has been used")
		service.Next("new-object", issuer.Truth)
		if to := w.get(there(w, "/begin/"+code+"/single-sign-on"), 303); to != "/" {
			t.Errorf("led to %s", to)
		}
		w.get("/account", 200, "Odalys Ormeby")
	})
}
