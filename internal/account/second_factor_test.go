package account

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/seal"
	"waymark/internal/sealed"
)

// clocked is the service over a clock that the test moves.
func clocked(t *testing.T, d *db.DB) (*Service, *time.Time) {
	t.Helper()
	now := dbtest.Noon
	return service(t, d.At(func() time.Time { return now })), &now
}

// TestCodesOfTheStandard holds the codes to those of RFC 6238, appendix B.
func TestCodesOfTheStandard(t *testing.T) {
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := codeAt([]byte("12345678901234567890"), at/30); got != want {
			t.Errorf("at %d the code is %s, want %s", at, got, want)
		}
	}
	secret := NewSecret()
	key, err := secretText.DecodeString(secret)
	if err != nil || len(key) != 20 || secret == NewSecret() {
		t.Errorf("the secret %q: %v", secret, err)
	}
	middle := dbtest.Noon.Unix() / 30
	for off, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		if step, right := stepOf(secret, codeAt(key, middle+off), dbtest.Noon); right != want || right && step != middle+off {
			t.Errorf("a code %d steps off is taken: %v", off, right)
		}
	}
	if address := AppAddress("Sandmere Council", "imogen@sandmere.example", "ABC"); address != "otpauth://totp/Waymark%20Sandmere%20Council:imogen@sandmere.example?issuer=Waymark+Sandmere+Council&secret=ABC" {
		t.Error(address)
	}
}

func codeNow(t *testing.T, secret string, now time.Time) string {
	t.Helper()
	key, err := secretText.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return codeAt(key, now.Unix()/30)
}

func TestAuthenticatorApp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		a := made(t, s, "imogen", access.Adviser)
		by, secret := a.Actor("r"), NewSecret()
		var wrong field.Errors
		if _, err := s.SetUpApp(ctx, by, secret, "000000", ""); !errors.As(err, &wrong) || wrong[0].Field != "code" {
			t.Fatalf("a wrong first code is %v", err)
		}
		first := codeNow(t, secret, *now)
		codes, err := s.SetUpApp(ctx, by, secret, first[:3]+" "+first[3:], "")
		if err != nil || len(codes) != recoveryCodes {
			t.Fatalf("%v, %v", codes, err)
		}
		if a, err = s.ByRef(ctx, a.Ref); err != nil || !a.App {
			t.Fatalf("no app is set up: %v", err)
		}
		if _, err := s.SetUpApp(ctx, by, NewSecret(), "000000", ""); err == nil {
			t.Error("a second app was set up over the first")
		}
		check := func(code string) error { return s.CheckCode(ctx, a, code, Try{}) }
		if err := check(first); !errors.Is(err, ErrNoMatch) {
			t.Errorf("the code that set it up, a second time, is %v", err)
		}
		*now = now.Add(30 * time.Second)
		if err := check(codeNow(t, secret, *now)); err != nil {
			t.Errorf("the right code is %v", err)
		}
		if err := check(codeNow(t, secret, *now)); !errors.Is(err, ErrNoMatch) {
			t.Errorf("the same code again is %v", err)
		}
		if err := check(first); !errors.Is(err, ErrNoMatch) {
			t.Errorf("an earlier code, still near, is %v", err)
		}
		if err := check(strings.ToUpper(codes[3])); err != nil {
			t.Errorf("a recovery code is %v", err)
		}
		if err := check(codes[3]); err == nil {
			t.Error("a recovery code was taken twice")
		}
		if n, err := s.RecoveryCodesLeft(ctx, by); err != nil || n != recoveryCodes-1 {
			t.Errorf("%d recovery codes are left, %v", n, err)
		}
		err = d.Read(ctx, func(tx *db.Tx) error {
			var n int
			err := tx.QueryRow(`SELECT count(*) FROM account_recovery_code WHERE register = 1 AND hash = $1`, plainCode(codes[0])).Scan(&n)
			if n != 0 {
				t.Error("a recovery code is stored as it is")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if fresh, err := s.NewRecoveryCodes(ctx, by, ""); err != nil || len(fresh) != recoveryCodes || fresh[0] == codes[0] {
			t.Errorf("%v, %v", fresh, err)
		}
		if err := s.SetRules(ctx, operator, Rules{SecondFactor: true, Idle: 30 * time.Minute, Lasts: 12 * time.Hour}, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveApp(ctx, by, ""); !errors.As(err, &wrong) {
			t.Errorf("the only second factor was removed where one is needed: %v", err)
		}
		if err := s.SetRules(ctx, operator, Rules{Idle: 30 * time.Minute, Lasts: 12 * time.Hour}, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveApp(ctx, by, ""); err != nil {
			t.Fatal(err)
		}
		if n, err := s.RecoveryCodesLeft(ctx, by); err != nil || n != 0 {
			t.Errorf("%d recovery codes outlive the app, %v", n, err)
		}
	})
}

// TestGuessingCodes plays a guesser who has the password: throttled like the
// password, and no way past it by giving the password again.
func TestGuessingCodes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		a := made(t, s, "imogen", access.Adviser)
		secret := NewSecret()
		if _, err := s.SetUpApp(ctx, a.Actor("r"), secret, codeNow(t, secret, *now), ""); err != nil {
			t.Fatal(err)
		}
		var guesses []time.Time
		for range 60 {
			*now = now.Add(20 * time.Second)
			if _, err := s.CheckPassword(ctx, Try{SignIn: "imogen", Password: goodPassword, Network: "n"}); err != nil && !errors.As(err, new(TooSoon)) {
				t.Fatal(err)
			}
			switch err := s.CheckCode(ctx, a, "000000", Try{}); {
			case errors.Is(err, ErrNoMatch):
				guesses = append(guesses, *now)
			case !errors.As(err, new(TooSoon)):
				t.Fatal(err)
			}
		}
		tenInFive(t, guesses)
		if len(guesses) < 6 || len(guesses) > 9 {
			t.Errorf("%d guesses in 20 minutes", len(guesses))
		}
		// The owner signs in, and is told.
		*now = now.Add(longestWait)
		if err := s.CheckCode(ctx, a, codeNow(t, secret, *now), Try{}); err != nil {
			t.Fatal(err)
		}
		if w, err := s.SignedIn(ctx, a, ByPassword, Try{}); err != nil || w.Codes != len(guesses) {
			t.Errorf("told of %d wrong codes, of %d: %v", w.Codes, len(guesses), err)
		}
	})
}

func tenInFive(t *testing.T, guesses []time.Time) {
	t.Helper()
	for i := range guesses {
		if i >= 10 && guesses[i].Sub(guesses[i-10]) < 5*time.Minute {
			t.Errorf("more than ten guesses in five minutes: %v", guesses[i-10:i+1])
			return
		}
	}
}

// TestNobodyKeepsTheOwnerOut has somebody else use up every try for a name, and
// its owner sign in all the same, in a browser where they have before. Both
// together never come to more than ten guesses in five minutes.
func TestNobodyKeepsTheOwnerOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		a, other := made(t, s, "imogen", access.Adviser), made(t, s, "tarn", access.Adviser)
		home := Try{SignIn: "imogen", Password: goodPassword, Network: "office"}
		w, err := s.SignedIn(ctx, a, ByPassword, home)
		if err != nil || w.Browser == "" || w.Failed != 0 {
			t.Fatalf("%+v, %v", w, err)
		}
		flood := func() {
			for range 30 {
				if _, err := s.CheckPassword(ctx, Try{SignIn: "imogen", Password: "wrong", Network: "office"}); err == nil {
					t.Fatal("a wrong password was taken")
				}
			}
		}
		flood()
		if _, err := s.CheckPassword(ctx, home); !errors.As(err, new(TooSoon)) {
			t.Errorf("the right password in an unknown browser during the wait is %v", err)
		}
		home.Browser = w.Browser
		if got, err := s.CheckPassword(ctx, home); err != nil || got.ID != a.ID {
			t.Fatalf("the owner is kept out: %v", err)
		}
		told, err := s.SignedIn(ctx, a, ByPassword, home)
		if err != nil || told.Failed < freeForName-1 || told.Browser != "" {
			t.Errorf("told %+v, %v", told, err)
		}
		// A browser known to one account is not known to another.
		for range 30 {
			s.CheckPassword(ctx, Try{SignIn: "tarn", Password: "wrong", Network: "n"})
		}
		if _, err := s.CheckPassword(ctx, Try{SignIn: "tarn", Password: goodPassword, Network: "n", Browser: w.Browser}); !errors.As(err, new(TooSoon)) {
			t.Errorf("another's browser passes for %s: %v", other.SignIn, err)
		}
		// Whoever has the browser too does not get past ten.
		var guesses []time.Time
		for range 120 {
			*now = now.Add(5 * time.Second)
			for range 3 {
				if _, err := s.CheckPassword(ctx, Try{SignIn: "imogen", Password: "wrong", Network: "n", Browser: w.Browser}); errors.Is(err, ErrNoMatch) {
					guesses = append(guesses, *now)
				}
			}
		}
		tenInFive(t, guesses)
		if len(guesses) < freeForName+freeForBrowser {
			t.Errorf("%d guesses in ten minutes", len(guesses))
		}
		// It is forgotten when sessions are ended from outside.
		if err := s.endAll(ctx, a.Ref, ""); err != nil {
			t.Fatal(err)
		}
		flood()
		if _, err := s.CheckPassword(ctx, home); !errors.As(err, new(TooSoon)) {
			t.Errorf("a browser that was forgotten passes: %v", err)
		}
	})
}

// signedIn gives the account a session, and returns its hashed token.
func signedIn(t *testing.T, s *Service, a Account, token string) string {
	t.Helper()
	content, err := textCodec{}.Encode(s.db.Now(), map[string]any{InSession: string(a.Ref)})
	if err != nil {
		t.Fatal(err)
	}
	if err := (sessionStore{s}).CommitCtx(t.Context(), token, content, s.db.Now()); err != nil {
		t.Fatal(err)
	}
	return token
}

func sessions(t *testing.T, s *Service, a Account) int {
	t.Helper()
	all, err := s.SessionsOf(t.Context(), operator, a.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestSecretsStandSealed holds that neither the secret of an authenticator app
// nor what somebody wrote in a form stands in the database as it is, that both
// go on after the master key was rotated, and that what an older version stored
// plainly is sealed at the next start.
func TestSecretsStandSealed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		path := filepath.Join(t.TempDir(), "master")
		var err error
		if d.Ring, err = seal.OpenRing(path, ""); err != nil {
			t.Fatal(err)
		}
		s, now := clocked(t, d)
		a := made(t, s, "imogen", access.Adviser)
		secret := NewSecret()
		if _, err := s.SetUpApp(ctx, a.Actor(""), secret, codeNow(t, secret, *now), string(id.NewRef())); err != nil {
			t.Fatal(err)
		}
		ref, err := s.KeepForm(ctx, KeptForm{Account: a.Ref, Address: "/x", Page: "/x", Why: KeptFailed, Form: map[string][]string{"key": {"k"}, "note": {"sleepsattheaunts"}}})
		if err != nil {
			t.Fatal(err)
		}
		stored := func(read func(context.Context, func(*db.Tx) error) error, q string) (text string) {
			t.Helper()
			if err := read(ctx, func(tx *db.Tx) error { return tx.QueryRow(q).Scan(&text) }); err != nil {
				t.Fatal(err)
			}
			return text
		}
		look := func() {
			t.Helper()
			if got := stored(d.Read, "SELECT secret FROM account_totp"); seal.KeyOf(got) == "" || strings.Contains(got, secret) {
				t.Errorf("the secret of the app is stored as %q", got)
			}
			if got := stored(d.ReadSide, "SELECT form FROM kept_form"); seal.KeyOf(got) == "" || strings.Contains(got, "aunts") {
				t.Errorf("the form is stored as %q", got)
			}
			*now = now.Add(time.Minute)
			if err := s.CheckCode(ctx, a, codeNow(t, secret, *now), Try{}); err != nil {
				t.Errorf("the app's code: %v", err)
			}
			if k, err := s.KeptForm(ctx, a.Ref, ref); err != nil || k.Form.Get("note") != "sleepsattheaunts" {
				t.Errorf("the form is read as %v, %v", k.Form, err)
			}
		}
		look()
		if n, _, err := sealed.Rotate(ctx, d); err != nil || n != 1 {
			t.Fatalf("rotated %d keys, %v", n, err)
		}
		if d.Ring, err = seal.OpenRing(path, ""); err != nil { // as a new process has it
			t.Fatal(err)
		}
		look()
		if err := d.InTx(ctx, func(tx *db.Tx) error { _, err := tx.Exec("UPDATE account_totp SET secret = $1", secret); return err }); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{1, 0} {
			if n, err := s.SealApps(ctx); err != nil || n != want {
				t.Errorf("%d sealed, %v; want %d", n, err, want)
			}
		}
		look()
		// Restored without the key book: no code is right, least of all that of no secret.
		if err := d.InTx(ctx, func(tx *db.Tx) error { _, err := tx.Exec("DELETE FROM register_key"); return err }); err != nil {
			t.Fatal(err)
		}
		*now = now.Add(time.Minute)
		for _, code := range []string{codeNow(t, secret, *now), codeAt(nil, now.Unix()/30)} {
			if err := s.CheckCode(ctx, a, code, Try{}); !errors.Is(err, ErrNoMatch) {
				t.Errorf("without the key a code gives %v", err)
			}
		}
	})
}

// TestKeptForms holds that a form is its sender's alone, for a day, without
// what is secret, and gone once it was saved.
func TestKeptForms(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		a, other := made(t, s, "imogen", access.Adviser), made(t, s, "tarn", access.Adviser)
		key := string(id.NewRef())
		keep := func(key string) id.Ref {
			t.Helper()
			ref, err := s.KeepForm(ctx, KeptForm{Account: a.Ref, Address: "/x", Page: "/x", Why: KeptFailed,
				Form: map[string][]string{"key": {key}, "note": {"spoke ü"}, "new-password": {"secret"}, "code": {"123456"}}})
			if err != nil {
				t.Fatal(err)
			}
			return ref
		}
		ref := keep(key)
		k, err := s.KeptForm(ctx, a.Ref, ref)
		if err != nil || k.Form.Get("note") != "spoke ü" || k.Form.Has("new-password") || k.Form.Has("code") {
			t.Errorf("%+v, %v", k, err)
		}
		if _, err := s.KeptForm(ctx, other.Ref, ref); !errors.Is(err, db.NotFound) {
			t.Errorf("another's form is %v", err)
		}
		if all, err := s.KeptForms(ctx, a.Ref); err != nil || len(all) != 1 {
			t.Errorf("%d kept, %v", len(all), err)
		}
		saved := func() error {
			return d.InTx(ctx, func(tx *db.Tx) error {
				_, err := act.Begin(tx, a.Actor(""), access.SignedIn, 0, act.Request{Key: key})
				return err
			})
		}
		if err := saved(); err != nil {
			t.Fatal(err)
		}
		if all, err := s.KeptForms(ctx, a.Ref); err != nil || len(all) != 0 {
			t.Errorf("%d kept that were saved, %v", len(all), err)
		}
		for range mostKept + 3 {
			*now = now.Add(time.Second)
			keep(string(id.NewRef()))
		}
		if all, err := s.KeptForms(ctx, a.Ref); err != nil || len(all) != mostKept {
			t.Errorf("%d kept, %v", len(all), err)
		}
		*now = now.Add(keptFor + time.Second)
		if all, err := s.KeptForms(ctx, a.Ref); err != nil || len(all) != 0 {
			t.Errorf("%d kept for more than a day, %v", len(all), err)
		}
	})
}
