// Package seed fills an empty database for those who test the product from
// outside.
//
// Two boroughs stand in one house. Each has an account for every role, with
// password and authenticator secret, a college that may see its own pupils, and
// young people in each state of protection: plain, locked, hidden, with a
// protected address. Every field of each holds a word that stands nowhere else
// (a canary), so that a tester who meets it knows where it leaked from
// (ux-security.md 6). The same number gives the same words and people.
package seed

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/restrict"
	"waymark/internal/sharing"
)

// Password is that of every account that is made.
const Password = "plover-groyne-samphire"

// Rooms are what the seed acts through.
type Rooms struct {
	DB        *db.DB
	Registers *register.Service
	Record    *record.Service
}

// Account is one that may sign in.
type Account struct {
	Role     access.Role `json:"role"`
	Name     string      `json:"name"`
	SignIn   string      `json:"sign_in"`
	Password string      `json:"password"`
	// TOTP is the secret of the authenticator app, in base 32.
	TOTP string `json:"totp"`
	Ref  id.Ref `json:"ref"`
}

// Person is a young person who was made.
type Person struct {
	Ref            id.Ref `json:"ref"`
	YoungPersonsID string `json:"young_persons_id"`
	// Protection is plain, locked, hidden or protected address.
	Protection string `json:"protection"`
	// Enrolled says that the college's agreement is about them.
	Enrolled bool `json:"enrolled"`
	// Canaries are, by field, words that stand nowhere else.
	Canaries map[string]string `json:"canaries"`
}

// Borough is one register.
type Borough struct {
	Register  id.Ref    `json:"register"`
	Name      string    `json:"name"`
	Authority string    `json:"authority"`
	Accounts  []Account `json:"accounts"`
	Agreement id.Ref    `json:"agreement"`
	People    []Person  `json:"people"`
}

// planter makes one borough.
type planter struct {
	ctx context.Context
	Rooms
	rand  *rand.Rand
	by    access.Actor
	in    *Borough
	today civil.Date
	used  map[string]bool
}

// Checks makes the two boroughs, in a database that holds no register yet.
func Checks(ctx context.Context, rooms Rooms, number uint64) ([]Borough, error) {
	random := rand.New(rand.NewPCG(number, 1))
	used := map[string]bool{}
	var out []Borough
	for _, one := range []struct{ name, code, database string }{{"Ambleport", "996", "996"}, {"Brackwater", "997", "997"}} {
		reg, err := rooms.Registers.Add(ctx, register.Register{Name: one.name + " Borough Council", DatabaseID: one.database,
			Authorities: []register.Authority{{Code: one.code, Name: one.name, Invented: true}}})
		if err != nil {
			return nil, fmt.Errorf("make the register of %s: %w", one.name, err)
		}
		b := &Borough{Register: reg.Ref, Name: reg.Name, Authority: one.code}
		p := &planter{ctx: ctx, Rooms: rooms, rand: random, in: b, used: used, today: civil.On(rooms.DB.Now(), civil.London()),
			by: access.Actor{Register: reg.ID, Ref: "operator:seed", Name: "seed", Roles: []access.Role{access.Operator}}}
		if err := p.plant(strings.ToLower(one.name)); err != nil {
			return nil, fmt.Errorf("fill %s: %w", one.name, err)
		}
		out = append(out, *b)
	}
	return out, nil
}

func (p *planter) plant(place string) error {
	if err := p.staff(place); err != nil {
		return err
	}
	for _, protection := range []string{"plain", "plain", "plain", string(access.Locked), string(access.Hidden), string(access.ProtectedAddress)} {
		if err := p.person(protection); err != nil {
			return err
		}
	}
	return p.agree()
}

// staff makes an account for each role.
func (p *planter) staff(place string) error {
	accounts := account.New(p.DB, p.by.Register)
	for _, role := range access.Roles() {
		name := strings.Map(func(c rune) rune {
			if c >= 'a' && c <= 'z' {
				return c
			}
			return '.'
		}, strings.ToLower(string(role)))
		one := Account{Role: role, Name: "Tester " + p.word(), SignIn: strings.Trim(strings.ReplaceAll(name, "..", "."), ".") + "@" + place + ".example.org", Password: Password, TOTP: account.NewSecret()}
		made, err := accounts.Create(p.ctx, p.by, account.NewAccount{SignIn: one.SignIn, Name: one.Name, Password: Password, Roles: []access.Role{role}})
		if err != nil {
			return fmt.Errorf("make the account of the %s: %w", role, err)
		}
		// Set up with the number of half a minute ago, so that the present one is
		// not used up.
		code, err := account.CodeAt(one.TOTP, p.DB.Now().Add(-30*time.Second))
		if err != nil {
			return err
		}
		if _, err := accounts.SetUpApp(p.ctx, made.Actor("seed"), one.TOTP, code, ""); err != nil {
			return err
		}
		one.Ref = made.Ref
		p.in.Accounts = append(p.in.Accounts, one)
	}
	return nil
}

// holder is the account of a role.
func (p *planter) holder(role access.Role) Account {
	for _, a := range p.in.Accounts {
		if a.Role == role {
			return a
		}
	}
	return Account{}
}

// restricts protects a record: information governance owns it, and the manager
// alone is let through.
func (p *planter) restricts(one Person) error {
	kind := access.Kind(one.Protection)
	if one.Protection == "plain" {
		return nil
	}
	_, err := (&restrict.Service{DB: p.DB, Sights: p.Record.Sights}).Restrict(p.ctx, p.by, restrict.New{Person: string(one.Ref), Kind: kind, Ground: restrict.Grounds(kind)[0],
		Owner: p.holder(access.InformationGovernance).Ref, Named: []id.Ref{p.holder(access.TeamManager).Ref}})
	return err
}

// agree lets the college see its own: names, birth dates and activities.
func (p *planter) agree() error {
	s := &sharing.Service{DB: p.DB, Records: p.Record}
	ref, err := s.Add(p.ctx, p.by, sharing.Terms{Organisation: sharing.Organisation{Name: p.college(), Kind: "college", Number: collegeNumber(p.in.Authority)}, Purpose: "to find out who has left",
		Document: "in the safe", Owner: "the principal", People: sharing.Enrolled, Fields: access.Names | access.Birth | access.Activities,
		Started: p.today.AddDays(-30), Ends: p.today.AddDays(335)}, "")
	if err != nil {
		return fmt.Errorf("make the agreement: %w", err)
	}
	p.in.Agreement = ref
	if err := s.Bind(p.ctx, p.by, ref, p.holder(access.Partner).SignIn, ""); err != nil {
		return fmt.Errorf("bind the college's account: %w", err)
	}
	whole, err := s.One(p.ctx, p.by, ref)
	if err != nil {
		return err
	}
	if err := s.Approve(p.ctx, p.by, ref, whole.Version, ""); err != nil {
		return fmt.Errorf("approve the agreement: %w", err)
	}
	return nil
}

func collegeNumber(authority string) string { return authority + "4601" }

func (p *planter) college() string {
	return p.in.Name[:strings.Index(p.in.Name, " ")] + " Sixth Form College"
}
