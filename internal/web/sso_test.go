package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"waymark/internal/account"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/issuer"
)

const (
	sandmereTenant = "5f6e1f0a-1111-4111-8111-111111111111"
	adviserObject  = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
)

// TestSingleSignOnPages signs in, proves again and is invited by single sign-on,
// each through a fake service on loopback.
func TestSingleSignOnPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, now := clocked(t, d)
		service, err := issuer.New("waymark", "a secret of ours", sandmereTenant, h.Now)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(service)
		defer server.Close()
		service.Base = server.URL
		v := h.visitor(t)
		if page := v.get("/sign-in", 200); strings.Contains(page, "/sign-in/sso") {
			t.Error("single sign-on is offered where there is none")
		}
		v.get("/sign-in/sso", 303)
		h.SSO, err = account.NewSSO(account.SSOSettings{Issuer: server.URL, Client: "waymark", Secret: "a secret of ours", Tenant: sandmereTenant, Require: "amr=mfa", Origin: "http://example.com"}, h.Now)
		if err != nil {
			t.Fatal(err)
		}
		// there has the browser go to the service and come back.
		there := func(v *visitor, from string) string {
			t.Helper()
			to := v.get(from, http.StatusSeeOther)
			client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			answer, err := client.Get(to)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			back, err := url.Parse(answer.Header.Get("Location"))
			if err != nil || back.Path != account.SSOBack {
				t.Fatalf("the service sent the browser to %s, %v", back, err)
			}
			return back.RequestURI()
		}
		service.Next(adviserObject, issuer.Truth)
		v.get("/sign-in?next=/account", 200, "/sign-in/sso?next=%2Faccount")
		v.get(there(v, "/sign-in/sso?next=/account"), 403, "You have no account here")

		admin := h.visitor(t)
		admin.signIn("administrator@sandmere.example", testPassword)
		bind := accountHref(h.accountOf(t, "adviser@sandmere.example").Ref, "/single-sign-on")
		admin.get(bind, 200, "Object id")
		admin.post(bind, url.Values{"object": {"adviser@sandmere.example"}}, 422, "not an e-mail address")
		admin.post(bind, url.Values{"object": {adviserObject}}, 303)
		if to := v.get(there(v, "/sign-in/sso?next=/account"), 303); to != "/account" {
			t.Fatalf("led to %s", to)
		}
		v.get("/account", 200, "Test Adviser")

		for _, lie := range issuer.Lies() {
			service.Next(adviserObject, lie)
			if lie == issuer.Stale {
				continue // below
			}
			w := h.visitor(t)
			page := w.get(there(w, "/sign-in/sso"), 403, "Signing in did not work")
			if strings.Contains(page, "claims") || strings.Contains(page, "token") {
				t.Errorf("%s: the page says why: %s", lie, page)
			}
			if to := w.get("/account", 303); !strings.HasPrefix(to, "/sign-in") {
				t.Errorf("%s: signed in all the same", lie)
			}
		}
		// A new proof, by the service's asking anew.
		*now = now.Add(provedHolds)
		to := v.get("/account/second-factor", 303)
		v.get(to, 200, "/prove-it-is-you/sso?next=%2Faccount%2Fsecond-factor")
		service.Next(adviserObject, issuer.Stale)
		v.get(there(v, "/prove-it-is-you/sso?next=/account/second-factor"), 403, "Signing in did not work")
		v.get("/account/second-factor", 303)
		service.Next("somebody-else", issuer.Truth)
		v.get(there(v, "/prove-it-is-you/sso?next=/account/second-factor"), 403, "You have no account here")
		service.Next(adviserObject, issuer.Truth)
		if to := v.get(there(v, "/prove-it-is-you/sso?next=/account/second-factor"), 303); to != "/account/second-factor" {
			t.Errorf("led to %s", to)
		}
		v.get("/account/second-factor", 200)

		// Who is invited may bind their account themselves.
		service.Next("opal-object", issuer.Truth)
		admin.post(provePath, url.Values{"password": {testPassword}}, 303)
		made := admin.post("/accounts/new", url.Values{"name": {"Opal Quarrie"}, "sign-in": {"opal@sandmere.example"}, "roles": {"adviser"}}, 200)
		link := made[strings.Index(made, "/begin/"):][:len("/begin/")+26]
		opal := h.visitor(t)
		opal.get(link, 200, link+"/single-sign-on")
		if to := opal.get(there(opal, link+"/single-sign-on"), 303); to != "/" {
			t.Fatalf("led to %s", to)
		}
		opal.get("/account", 200, "Opal Quarrie")
		opal.get(link, 200, "This link has been used")
	})
}
