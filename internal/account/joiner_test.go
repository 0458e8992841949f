package account

import (
	"errors"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
)

// TestJoinerMoverLeaver follows an account through its days.
func TestJoinerMoverLeaver(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		day := func(n int) civil.Date { return civil.On(*now, civil.London()).AddDays(n) }
		a, err := s.Create(ctx, operator, NewAccount{SignIn: "imogen", Name: "Imogen Tarn", Password: goodPassword, Roles: []access.Role{access.Adviser}, Starts: day(1), Ends: day(3)})
		if err != nil {
			t.Fatal(err)
		}
		try := Try{SignIn: "imogen", Password: goodPassword, Network: "n"}
		if _, err := s.CheckPassword(ctx, try); !errors.Is(err, ErrNoMatch) {
			t.Errorf("before the first day: %v", err)
		}
		*now = now.AddDate(0, 0, 1)
		if _, err := s.CheckPassword(ctx, try); err != nil {
			t.Fatalf("on the first day: %v", err)
		}
		token := signedIn(t, s, a, "one")
		if err := s.Still(ctx, a.Ref, access.SeePerson, token); err != nil {
			t.Errorf("on the first day: %v", err)
		}
		// Mover.
		if err := s.SetRoles(ctx, operator, a.Ref, []access.Role{access.Commissioner}, ""); err != nil {
			t.Fatal(err)
		}
		if n := sessions(t, s, a); n != 0 {
			t.Errorf("%d sessions outlive a change of role", n)
		}
		token = signedIn(t, s, a, "two")
		if err := s.Still(ctx, a.Ref, access.SeePerson, token); !errors.Is(err, ErrEnded) {
			t.Errorf("the role before still does: %v", err)
		}
		if err := s.Still(ctx, a.Ref, access.SeeFigures, token); err != nil {
			t.Errorf("the new role: %v", err)
		}
		if moved, err := s.ByRef(ctx, a.Ref); err != nil || len(moved.Roles) != 1 || moved.Roles[0] != access.Commissioner {
			t.Errorf("the roles are %v, %v", moved.Roles, err)
		}
		// Leaver: the last day is whole, and not a minute more.
		london := civil.London()
		y, m, last := day(2).YMD()
		*now = time.Date(y, m, last, 23, 59, 0, 0, london)
		if err := s.Still(ctx, a.Ref, access.SeeFigures, token); err != nil {
			t.Errorf("in the last minute: %v", err)
		}
		*now = now.Add(2 * time.Minute)
		if err := s.Still(ctx, a.Ref, access.SeeFigures, token); !errors.Is(err, ErrEnded) {
			t.Errorf("after the last day: %v", err)
		}
		if _, err := s.CheckPassword(ctx, Try{SignIn: "imogen", Password: goodPassword, Network: "m"}); !errors.Is(err, ErrNoMatch) {
			t.Errorf("after the last day: %v", err)
		}
		if _, err := s.SignedIn(ctx, a, ByPasskey, Try{}); !errors.Is(err, ErrNoMatch) {
			t.Errorf("after the last day, by a passkey: %v", err)
		}
		// An end set into the past ends what is open.
		if err := s.SetDays(ctx, operator, a.Ref, civil.Date{}, civil.Date{}, ""); err != nil {
			t.Fatal(err)
		}
		signedIn(t, s, a, "three")
		if err := s.SetDays(ctx, operator, a.Ref, civil.Date{}, day(-1), ""); err != nil {
			t.Fatal(err)
		}
		if n := sessions(t, s, a); n != 0 {
			t.Errorf("%d sessions outlive the end", n)
		}
		var wrong field.Errors
		if err := s.SetDays(ctx, operator, a.Ref, day(1), day(0), ""); !errors.As(err, &wrong) {
			t.Errorf("an end before the beginning: %v", err)
		}
		admin := made(t, s, "head", access.Administrator)
		if err := s.SetDays(ctx, admin.Actor(""), admin.Ref, civil.Date{}, day(-1), ""); !errors.As(err, &wrong) {
			t.Errorf("somebody ended their own account: %v", err)
		}
		if err := s.SetRoles(ctx, admin.Actor(""), admin.Ref, []access.Role{access.DataOfficer}, ""); !errors.As(err, &wrong) {
			t.Errorf("somebody changed their own roles: %v", err)
		}
		if err := s.SetRoles(ctx, a.Actor(""), admin.Ref, []access.Role{access.DataOfficer}, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("a commissioner changed roles: %v", err)
		}
	})
}

// TestSomebodyChoosesTheirOwnPassword has an administrator make an account and
// reset it, without ever knowing a password.
func TestSomebodyChoosesTheirOwnPassword(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		admin := made(t, s, "head", access.Administrator)
		a, err := s.Create(ctx, admin.Actor(""), NewAccount{SignIn: "imogen", Name: "Imogen Tarn", Roles: []access.Role{access.Adviser}})
		if err != nil || a.HasPassword {
			t.Fatalf("%+v, %v", a, err)
		}
		if _, err := s.CheckPassword(ctx, Try{SignIn: "imogen", Network: "n"}); !errors.Is(err, ErrNoMatch) {
			t.Errorf("an empty password for an account without one is %v", err)
		}
		start := func(anew bool) string {
			t.Helper()
			code, err := s.StartAgain(ctx, admin.Actor(""), a.Ref, anew, "")
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
		first, code := start(false), start(false)
		if _, err := s.ChooseFirst(ctx, first, "eleven quiet badgers", "r", ""); !errors.Is(err, ErrSpent) {
			t.Errorf("a code before the last one is %v", err)
		}
		var wrong field.Errors
		if _, err := s.ChooseFirst(ctx, code, "short", "r", ""); !errors.As(err, &wrong) {
			t.Errorf("a weak password is %v", err)
		}
		if _, err := s.ChooseFirst(ctx, code, "eleven quiet badgers", "r", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ChooseFirst(ctx, code, "twelve quiet badgers", "r", ""); !errors.Is(err, ErrSpent) {
			t.Errorf("a code used twice is %v", err)
		}
		if _, err := s.CheckPassword(ctx, Try{SignIn: "imogen", Password: "eleven quiet badgers", Network: "n"}); err != nil {
			t.Errorf("the password chosen is %v", err)
		}
		code = start(false)
		*now = now.Add(StartHolds)
		if _, err := s.Started(ctx, code); !errors.Is(err, ErrSpent) {
			t.Errorf("a code of yesterday is %v", err)
		}
		// Who has lost the phone too.
		secret := NewSecret()
		if _, err := s.SetUpApp(ctx, a.Actor("r"), secret, codeNow(t, secret, *now), ""); err != nil {
			t.Fatal(err)
		}
		signedIn(t, s, a, "one")
		if start(false); sessions(t, s, a) != 1 {
			t.Error("a code for a password alone ended a session")
		}
		if a, err = s.ByRef(ctx, a.Ref); err != nil || !a.App {
			t.Errorf("a code for a password alone removed the app: %v", err)
		}
		if start(true); sessions(t, s, a) != 0 {
			t.Error("a session outlives a reset")
		}
		if a, err = s.ByRef(ctx, a.Ref); err != nil || a.App {
			t.Errorf("the app outlives a reset: %v", err)
		}
		if _, err := s.StartAgain(ctx, admin.Actor(""), admin.Ref, true, ""); !errors.As(err, &wrong) {
			t.Errorf("an administrator reset themselves: %v", err)
		}
		if _, err := s.StartAgain(ctx, a.Actor(""), admin.Ref, true, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser reset an administrator: %v", err)
		}
	})
}

// TestRules sets how long sessions last, and holds that those open keep to it.
func TestRules(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		a := made(t, s, "imogen", access.Administrator)
		if r, err := s.Rules(ctx); err != nil || r != (Rules{Idle: 30 * time.Minute, Lasts: 12 * time.Hour}) {
			t.Errorf("%+v, %v", r, err)
		}
		var wrong field.Errors
		if err := s.SetRules(ctx, a.Actor(""), Rules{Idle: time.Minute, Lasts: 48 * time.Hour}, ""); !errors.As(err, &wrong) || len(wrong) != 2 {
			t.Errorf("%v", err)
		}
		if err := s.SetRules(ctx, a.Actor(""), Rules{SecondFactor: true, Idle: 10 * time.Minute, Lasts: time.Hour}, ""); err != nil {
			t.Fatal(err)
		}
		token := signedIn(t, s, a, "one")
		open := func() bool {
			t.Helper()
			_, found, err := (sessionStore{s}).FindCtx(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		for range 6 {
			if *now = now.Add(9 * time.Minute); !open() {
				t.Fatalf("ended at %s, while it was used", *now)
			}
		}
		*now = now.Add(9 * time.Minute) // 63 minutes after it began
		if open() || sessions(t, s, a) != 0 {
			t.Error("a session lasts longer than the rules say")
		}
		if who, err := s.LastOf(ctx, token); err != nil || who != a.Ref {
			t.Errorf("whose it was is %v, %v", who, err)
		}
		token = signedIn(t, s, a, "two")
		if *now = now.Add(11 * time.Minute); open() {
			t.Error("a session lasts longer unused than the rules say")
		}
		if err := s.SetRules(ctx, made(t, s, "other", access.Adviser).Actor(""), Rules{Idle: 10 * time.Minute, Lasts: time.Hour}, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser said how people sign in: %v", err)
		}
	})
}

// TestEndingAnothersSession is an administrator's, and is logged.
func TestEndingAnothersSession(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, _ := clocked(t, d)
		admin, a := made(t, s, "head", access.Administrator), made(t, s, "imogen", access.Adviser)
		token := signedIn(t, s, a, "one")
		all, err := s.SessionsOf(ctx, admin.Actor(""), a.Ref)
		if err != nil || len(all) != 1 {
			t.Fatalf("%v, %v", all, err)
		}
		if _, err := s.SessionsOf(ctx, a.Actor(""), admin.Ref); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser listed an administrator's sessions: %v", err)
		}
		if err := s.EndSessionOf(ctx, a.Actor(""), a.Ref, all[0].Ref, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser ended a session as an administrator: %v", err)
		}
		before := acts(t, d, access.ManageStaff)
		if err := s.EndSessionOf(ctx, admin.Actor(""), a.Ref, all[0].Ref, ""); err != nil {
			t.Fatal(err)
		}
		if n := acts(t, d, access.ManageStaff) - before; n != 1 || sessions(t, s, a) != 0 {
			t.Errorf("%d acts, %d sessions", n, sessions(t, s, a))
		}
		if err := s.Still(ctx, a.Ref, access.SeePerson, token); !errors.Is(err, ErrEnded) {
			t.Errorf("an answer goes on after its session: %v", err)
		}
	})
}
