package account

import (
	"errors"
	"testing"

	"waymark/internal/access"
	"waymark/internal/account/accounttest"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
)

const ours = "https://waymark.sandmere.example"

func TestPasskeys(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, _ := clocked(t, d)
		a, other := made(t, s, "imogen", access.Adviser), made(t, s, "tarn", access.Adviser)
		by := a.Actor("r")
		begin := func() (string, string) {
			t.Helper()
			asked, ceremony, err := s.BeginPasskey(ctx, by, ours)
			if err != nil {
				t.Fatal(err)
			}
			return asked, ceremony
		}
		ask := func(who *Account) (string, string) {
			t.Helper()
			asked, ceremony, err := s.BeginPasskeyProof(ctx, who, ours)
			if err != nil {
				t.Fatal(err)
			}
			return asked, ceremony
		}
		var wrong field.Errors
		refused := func(what string, key *accounttest.SoftKey) {
			t.Helper()
			asked, ceremony := begin()
			if err := s.AddPasskey(ctx, by, ours, ceremony, key.Make(t, asked), "key", ""); !errors.As(err, &wrong) {
				t.Errorf("%s was made a passkey: %v", what, err)
			}
		}
		refused("a key for another site", accounttest.NewSoftKey(t, "https://elsewhere.example"))
		careless := accounttest.NewSoftKey(t, ours)
		careless.Flags = 1
		refused("a key that asks its holder for nothing", careless)

		key := accounttest.NewSoftKey(t, ours)
		asked, ceremony := begin()
		made := key.Make(t, asked)
		if err := s.AddPasskey(ctx, by, ours, ceremony, made, " ", ""); !errors.As(err, &wrong) || wrong[0].Field != "name" {
			t.Errorf("a passkey without a name is %v", err)
		}
		if err := s.AddPasskey(ctx, other.Actor("r"), ours, ceremony, made, "key", ""); !errors.As(err, &wrong) {
			t.Errorf("somebody else answered: %v", err)
		}
		if _, old := begin(); s.AddPasskey(ctx, by, ours, old, made, "key", "") == nil {
			t.Error("an answer to another question was taken")
		}
		if err := s.AddPasskey(ctx, by, ours, ceremony, made, "work laptop", ""); err != nil {
			t.Fatal(err)
		}
		if err := s.AddPasskey(ctx, by, ours, ceremony, made, "again", ""); !errors.As(err, &wrong) {
			t.Errorf("one key twice is %v", err)
		}

		// It signs in without a name, and as a second step.
		for _, who := range []*Account{nil, &a} {
			asked, ceremony := ask(who)
			if got, err := s.PasskeyProof(ctx, ours, ceremony, key.Show(t, asked)); err != nil || got.ID != a.ID {
				t.Fatalf("shown by %+v, %v", got, err)
			}
		}
		held, err := s.Passkeys(ctx, by)
		if err != nil || len(held) != 1 || held[0].Name != "work laptop" || held[0].Used.IsZero() {
			t.Errorf("%+v, %v", held, err)
		}

		// What is no proof.
		no := func(what string, ceremony, answer string) {
			t.Helper()
			if _, err := s.PasskeyProof(ctx, ours, ceremony, answer); !errors.Is(err, ErrNoMatch) {
				t.Errorf("%s is %v", what, err)
			}
		}
		asked, ceremony = ask(nil)
		answer := key.Show(t, asked)
		_, fresh := ask(nil)
		no("an answer to another question", fresh, answer)
		no("an answer without a question", "", answer)
		no("nothing", ceremony, "")
		key.Origin = "https://waymark.sandmere.example.evil.example"
		no("an answer given to another site", ceremony, key.Show(t, asked))
		key.Origin, key.Flags = ours, 1
		no("a key whose holder proved nothing", ceremony, key.Show(t, asked))
		key.Flags = 5
		thief := accounttest.NewSoftKey(t, ours)
		thief.ID, thief.Handle = key.ID, key.Handle
		no("another key under its name", ceremony, thief.Show(t, asked))
		key.Count = 0
		no("a copy that counts behind", ceremony, key.Show(t, asked))
		key.Count = 100
		if err := s.Disable(ctx, operator, a.Ref, "left"); err != nil {
			t.Fatal(err)
		}
		no("the passkey of a closed account", ceremony, key.Show(t, asked))
	})
}

// TestTheLastSecondFactorStays where one is needed.
func TestTheLastSecondFactorStays(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s, now := clocked(t, d)
		a := made(t, s, "imogen", access.Adviser)
		by := a.Actor("r")
		key := accounttest.NewSoftKey(t, ours)
		asked, ceremony, err := s.BeginPasskey(ctx, by, ours)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AddPasskey(ctx, by, ours, ceremony, key.Make(t, asked), "key", ""); err != nil {
			t.Fatal(err)
		}
		rules := Rules{SecondFactor: true, Idle: leastIdle, Lasts: leastLasts}
		if err := s.SetRules(ctx, operator, rules, ""); err != nil {
			t.Fatal(err)
		}
		held, err := s.Passkeys(ctx, by)
		if err != nil {
			t.Fatal(err)
		}
		var wrong field.Errors
		if err := s.RemovePasskey(ctx, by, held[0].Ref, ""); !errors.As(err, &wrong) {
			t.Errorf("the only one was removed: %v", err)
		}
		secret := NewSecret()
		if _, err := s.SetUpApp(ctx, by, secret, codeNow(t, secret, *now), ""); err != nil {
			t.Fatal(err)
		}
		if err := s.RemovePasskey(ctx, by, held[0].Ref, ""); err != nil {
			t.Errorf("with an app set up: %v", err)
		}
		if err := s.SetRules(ctx, operator, Rules{Idle: leastIdle, Lasts: leastLasts}, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.RemovePasskey(ctx, by, held[0].Ref, ""); !errors.Is(err, db.NotFound) {
			t.Errorf("removed twice: %v", err)
		}
	})
}
