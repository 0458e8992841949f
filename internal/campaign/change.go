package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/list"
)

const (
	sqlChange = `UPDATE campaign SET name = $1, target = $2, goal = $3, opens_on = $4, closes_on = $5, rules = $6, version = version + 1
		WHERE register = $7 AND id = $8 AND version = $9 AND closed_by IS NULL`
	sqlDismiss = `UPDATE campaign_hand SET known_to = $1 WHERE register = $2 AND campaign = $3 AND account = $4 AND known_to IS NULL`
	sqlLetGo   = `UPDATE campaign_row SET worker = '', worker_name = '', locked_until = '' WHERE register = $1 AND campaign = $2 AND worker = $3`
)

// Change changes a campaign that is planned or under way: its name, what it is
// for, its end, its rules and who works it; its first day while it is planned.
// Whom it is about stays, for its list is frozen or named to others. seen is the
// version that was looked at, key the form's one-use key. Whoever works it no more
// lets go of the row that they had. What it was before is kept. It needs access.KeepCampaign, and returns
// field.Errors, act.ErrRepeated, db.NotFound, or db.Conflict where somebody else
// changed or closed it first.
func (s *Service) Change(ctx context.Context, by access.Actor, ref id.Ref, n New, seen int64, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepCampaign, 0, act.Request{Key: key, Reason: "changed a campaign"})
		if err != nil {
			return err
		}
		c, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		if c.Version != seen || c.Stage() == StageClosed {
			return db.Conflict{What: "this campaign"}
		}
		n := n
		n.Asks, _ = list.Parse(c.Asks)
		if !c.Frozen.IsZero() {
			n.Opens = c.Opens
		}
		if err := n.check(civil.On(tx.Now, civil.London())); err != nil {
			return err
		}
		rules, err := json.Marshal(n.Rules)
		if err != nil {
			return err
		}
		if err := keepBefore(tx, a, c); err != nil {
			return err
		}
		done, err := tx.Exec(sqlChange, n.Name, n.Target, n.Goal, n.Opens.String(), n.Closes.String(), string(rules), int64(by.Register), c.key, seen)
		if err != nil {
			return fmt.Errorf("change a campaign: %w", err)
		}
		if rows, err := done.RowsAffected(); err != nil || rows == 0 {
			return errors.Join(err, db.Conflict{What: "this campaign"})
		}
		return s.staff(tx, a, c, n.Hands)
	})
}

// staff makes the hands of a campaign those who are named.
func (s *Service) staff(tx *db.Tx, a *act.Act, c *Campaign, hands []id.Ref) error {
	var fresh []id.Ref
	for _, ref := range hands {
		if !slices.ContainsFunc(c.Hands, func(h Hand) bool { return h.Ref == ref }) {
			fresh = append(fresh, ref)
		}
	}
	for _, h := range c.Hands {
		if slices.Contains(hands, h.Ref) {
			continue
		}
		if _, err := tx.Exec(sqlDismiss, int64(a.Number), int64(a.Register), c.key, string(h.Ref)); err != nil {
			return fmt.Errorf("change who works a campaign: %w", err)
		}
		if _, err := tx.Exec(sqlLetGo, int64(a.Register), c.key, "account:"+string(h.Ref)); err != nil {
			return fmt.Errorf("let go of rows: %w", err)
		}
	}
	return s.hire(tx, a, c.key, fresh)
}

const sqlCanWork = `SELECT DISTINCT a.ref, a.full_name, r.role FROM account a JOIN account_role r ON r.register = a.register AND r.account = a.id AND r.known_to IS NULL
	WHERE a.register = $1 AND a.disabled = FALSE AND (a.ends_on = '' OR a.ends_on >= $2) ORDER BY a.full_name, a.ref, r.role`

// canWork are the open accounts of those who may work campaigns.
func canWork(tx *db.Tx, r id.Register) ([]Hand, error) {
	rows, err := tx.Query(sqlCanWork, int64(r), civil.On(tx.Now, civil.London()).String())
	if err != nil {
		return nil, fmt.Errorf("see who can work a campaign: %w", err)
	}
	defer rows.Close()
	var out []Hand
	for rows.Next() {
		var h Hand
		if err := rows.Scan(&h.Ref, &h.Name, &h.Role); err != nil {
			return nil, err
		}
		may := access.ReachOf(access.Actor{Register: r, Roles: []access.Role{h.Role}}, access.WorkCampaign) != access.Nobody
		if may && !slices.ContainsFunc(out, func(o Hand) bool { return o.Ref == h.Ref }) {
			out = append(out, h)
		}
	}
	return out, rows.Err()
}

// CanWork are those who may be given a campaign. It needs access.KeepCampaign.
func (s *Service) CanWork(ctx context.Context, by access.Actor) (out []Hand, err error) {
	if err := access.Decide(by, access.KeepCampaign, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error { out, err = canWork(tx, by.Register); return err })
	return out, err
}

// hire gives a campaign its hands.
func (s *Service) hire(tx *db.Tx, a *act.Act, campaign int64, hands []id.Ref) error {
	can, err := canWork(tx, a.Register)
	if err != nil {
		return err
	}
	var rows [][]any
	for i, ref := range hands {
		at := slices.IndexFunc(can, func(h Hand) bool { return h.Ref == ref })
		if at < 0 {
			return field.Errors{{Field: "hands", Message: "Select people who may record what others say and whose account is open"}}
		}
		if !slices.Contains(hands[:i], ref) {
			rows = append(rows, []any{int64(a.Register), campaign, string(ref), can[at].Name, int64(a.Number)})
		}
	}
	return db.BulkInsert(tx, "campaign_hand", []string{"register", "campaign", "account", "name", "known_from"}, rows)
}
