package account

import (
	"context"
	"fmt"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
)

// Rules say how people sign in to the register; an administrator sets them.
type Rules struct {
	// SecondFactor says that a password alone does not do.
	SecondFactor bool
	// Idle is how long a session lasts unused, because shared offices and
	// visits leave browsers open; Lasts is how long it lasts at all: one
	// working day (ux-security.md 5.4).
	Idle, Lasts time.Duration
}

// The rules that may be set: no session may be left open overnight, and none
// may be so short that nobody can finish a form.
const (
	leastIdle, mostIdle   = 5 * time.Minute, 4 * time.Hour
	leastLasts, mostLasts = time.Hour, 16 * time.Hour
)

// keptRules spares reading the rules twice on every request. Another process
// that changes them is heard of within seconds.
type keptRules struct {
	mu    sync.Mutex
	rules Rules
	read  time.Time
}

const rulesHold = 5 * time.Second

const (
	sqlRules    = `SELECT second_factor, idle_minutes, lasts_minutes FROM register WHERE id = $1`
	sqlSetRules = `UPDATE register SET second_factor = $2, idle_minutes = $3, lasts_minutes = $4 WHERE id = $1`
)

// Rules are those of the register. It asks no permission.
func (s *Service) Rules(ctx context.Context) (Rules, error) {
	s.rules.mu.Lock()
	defer s.rules.mu.Unlock()
	now := s.db.Now()
	if since := now.Sub(s.rules.read); since >= 0 && since < rulesHold {
		return s.rules.rules, nil
	}
	var r Rules
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var idle, lasts int64
		err := tx.QueryRow(sqlRules, s.register).Scan(&r.SecondFactor, &idle, &lasts)
		r.Idle, r.Lasts = time.Duration(idle)*time.Minute, time.Duration(lasts)*time.Minute
		return err
	})
	if err != nil {
		return Rules{}, fmt.Errorf("read how people sign in: %w", err)
	}
	s.rules.rules, s.rules.read = r, now
	return r, nil
}

// SetRules says how people sign in from now on. It needs access.KeepRegister,
// and returns field.Errors. A shorter session counts for those that are open.
func (s *Service) SetRules(ctx context.Context, by access.Actor, r Rules, key string) error {
	var wrong field.Errors
	if r.Idle < leastIdle || r.Idle > mostIdle {
		wrong.Add("idle", fmt.Sprintf("Enter minutes from %d to %d", int(leastIdle.Minutes()), int(mostIdle.Minutes())))
	}
	if r.Lasts < leastLasts || r.Lasts > mostLasts {
		wrong.Add("lasts", fmt.Sprintf("Enter hours from %d to %d", int(leastLasts.Hours()), int(mostLasts.Hours())))
	}
	if len(wrong) > 0 {
		return wrong
	}
	factor := "a password alone does"
	if r.SecondFactor {
		factor = "a second factor is needed"
	}
	reason := fmt.Sprintf("signing in: %s; a session lasts %d minutes unused and %d in all", factor, int(r.Idle.Minutes()), int(r.Lasts.Minutes()))
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.KeepRegister, 0, act.Request{Reason: reason, Key: key}); err != nil {
			return err
		}
		_, err := tx.Exec(sqlSetRules, s.register, r.SecondFactor, int64(r.Idle.Minutes()), int64(r.Lasts.Minutes()))
		return err
	})
	if err != nil {
		return fmt.Errorf("say how people sign in: %w", err)
	}
	s.rules.mu.Lock()
	s.rules.read = time.Time{}
	s.rules.mu.Unlock()
	return nil
}
