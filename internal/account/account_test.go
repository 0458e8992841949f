package account

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
)

var operator = access.Actor{Register: 1, Ref: "operator:test", Name: "operator", Roles: []access.Role{access.Operator}}

const goodPassword = "seven purple otters"

func service(t *testing.T, d *db.DB) *Service {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO register (id, ref, name, database_id, supplier_name) VALUES (1, $1, 'Borough of Sandmere', '991', 'Waymark')`, string(id.NewRef()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return New(d, 1)
}

func made(t *testing.T, s *Service, signIn string, roles ...access.Role) Account {
	t.Helper()
	a, err := s.Create(t.Context(), operator, NewAccount{SignIn: signIn, Name: "Imogen Tarn", Password: goodPassword, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// authenticate signs somebody in by a password alone, as the pages do.
func (s *Service) authenticate(ctx context.Context, signIn, password, network string) (Account, error) {
	t := Try{SignIn: signIn, Password: password, Network: network, Request: "r"}
	a, err := s.CheckPassword(ctx, t)
	if err != nil {
		return a, err
	}
	_, err = s.SignedIn(ctx, a, ByPassword, t)
	return a, err
}

func acts(t *testing.T, d *db.DB, kind access.Action) (n int) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM act WHERE register = 1 AND kind = $1`, string(kind)).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAccounts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, s := t.Context(), service(t, d)
		a := made(t, s, " Imogen@Sandmere.example ", access.Adviser, access.TeamManager)
		if a.SignIn != "imogen@sandmere.example" || !a.Ref.Valid() {
			t.Errorf("made %+v", a)
		}
		got, err := s.ByRef(ctx, a.Ref)
		if err != nil || len(got.Roles) != 2 || got.ID != a.ID {
			t.Errorf("found %+v, %v", got, err)
		}
		if _, err := s.ByRef(ctx, id.NewRef()); !errors.Is(err, db.NotFound) {
			t.Errorf("an account that is not there is %v", err)
		}
		var wrong field.Errors
		_, err = s.Create(ctx, operator, NewAccount{SignIn: "imogen@sandmere.example", Name: "Another", Password: goodPassword, Roles: []access.Role{access.Adviser}})
		if !errors.As(err, &wrong) || wrong[0].Field != "sign-in" {
			t.Errorf("the same name twice is %v", err)
		}
		_, err = s.Create(ctx, operator, NewAccount{Password: "short", Roles: []access.Role{"owner"}})
		if !errors.As(err, &wrong) || len(wrong) != 4 {
			t.Errorf("all that is wrong is %v", err)
		}
		var denied access.Denied
		if _, err = s.Create(ctx, a.Actor(""), NewAccount{SignIn: "x", Name: "X", Password: goodPassword, Roles: []access.Role{access.Administrator}}); !errors.As(err, &denied) {
			t.Errorf("an adviser made an administrator: %v", err)
		}
		if _, err := s.All(ctx, a.Actor("")); !errors.As(err, &denied) {
			t.Errorf("an adviser listed the accounts: %v", err)
		}
		if all, err := s.All(ctx, operator); err != nil || len(all) != 1 || len(all[0].Roles) != 2 {
			t.Errorf("the accounts are %v, %v", all, err)
		}
		if n := acts(t, d, access.ManageStaff); n != 1 {
			t.Errorf("%d acts, want the one that was done", n)
		}
	})
}

func TestAuthenticate(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, s := t.Context(), service(t, d)
		a := made(t, s, "imogen", access.Adviser)
		if got, err := s.authenticate(ctx, "IMOGEN", goodPassword, "192.0.2.1"); err != nil || got.ID != a.ID {
			t.Fatalf("signed in as %+v, %v", got, err)
		}
		if n := acts(t, d, access.SignIn); n != 1 {
			t.Errorf("%d acts of signing in, want 1", n)
		}
		for _, c := range []struct{ name, password string }{{"imogen", goodPassword + " "}, {"nobody", goodPassword}, {"", ""}} {
			if _, err := s.authenticate(ctx, c.name, c.password, "192.0.2.1"); !errors.Is(err, ErrNoMatch) {
				t.Errorf("%q is %v", c.name, err)
			}
		}
		if err := s.Disable(ctx, operator, a.Ref, "left"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.authenticate(ctx, "imogen", goodPassword, "192.0.2.1"); !errors.Is(err, ErrNoMatch) {
			t.Errorf("a closed account is %v", err)
		}
	})
}

func TestNobodyClosesTheirOwnAccount(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		a := made(t, s, "imogen", access.Administrator)
		var wrong field.Errors
		if err := s.Disable(t.Context(), a.Actor(""), a.Ref, "x"); !errors.As(err, &wrong) {
			t.Errorf("closed: %v", err)
		}
	})
}

func TestSetPassword(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, s := t.Context(), service(t, d)
		a := made(t, s, "imogen", access.Adviser)
		var wrong field.Errors
		if err := s.SetPassword(ctx, a.Actor(""), "not it", "eleven quiet badgers", ""); !errors.As(err, &wrong) || wrong[0].Field != "old-password" {
			t.Errorf("a wrong old password is %v", err)
		}
		if err := s.SetPassword(ctx, a.Actor(""), goodPassword, "imogen imogen", ""); !errors.As(err, &wrong) || wrong[0].Field != "new-password" {
			t.Errorf("a weak new password is %v", err)
		}
		if err := s.SetPassword(ctx, a.Actor(""), goodPassword, "eleven quiet badgers", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := s.authenticate(ctx, "imogen", goodPassword, "192.0.2.1"); !errors.Is(err, ErrNoMatch) {
			t.Errorf("the old password is %v", err)
		}
		if _, err := s.authenticate(ctx, "imogen", "eleven quiet badgers", "192.0.2.1"); err != nil {
			t.Errorf("the new password is %v", err)
		}
	})
}

func TestResetPassword(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, s := t.Context(), service(t, d)
		a, other := made(t, s, "imogen", access.Administrator), made(t, s, "tarn", access.Adviser)
		for token, one := range map[string]Account{"first": a, "second": a, "other": other} {
			content, err := textCodec{}.Encode(dbtest.Noon, map[string]any{InSession: string(one.Ref)})
			if err != nil {
				t.Fatal(err)
			}
			if err := (sessionStore{s}).CommitCtx(ctx, token, content, dbtest.Noon); err != nil {
				t.Fatal(err)
			}
		}
		var wrong field.Errors
		if _, err := s.ResetPassword(ctx, operator, "nobody", "eleven quiet badgers"); !errors.As(err, &wrong) || wrong[0].Field != "sign-in" {
			t.Errorf("a name that nobody has is %v", err)
		}
		if _, err := s.ResetPassword(ctx, operator, "imogen", "imogen imogen"); !errors.As(err, &wrong) || wrong[0].Field != "password" {
			t.Errorf("a weak password is %v", err)
		}
		if _, err := s.ResetPassword(ctx, other.Actor(""), "imogen", "eleven quiet badgers"); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser gave an administrator a password: %v", err)
		}
		before := acts(t, d, access.ManageStaff)
		if got, err := s.ResetPassword(ctx, operator, " Imogen ", "eleven quiet badgers"); err != nil || got.ID != a.ID {
			t.Fatalf("gave %+v a password, %v", got, err)
		}
		if n := acts(t, d, access.ManageStaff) - before; n != 1 {
			t.Errorf("%d acts, want 1", n)
		}
		if left, err := s.OwnSessions(ctx, a.Actor("")); err != nil || len(left) != 0 {
			t.Errorf("still signed in: %v, %v", left, err)
		}
		if left, err := s.OwnSessions(ctx, other.Actor("")); err != nil || len(left) != 1 {
			t.Errorf("somebody else's sessions are %v, %v", left, err)
		}
		if _, err := s.authenticate(ctx, "imogen", goodPassword, "192.0.2.1"); !errors.Is(err, ErrNoMatch) {
			t.Errorf("the old password is %v", err)
		}
		if _, err := s.authenticate(ctx, "imogen", "eleven quiet badgers", "192.0.2.1"); err != nil {
			t.Errorf("the new password is %v", err)
		}
	})
}

// TestGuessing plays a guesser against the clock (Cyber Essentials: never more
// than ten guesses in five minutes; throttled, never locked).
func TestGuessing(t *testing.T) {
	now := dbtest.Noon
	d, err := db.Open(t.Context(), db.Settings{Dir: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	s := service(t, d)
	made(t, s, "imogen", access.Adviser)
	for _, name := range []string{"imogen", "nobody"} {
		var guesses []time.Time
		for range 60 * 60 { // an hour, a try a second
			now = now.Add(time.Second)
			_, err := s.authenticate(t.Context(), name, "wrong", "network of "+name)
			var soon TooSoon
			switch {
			case errors.Is(err, ErrNoMatch):
				guesses = append(guesses, now)
			case !errors.As(err, &soon) || soon.Wait <= 0 || soon.Wait > longestWait:
				t.Fatalf("%s: %v", name, err)
			}
		}
		for i := range guesses {
			if i >= 10 && guesses[i].Sub(guesses[i-10]) < 5*time.Minute {
				t.Errorf("%s: more than ten guesses in five minutes", name)
			}
		}
		if len(guesses) < 8 || len(guesses) > 14 {
			t.Errorf("%s: %d guesses in an hour", name, len(guesses))
		}
	}
	if _, err := s.authenticate(t.Context(), "imogen", "wrong", "a third"); !errors.Is(err, ErrNoMatch) {
		t.Errorf("a try an hour later is %v", err)
	}
	if _, err := s.authenticate(t.Context(), "imogen", goodPassword, "elsewhere"); !errors.As(err, new(TooSoon)) {
		t.Errorf("the right password during the wait is %v", err)
	}
	now = now.Add(longestWait)
	if _, err := s.authenticate(t.Context(), "imogen", goodPassword, "elsewhere"); err != nil {
		t.Errorf("the right password after the wait is %v", err)
	}
	if _, err := s.authenticate(t.Context(), "imogen", "wrong", "elsewhere"); !errors.Is(err, ErrNoMatch) {
		t.Errorf("after a success the count begins anew: %v", err)
	}
	now = now.Add(-3 * time.Hour)
	if _, err := s.authenticate(t.Context(), "imogen", goodPassword, "elsewhere"); err != nil {
		t.Errorf("one wrong try, and a clock that was set back: %v", err)
	}
}

func TestWaitGrowsAndIsBounded(t *testing.T) {
	for failed, want := range map[int]time.Duration{0: 0, 4: 0, 5: 2 * time.Minute, 6: 4 * time.Minute, 7: 8 * time.Minute, 8: longestWait, 1000: longestWait} {
		if got := waitAfter(failed, freeForName); got != want {
			t.Errorf("after %d failures the wait is %v, want %v", failed, got, want)
		}
	}
}

func TestWeakPasswords(t *testing.T) {
	for _, p := range []string{"", "elevenchars", "Password2026!", "passw0rdpassword", "P@ssw0rd1234", "aaaaaaaaaaaaaaaa", "abababababab", "qwertyuiopas", "123456789012",
		"abcdefghijklm", "LiverpoolFC1892", "imogentarn2026", "waymarkwaymark", "letmein123456", strings.Repeat("long ", 60)} {
		if weak(p, "tarn@sandmere.example", "Imogen Tarn") == "" {
			t.Errorf("%q was taken", p)
		}
	}
	for _, p := range []string{goodPassword, "correct-mandolin-7", "пять зелёных лодок", "9f3k2m1q8z7x", "a tarn in the high hills"} {
		if complaint := weak(p, "tarn@sandmere.example", "Imogen Tarn"); complaint != "" {
			t.Errorf("%q was refused: %s", p, complaint)
		}
	}
}

func TestHashes(t *testing.T) {
	h := newHasher()
	one, err := h.hash(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.hash(t.Context(), goodPassword)
	if err != nil || one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%s, %s: %v", one, two, err)
	}
	if ok, err := h.matches(t.Context(), goodPassword, one); !ok || err != nil {
		t.Errorf("does not match: %v", err)
	}
	if _, err := h.matches(t.Context(), goodPassword, "plain"); err == nil {
		t.Error("a stored text that is no hash was compared")
	}
	for range atOnce {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := h.hash(ctx, goodPassword); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one hash more than there are places: %v", err)
	}
}
