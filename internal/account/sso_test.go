package account

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/issuer"
)

const (
	ourTenant  = "5f6e1f0a-1111-4111-8111-111111111111"
	opalObject = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
)

// signInService is a fake issuer on loopback, and single sign-on over it.
func signInService(t *testing.T, now func() time.Time, change func(*SSOSettings)) (*issuer.Issuer, *SSO) {
	t.Helper()
	i, err := issuer.New("waymark", "a secret of ours", ourTenant, now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.Base = server.URL
	settings := SSOSettings{Issuer: server.URL, Client: "waymark", Secret: "a secret of ours", Tenant: ourTenant, Require: "amr=mfa", Origin: "https://waymark.sandmere.example"}
	if change != nil {
		change(&settings)
	}
	o, err := NewSSO(settings, now)
	if err != nil {
		t.Fatal(err)
	}
	return i, o
}

// visit goes where a browser is sent, and returns what it comes back with.
func visit(t *testing.T, to string) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("the issuer answered %d, %v", answer.StatusCode, err)
	}
	return back.Query()
}

// TestSingleSignOn signs somebody in by a service that tells the truth, and
// nobody by one that lies in any way there is.
func TestSingleSignOn(t *testing.T) {
	now := dbtest.Noon
	i, o := signInService(t, func() time.Time { return now }, nil)
	i.Next(opalObject, issuer.Truth)
	through := func(fresh bool) (Subject, error) {
		t.Helper()
		to, j, err := o.Begin(t.Context(), fresh)
		if err != nil {
			t.Fatal(err)
		}
		return o.Finish(t.Context(), j, visit(t, to))
	}
	who, err := through(false)
	if err != nil || who != (Subject{i.Base, ourTenant, opalObject}) {
		t.Fatalf("%+v, %v", who, err)
	}
	if _, err := through(true); err != nil {
		t.Errorf("asked anew: %v", err)
	}
	for _, lie := range issuer.Lies() {
		i.Next(opalObject, lie)
		who, err := through(lie == issuer.Stale)
		if !errors.Is(err, ErrSSO) || who != (Subject{}) {
			t.Errorf("a token that lies by %q: %+v, %v", lie, who, err)
		}
	}
	i.Next(opalObject, issuer.Truth)
	// A journey is one browser's, once, and soon.
	to, j, err := o.Begin(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := o.Begin(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	back := visit(t, to)
	if _, err := o.Finish(t.Context(), other, back); !errors.Is(err, ErrSSO) {
		t.Errorf("another browser's answer: %v", err)
	}
	stolen := j
	stolen.Verifier = other.Verifier
	if _, err := o.Finish(t.Context(), stolen, back); !errors.Is(err, ErrSSO) {
		t.Errorf("a code without its verifier: %v", err)
	}
	if _, err := o.Finish(t.Context(), j, back); !errors.Is(err, ErrSSO) {
		t.Errorf("a code used twice: %v", err)
	}
	to, j, err = o.Begin(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	back = visit(t, to)
	now = now.Add(journeyHolds + time.Second)
	if _, err := o.Finish(t.Context(), j, back); !errors.Is(err, ErrSSO) {
		t.Errorf("an answer an hour later: %v", err)
	}
}

// TestTheIssuerIsPinned refuses a service that gives another name than the one
// that was set.
func TestTheIssuerIsPinned(t *testing.T) {
	i, o := signInService(t, func() time.Time { return dbtest.Noon }, nil)
	i.Base = "https://login.elsewhere.example"
	if _, _, err := o.Begin(t.Context(), false); !errors.Is(err, ErrSSO) {
		t.Errorf("another issuer: %v", err)
	}
	for what, settings := range map[string]SSOSettings{
		"plain http":    {Issuer: "http://login.sandmere.example", Client: "c", Secret: "s", Origin: "https://w.example", Require: "amr=mfa"},
		"no secret":     {Issuer: "https://login.sandmere.example", Client: "c", Origin: "https://w.example", Require: "amr=mfa"},
		"no origin":     {Issuer: "https://login.sandmere.example", Client: "c", Secret: "s", Require: "amr=mfa"},
		"nothing asked": {Issuer: "https://login.sandmere.example", Client: "c", Secret: "s", Origin: "https://w.example"},
	} {
		if _, err := NewSSO(settings, nil); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

// TestWithoutATenant takes the subject of a service that has none, and its own
// word for a second factor where it gives none.
func TestWithoutATenant(t *testing.T) {
	i, o := signInService(t, func() time.Time { return dbtest.Noon }, func(s *SSOSettings) { s.Tenant, s.Require = "", "none" })
	i.Next(opalObject, issuer.OneFactor)
	to, j, err := o.Begin(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := o.Finish(t.Context(), j, visit(t, to)); err != nil || who.Object != "pairwise-"+opalObject || o.Strong() {
		t.Errorf("%+v, %v", who, err)
	}
}

// TestBinding has an administrator say whose account a subject signs in to:
// nobody else's, and none is made by signing in.
func TestBinding(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, _ := clocked(t, d)
		admin, a, other := made(t, s, "head", access.Administrator), made(t, s, "imogen", access.Adviser), made(t, s, "tarn", access.Adviser)
		who := Subject{"https://login.example/v2.0", ourTenant, opalObject}
		if _, err := s.OfSubject(ctx, who); !errors.Is(err, ErrNoMatch) {
			t.Errorf("somebody unknown is %v", err)
		}
		if all, err := s.All(ctx, operator); err != nil || len(all) != 3 {
			t.Errorf("%d accounts after somebody unknown came, %v", len(all), err)
		}
		token := signedIn(t, s, a, "one")
		if err := s.Bind(ctx, admin.Actor(""), a.Ref, who, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.Still(ctx, a.Ref, access.SeePerson, token); !errors.Is(err, ErrEnded) {
			t.Errorf("a session outlives the change: %v", err)
		}
		if got, err := s.OfSubject(ctx, who); err != nil || got.ID != a.ID {
			t.Errorf("%+v, %v", got, err)
		}
		if got, ok, err := s.SubjectOf(ctx, a.ID); err != nil || !ok || got != who {
			t.Errorf("%+v, %v", got, err)
		}
		for _, near := range []Subject{{who.Issuer, "99999999-9999-4999-8999-999999999999", who.Object}, {"https://login.elsewhere.example/v2.0", who.Tenant, who.Object}, {who.Issuer, who.Tenant, "another"}} {
			if _, err := s.OfSubject(ctx, near); !errors.Is(err, ErrNoMatch) {
				t.Errorf("%+v is %v", near, err)
			}
		}
		var wrong field.Errors
		if err := s.Bind(ctx, admin.Actor(""), other.Ref, who, ""); !errors.As(err, &wrong) {
			t.Errorf("one subject for two accounts: %v", err)
		}
		if err := s.Bind(ctx, admin.Actor(""), other.Ref, Subject{who.Issuer, who.Tenant, "opal@sandmere.example"}, ""); !errors.As(err, &wrong) {
			t.Errorf("an e-mail address: %v", err)
		}
		if err := s.Bind(ctx, admin.Actor(""), admin.Ref, who, ""); !errors.As(err, &wrong) {
			t.Errorf("one's own: %v", err)
		}
		if err := s.Bind(ctx, a.Actor(""), other.Ref, who, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser: %v", err)
		}
		if err := s.Bind(ctx, admin.Actor(""), a.Ref, Subject{}, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := s.OfSubject(ctx, who); !errors.Is(err, ErrNoMatch) {
			t.Errorf("unbound is %v", err)
		}
		// By the link of an invitation, once.
		code, err := s.StartAgain(ctx, admin.Actor(""), a.Ref, false, "")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.BindWithCode(ctx, code, who, "r"); err != nil || got.ID != a.ID {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, err := s.BindWithCode(ctx, code, who, "r"); !errors.Is(err, ErrSpent) {
			t.Errorf("a second time: %v", err)
		}
		if err := s.Disable(ctx, operator, a.Ref, "left"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.OfSubject(ctx, who); !errors.Is(err, ErrNoMatch) {
			t.Errorf("a closed account is %v", err)
		}
	})
}
