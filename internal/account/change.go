package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

const (
	sqlSetPassword = `UPDATE account SET password = $3 WHERE register = $1 AND id = $2`
	sqlDisable     = `UPDATE account SET disabled = TRUE WHERE register = $1 AND id = $2 AND disabled = FALSE`
	sqlSetDays     = `UPDATE account SET starts_on = $3, ends_on = $4 WHERE register = $1 AND id = $2`
	sqlTakeRole    = `UPDATE account_role SET known_to = $4 WHERE register = $1 AND account = $2 AND role = $3 AND known_to IS NULL`
)

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
		if err := s.stillMay(tx, by); err != nil {
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

// daysWrong is what is wrong with the days of an account, or nil.
func daysWrong(starts, ends civil.Date) field.Errors {
	if !starts.IsZero() && !ends.IsZero() && ends.Before(starts) {
		return field.Errors{{Field: "ends", Message: "Enter a last day that is not before the first"}}
	}
	return nil
}

// SetDays says from which day to which the account may sign in; no date is no
// limit. Where that leaves today out its sessions end at once. It needs
// access.ManageStaff; nobody ends their own account.
func (s *Service) SetDays(ctx context.Context, by access.Actor, ref id.Ref, starts, ends civil.Date, key string) error {
	a, err := s.ByRef(ctx, ref)
	if err != nil {
		return err
	}
	if wrong := daysWrong(starts, ends); wrong != nil {
		return wrong
	}
	if a.ID == by.Account {
		return field.Errors{{Field: "ends", Message: "You cannot say how long your own account lasts; ask another administrator"}}
	}
	words := func(d civil.Date, none string) string {
		if d.IsZero() {
			return none
		}
		return d.Words()
	}
	reason := fmt.Sprintf("account %s may sign in from %s to %s", ref, words(starts, "any day"), words(ends, "any day"))
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: reason, Key: key}); err != nil {
			return err
		}
		if err := s.stillMay(tx, by); err != nil {
			return err
		}
		_, err := tx.Exec(sqlSetDays, s.register, int64(a.ID), day(starts), day(ends))
		return err
	})
	if err != nil {
		return fmt.Errorf("set the days of the account: %w", err)
	}
	if a, err = s.ByRef(ctx, ref); err != nil || a.Open {
		return err
	}
	return s.endAll(ctx, a.Ref, "")
}

// SetRoles says what the person's work is from now on, and ends their sessions:
// whoever moves begins anew. It needs access.ManageStaff; nobody changes their
// own, so that no administrator can make themselves anything else alone.
func (s *Service) SetRoles(ctx context.Context, by access.Actor, ref id.Ref, roles []access.Role, key string) error {
	a, err := s.ByRef(ctx, ref)
	if err != nil {
		return err
	}
	if a.ID == by.Account {
		return field.Errors{{Field: "roles", Message: "You cannot change your own roles; ask another administrator"}}
	}
	if wrong := rolesWrong(roles); wrong != nil {
		return wrong
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		done, err := act.Begin(tx, by, access.ManageStaff, 0, act.Request{Reason: "account " + string(ref) + " is now " + strings.Join(names, ", "), Key: key})
		if err != nil {
			return err
		}
		if err := s.stillMay(tx, by); err != nil {
			return err
		}
		held, err := rolesOf(tx, s.register, a.ID)
		if err != nil {
			return err
		}
		for _, r := range held {
			if !slices.Contains(roles, r) {
				if _, err := tx.Exec(sqlTakeRole, s.register, int64(a.ID), string(r), int64(done.Number)); err != nil {
					return err
				}
			}
		}
		for _, r := range roles {
			if !slices.Contains(held, r) {
				if _, err := tx.Exec(sqlAddRole, s.register, int64(a.ID), string(r), int64(done.Number)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("change the roles: %w", err)
	}
	return s.endAll(ctx, a.Ref, "")
}

func rolesWrong(roles []access.Role) field.Errors {
	var wrong field.Errors
	if len(roles) == 0 {
		wrong.Add("roles", "Choose at least one role")
	}
	for _, r := range roles {
		if !slices.Contains(access.Roles(), r) {
			wrong.Add("roles", fmt.Sprintf("There is no role %q; choose from those shown", r))
		}
	}
	staff := func(r access.Role) bool { return !r.ByAgreement() }
	if slices.ContainsFunc(roles, access.Role.ByAgreement) && slices.ContainsFunc(roles, staff) {
		wrong.Add("roles", "A partner's role goes with no role of the authority's own: choose one or the other")
	}
	return wrong
}
