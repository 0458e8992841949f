package seed_test

import (
	"context"
	"testing"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/seed"
	"waymark/internal/standing"
)

func rooms(t *testing.T, d *db.DB) seed.Rooms {
	req, err := nccis.Load()
	if err != nil {
		t.Fatal(err)
	}
	keeper := standing.Keeper{Requirement: req}
	return seed.Rooms{DB: d, Registers: &register.Service{DB: d}, Record: &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: &act.Recorder{DB: d}, Rolls: standing.NewRolls(d, keeper)}}
}

func TestTwoBoroughsForTestsFromOutside(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, d := context.Background(), d.EveryRegister()
		boroughs, err := seed.Checks(ctx, rooms(t, d), 7)
		if err != nil || len(boroughs) != 2 {
			t.Fatalf("%d boroughs, %v", len(boroughs), err)
		}
		words, protections := map[string]bool{}, map[string]int{}
		for _, b := range boroughs {
			if len(b.Accounts) != len(access.Roles()) {
				t.Errorf("%s has %d accounts for %d roles", b.Name, len(b.Accounts), len(access.Roles()))
			}
			for _, p := range b.People {
				protections[p.Protection]++
				for field, word := range p.Canaries {
					if words[word] || len(word) != 10 {
						t.Errorf("%s: the word %q of %s stands elsewhere too", b.Name, word, field)
					}
					words[word] = true
				}
			}
		}
		for _, want := range []string{"plain", "locked", "hidden", "protected address"} {
			if protections[want] < 2 {
				t.Errorf("%d people are %s", protections[want], want)
			}
		}
		a := boroughs[0].Accounts[0]
		accounts := account.New(d, 1)
		held, err := accounts.CheckPassword(ctx, account.Try{SignIn: a.SignIn, Password: a.Password, Network: "192.0.2.1", Request: "test"})
		if err != nil {
			t.Fatal(err)
		}
		code, err := account.CodeAt(a.TOTP, d.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := accounts.CheckCode(ctx, held, code, account.Try{SignIn: a.SignIn, Network: "192.0.2.1", Request: "test"}); err != nil {
			t.Errorf("the app's number is not taken: %v", err)
		}
	})
}
