// Package account holds the staff who may sign in, how they prove who they
// are, and the browsers in which they are signed in.
//
// An account is one person's: a name to sign in with, what proves that it is
// they (a password and an authenticator app, a passkey, or the authority's own
// sign-in service), and the roles that say what their work is. It begins and
// ends with their work. It is closed, never deleted, because what they did
// keeps their name.
package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Account is one person who may sign in.
type Account struct {
	ID       id.Account
	Register id.Register
	Ref      id.Ref
	// SignIn is what they type to sign in, in lower case.
	SignIn string
	Name   string
	Roles  []access.Role
	// Disabled accounts cannot sign in.
	Disabled bool
	// Read is the day on which the account was read, in London.
	Read civil.Date
	// Starts and Ends are the first and the last day of work here; no date is
	// no limit.
	Starts, Ends civil.Date
	// Open says that the account may sign in and act at the moment it was read:
	// it is not closed, has begun and has not ended.
	Open bool
	// App says that an authenticator app is set up, and Passkeys how many
	// passkeys are. HasPassword is false until its owner has chosen one.
	App         bool
	Passkeys    int
	HasPassword bool
}

// State says in a word or two whether the account may sign in.
func (a Account) State(today civil.Date) string {
	switch {
	case a.Disabled:
		return "Closed"
	case !a.Starts.IsZero() && today.Before(a.Starts):
		return "Not begun"
	case !a.Ends.IsZero() && today.After(a.Ends):
		return "Ended"
	}
	return "Open"
}

// Actor is the account as the one who acts in a request.
func (a Account) Actor(request string) access.Actor {
	return access.Actor{Register: a.Register, Ref: "account:" + string(a.Ref), Account: a.ID, Name: a.Name, Roles: a.Roles, Request: request, Today: a.Read}
}

// Service keeps the accounts of one register.
type Service struct {
	db       *db.DB
	register id.Register
	hasher   *hasher
	rules    keptRules
	// tries is the register in which failed tries to sign in are counted.
	tries id.Register
}

// New returns the service. It spends the time of one password hash.
func New(d *db.DB, register id.Register) *Service {
	return &Service{db: d, register: register, hasher: newHasher(), tries: register}
}

// NewAccount is what it takes to make one.
type NewAccount struct {
	SignIn, Name string
	// Password is what a demo and the operator of the host give; empty leaves
	// the choice to its owner, who needs a code of StartAgain for it.
	Password     string
	Roles        []access.Role
	Starts, Ends civil.Date
	// Key is the one-use key of the form, empty where there is none.
	Key string
	// Ref is the reference that a demo gives, so that it is the same each time;
	// empty draws one.
	Ref id.Ref
}

const (
	sqlAddAccount = `INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, starts_on, ends_on, created_by)
		VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7, $8, $9)`
	sqlAddRole = `INSERT INTO account_role (register, account, role, known_from) VALUES ($1, $2, $3, $4)`
	sqlColumns = `SELECT id, ref, sign_in, full_name, password, disabled, starts_on, ends_on,
		(SELECT count(*) FROM account_totp t WHERE t.register = account.register AND t.account = account.id),
		(SELECT count(*) FROM account_passkey p WHERE p.register = account.register AND p.account = account.id)
		FROM account WHERE register = $1`
	sqlAccount  = sqlColumns + ` AND `
	sqlRoles    = `SELECT role FROM account_role WHERE register = $1 AND account = $2 AND known_to IS NULL ORDER BY role`
	sqlAccounts = sqlColumns + ` ORDER BY full_name, id`
)

// Create makes an account. It needs access.ManageStaff, and returns
// field.Errors for what is missing, taken or too weak.
func (s *Service) Create(ctx context.Context, by access.Actor, n NewAccount) (Account, error) {
	n.SignIn, n.Name = strings.ToLower(strings.TrimSpace(n.SignIn)), strings.TrimSpace(n.Name)
	if err := n.check(); err != nil {
		return Account{}, err
	}
	hash, err := "", error(nil)
	if n.Password != "" {
		if hash, err = s.hasher.hash(ctx, n.Password); err != nil {
			return Account{}, err
		}
	}
	a := Account{Register: s.register, Ref: n.Ref, SignIn: n.SignIn, Name: n.Name, Roles: n.Roles, Starts: n.Starts, Ends: n.Ends, HasPassword: hash != ""}
	if a.Ref == "" {
		a.Ref = id.NewRef()
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		done, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: "account " + string(a.Ref) + " made", Key: n.Key})
		if err != nil {
			return err
		}
		key, err := done.Keys(1)
		if err != nil {
			return err
		}
		a.ID = id.Account(key)
		_, err = tx.Exec(sqlAddAccount, s.register, a.ID, string(a.Ref), a.SignIn, a.Name, hash, day(a.Starts), day(a.Ends), int64(done.Number))
		if db.IsDuplicate(err) {
			return field.Errors{{Field: "sign-in", Message: "Enter another name to sign in with: somebody has this one"}}
		}
		if err != nil {
			return fmt.Errorf("add the account: %w", err)
		}
		for _, r := range a.Roles {
			if _, err := tx.Exec(sqlAddRole, s.register, a.ID, string(r), int64(done.Number)); err != nil {
				return fmt.Errorf("give the role: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

func (n NewAccount) check() error {
	var wrong field.Errors
	if n.SignIn == "" || strings.ContainsAny(n.SignIn, " \t\r\n") {
		wrong.Add("sign-in", "Enter a name to sign in with, without spaces, like an e-mail address")
	}
	if n.Name == "" {
		wrong.Add("name", "Enter the person's full name")
	}
	wrong = append(wrong, rolesWrong(n.Roles)...)
	if n.Password != "" {
		if complaint := weak(n.Password, n.SignIn, n.Name); complaint != "" {
			wrong.Add("password", complaint)
		}
	}
	wrong = append(wrong, daysWrong(n.Starts, n.Ends)...)
	return wrong.Err()
}

// ByRef finds an account, or db.NotFound. It asks no permission: doors use it
// to learn who is asking.
func (s *Service) ByRef(ctx context.Context, ref id.Ref) (Account, error) {
	a, _, err := s.find(ctx, "ref = $2", string(ref))
	return a, err
}

// ByID is ByRef for the key.
func (s *Service) ByID(ctx context.Context, key id.Account) (Account, error) {
	a, _, err := s.find(ctx, "id = $2", int64(key))
	return a, err
}

// All lists the register's accounts by name. It needs access.ManageStaff.
func (s *Service) All(ctx context.Context, by access.Actor) ([]Account, error) {
	if err := access.Decide(by, access.ManageStaff, access.Subject{Register: s.register}); err != nil {
		return nil, err
	}
	return s.all(ctx)
}

// Advisers lists the open accounts of advisers and team managers by name, for
// choosing who works with a young person. It needs access.CorrectPerson.
func (s *Service) Advisers(ctx context.Context, by access.Actor) ([]Account, error) {
	if err := access.Decide(by, access.CorrectPerson, access.Subject{Register: s.register}); err != nil {
		return nil, err
	}
	all, err := s.all(ctx)
	return slices.DeleteFunc(all, func(a Account) bool {
		return !a.Open || !slices.Contains(a.Roles, access.Adviser) && !slices.Contains(a.Roles, access.TeamManager)
	}), err
}

func (s *Service) all(ctx context.Context) ([]Account, error) {
	var all []Account
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlAccounts, s.register)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			a, _, err := scan(rows, s.register, tx.Now)
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range all {
			if all[i].Roles, err = rolesOf(tx, s.register, all[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the accounts: %w", err)
	}
	return all, nil
}

// find returns the account and its password hash.
func (s *Service) find(ctx context.Context, condition string, value any) (a Account, hash string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		a, hash, err = s.findIn(tx, condition, value)
		return err
	})
	return a, hash, err
}

func (s *Service) findIn(tx *db.Tx, condition string, value any) (Account, string, error) {
	a, hash, err := scan(tx.QueryRow(sqlAccount+condition, s.register, value), s.register, tx.Now)
	if err == nil {
		a.Read = civil.On(tx.Now, civil.London())
		a.Roles, err = rolesOf(tx, s.register, a.ID)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, "", db.NotFound
	}
	if err != nil {
		return Account{}, "", fmt.Errorf("find the account: %w", err)
	}
	return a, hash, nil
}

// stillMay looks again, in the transaction that changes somebody's account, whether
// the actor may: of two administrators who close each other's account in the same
// moment, one stays.
func (s *Service) stillMay(tx *db.Tx, by access.Actor) error {
	if by.Account == 0 {
		return nil // the operator has no account
	}
	own, _, err := s.findIn(tx, "id = $2", int64(by.Account))
	if err != nil {
		return err
	}
	if !own.Open {
		own.Roles = nil
	}
	return access.Decide(own.Actor(by.Request), access.ManageStaff, access.Subject{Register: s.register})
}

func scan(row interface{ Scan(...any) error }, register id.Register, now time.Time) (Account, string, error) {
	a := Account{Register: register}
	var hash, starts, ends string
	var apps int
	if err := row.Scan(&a.ID, &a.Ref, &a.SignIn, &a.Name, &hash, &a.Disabled, &starts, &ends, &apps, &a.Passkeys); err != nil {
		return a, "", err
	}
	var err error
	if starts != "" {
		a.Starts, err = civil.Parse(starts)
	}
	if ends != "" && err == nil {
		a.Ends, err = civil.Parse(ends)
	}
	a.App, a.HasPassword = apps > 0, hash != ""
	a.Open = a.State(civil.On(now, civil.London())) == "Open"
	return a, hash, err
}

// day is a date as the table has it: ” is none.
func day(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func rolesOf(tx *db.Tx, register id.Register, account id.Account) ([]access.Role, error) {
	return db.Values[access.Role](tx, sqlRoles, register, int64(account))
}
