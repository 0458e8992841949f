// Package account holds the staff who may sign in, how they prove who they
// are, and the browsers in which they are signed in.
//
// An account is one person's: a name to sign in with, a password, and the
// roles that say what their work is. It is closed, never deleted, because what
// they did keeps their name.
package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
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
}

// Actor is the account as the one who acts in a request.
func (a Account) Actor(request string) access.Actor {
	return access.Actor{Register: a.Register, Ref: "account:" + string(a.Ref), Account: a.ID, Name: a.Name, Roles: a.Roles, Request: request}
}

// Service keeps the accounts of one register.
type Service struct {
	db       *db.DB
	register id.Register
	hasher   *hasher
}

// New returns the service. It spends the time of one password hash.
func New(d *db.DB, register id.Register) *Service {
	return &Service{db: d, register: register, hasher: newHasher()}
}

// NewAccount is what it takes to make one.
type NewAccount struct {
	SignIn, Name, Password string
	Roles                  []access.Role
	// Ref is the reference that a demo gives, so that it is the same each time;
	// empty draws one.
	Ref id.Ref
}

const (
	sqlAddAccount = `INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by)
		VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7)`
	sqlAddRole     = `INSERT INTO account_role (register, account, role, known_from) VALUES ($1, $2, $3, $4)`
	sqlAccount     = `SELECT id, ref, sign_in, full_name, password, disabled FROM account WHERE register = $1 AND `
	sqlRoles       = `SELECT role FROM account_role WHERE register = $1 AND account = $2 AND known_to IS NULL ORDER BY role`
	sqlSetPassword = `UPDATE account SET password = $3 WHERE register = $1 AND id = $2`
	sqlDisable     = `UPDATE account SET disabled = TRUE WHERE register = $1 AND id = $2 AND disabled = FALSE`
	sqlAccounts    = `SELECT id, ref, sign_in, full_name, password, disabled FROM account WHERE register = $1 ORDER BY full_name, id`
)

// Create makes an account. It needs access.ManageStaff, and returns
// field.Errors for what is missing, taken or too weak.
func (s *Service) Create(ctx context.Context, by access.Actor, n NewAccount) (Account, error) {
	n.SignIn, n.Name = strings.ToLower(strings.TrimSpace(n.SignIn)), strings.TrimSpace(n.Name)
	if err := n.check(); err != nil {
		return Account{}, err
	}
	hash, err := s.hasher.hash(ctx, n.Password)
	if err != nil {
		return Account{}, err
	}
	a := Account{Register: s.register, Ref: n.Ref, SignIn: n.SignIn, Name: n.Name, Roles: n.Roles}
	if a.Ref == "" {
		a.Ref = id.NewRef()
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		done, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: "account " + string(a.Ref) + " made"})
		if err != nil {
			return err
		}
		key, err := done.Keys(1)
		if err != nil {
			return err
		}
		a.ID = id.Account(key)
		_, err = tx.Exec(sqlAddAccount, s.register, a.ID, string(a.Ref), a.SignIn, a.Name, hash, int64(done.Number))
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
	if len(n.Roles) == 0 {
		wrong.Add("roles", "Choose at least one role")
	}
	for _, r := range n.Roles {
		if !slices.Contains(access.Roles(), r) {
			wrong.Add("roles", fmt.Sprintf("There is no role %q; choose from those shown", r))
		}
	}
	if complaint := weak(n.Password, n.SignIn, n.Name); complaint != "" {
		wrong.Add("password", complaint)
	}
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
		return a.Disabled || !slices.Contains(a.Roles, access.Adviser) && !slices.Contains(a.Roles, access.TeamManager)
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
			a, _, err := scan(rows, s.register)
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range all {
			if all[i].Roles, err = roles(tx, s.register, all[i].ID); err != nil {
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
func (s *Service) find(ctx context.Context, condition string, value any) (Account, string, error) {
	var a Account
	var hash string
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		a, hash, err = scan(tx.QueryRow(sqlAccount+condition, s.register, value), s.register)
		if err != nil {
			return err
		}
		a.Roles, err = roles(tx, s.register, a.ID)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, "", db.NotFound
	}
	if err != nil {
		return Account{}, "", fmt.Errorf("find the account: %w", err)
	}
	return a, hash, nil
}

func scan(row interface{ Scan(...any) error }, register id.Register) (Account, string, error) {
	a := Account{Register: register}
	var hash string
	err := row.Scan(&a.ID, &a.Ref, &a.SignIn, &a.Name, &hash, &a.Disabled)
	return a, hash, err
}

func roles(tx *db.Tx, register id.Register, account id.Account) ([]access.Role, error) {
	rows, err := tx.Query(sqlRoles, register, int64(account))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var held []access.Role
	for rows.Next() {
		var r access.Role
		if err := rows.Scan(&r); err != nil {
			return nil, err
		}
		held = append(held, r)
	}
	return held, rows.Err()
}

// SetPassword changes one's own password, which needs the old one, and ends
// one's other sessions: whoever learned the old one is out. keep is the
// reference of the session that stays. It returns field.Errors.
func (s *Service) SetPassword(ctx context.Context, by access.Actor, old, new string, keep id.Ref) error {
	a, hash, err := s.find(ctx, "id = $2", int64(by.Account))
	if err != nil {
		return err
	}
	right, err := s.hasher.matches(ctx, old, hash)
	if err != nil {
		return err
	}
	if !right {
		return field.Errors{{Field: "old-password", Message: "Enter the password that you use now"}}
	}
	if complaint := weak(new, a.SignIn, a.Name); complaint != "" {
		return field.Errors{{Field: "new-password", Message: complaint}}
	}
	if hash, err = s.hasher.hash(ctx, new); err != nil {
		return err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.SignedIn, 0, act.Request{Reason: "password changed"}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlSetPassword, s.register, int64(a.ID), hash)
		return err
	})
	if err != nil {
		return fmt.Errorf("change the password: %w", err)
	}
	return s.endAll(ctx, a.Ref, keep)
}

// ResetPassword gives the account with a sign-in name another password, for
// whoever has lost theirs, and ends its sessions. It needs access.ManageStaff,
// and returns field.Errors for a name that nobody has and a password too weak.
func (s *Service) ResetPassword(ctx context.Context, by access.Actor, signIn, password string) (Account, error) {
	if err := access.Decide(by, access.ManageStaff, access.Subject{Register: s.register}); err != nil {
		return Account{}, err
	}
	a, _, err := s.find(ctx, "sign_in = $2", strings.ToLower(strings.TrimSpace(signIn)))
	if errors.Is(err, db.NotFound) {
		return Account{}, field.Errors{{Field: "sign-in", Message: "Nobody signs in with this name: waymark user list shows the names"}}
	}
	if err != nil {
		return Account{}, err
	}
	if complaint := weak(password, a.SignIn, a.Name); complaint != "" {
		return Account{}, field.Errors{{Field: "password", Message: complaint}}
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return Account{}, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: "account " + string(a.Ref) + " given another password"}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlSetPassword, s.register, int64(a.ID), hash)
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("give another password: %w", err)
	}
	return a, s.endAll(ctx, a.Ref, "")
}

// Disable closes an account and ends its sessions. It needs
// access.ManageStaff; one cannot close one's own.
func (s *Service) Disable(ctx context.Context, by access.Actor, ref id.Ref, reason string) error {
	a, err := s.ByRef(ctx, ref)
	if err != nil {
		return err
	}
	if a.ID == by.Account {
		return field.Errors{{Field: "account", Message: "You cannot close your own account; ask another administrator"}}
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: "account " + string(ref) + " closed: " + reason}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlDisable, s.register, int64(a.ID))
		return err
	})
	if err != nil {
		return fmt.Errorf("close the account: %w", err)
	}
	return s.endAll(ctx, a.Ref, "")
}
