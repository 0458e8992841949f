package account

import (
	"errors"
	"testing"

	"waymark/internal/access"
	"waymark/internal/account/accounttest"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
)

// TestTwoWhoCloseEachOther: of two administrators who take each other's place away in
// the same moment one stays, whichever way each does it.
func TestTwoWhoCloseEachOther(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		takes := map[string]func(by, other Account) error{
			"closed": func(by, other Account) error { return s.Disable(ctx, by.Actor("r"), other.Ref, "left") },
			"moved": func(by, other Account) error {
				return s.SetRoles(ctx, by.Actor("r"), other.Ref, []access.Role{access.Commissioner}, "")
			},
			"ended": func(by, other Account) error {
				yesterday := civil.On(*now, civil.London()).AddDays(-1)
				return s.SetDays(ctx, by.Actor("r"), other.Ref, yesterday, yesterday, "")
			},
		}
		for name, take := range takes {
			a, b := made(t, s, name+"-a", access.Administrator), made(t, s, name+"-b", access.Administrator)
			var first, second error
			dbtest.AtOnce(t, s.db, func() { first = take(a, b) }, func() { second = take(b, a) })
			if (first == nil) == (second == nil) || !errors.As(errors.Join(first, second), new(access.Denied)) {
				t.Errorf("%s: one was told %v, the other %v", name, first, second)
			}
		}
	})
}

// TestBothSecondFactorsGoAtOnce: of two that somebody removes in the same moment one
// stays where one is needed.
func TestBothSecondFactorsGoAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		by, secret := made(t, s, "imogen", access.Adviser).Actor("r"), NewSecret()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.SetUpApp(ctx, by, secret, codeNow(t, secret, *now), "")
		must(err)
		asked, ceremony, err := s.BeginPasskey(ctx, by, ours)
		must(err)
		must(s.AddPasskey(ctx, by, ours, ceremony, accounttest.NewSoftKey(t, ours).Make(t, asked), "key", ""))
		must(s.SetRules(ctx, operator, Rules{SecondFactor: true, Idle: leastIdle, Lasts: leastLasts}, ""))
		held, err := s.Passkeys(ctx, by)
		must(err)
		var app, passkey error
		dbtest.AtOnce(t, s.db, func() { app = s.RemoveApp(ctx, by, "") }, func() { passkey = s.RemovePasskey(ctx, by, held[0].Ref, "") })
		if (app == nil) == (passkey == nil) || !errors.As(errors.Join(app, passkey), new(field.Errors)) {
			t.Errorf("the app: %v; the passkey: %v", app, passkey)
		}
	})
}
