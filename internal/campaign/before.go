package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Before is a campaign as it was until somebody changed it.
type Before struct {
	// At is when it was changed, By who did.
	At time.Time
	By string
	// Was is as it was until then: its name, what it is for, its days, its rules and
	// who worked it.
	Was Campaign
}

const (
	sqlKeepBefore = `INSERT INTO campaign_before (register, campaign, version, name, target, goal, opens_on, closes_on, rules, changed_by)
		SELECT register, id, version, name, target, goal, opens_on, closes_on, rules, $1 FROM campaign WHERE register = $2 AND id = $3 AND version = $4`
	sqlBefore = `SELECT b.version, b.name, b.target, b.goal, b.opens_on, b.closes_on, b.rules, b.changed_by, a.at, a.actor_name
		FROM campaign_before b JOIN act a ON a.register = b.register AND a.number = b.changed_by
		WHERE b.register = $1 AND b.campaign = $2 ORDER BY b.version DESC`
	sqlHandsThen = `SELECT account, name FROM campaign_hand WHERE register = $1 AND campaign = $2 AND known_from < $3 AND (known_to IS NULL OR known_to >= $3) ORDER BY name, account`
)

// keepBefore keeps what a campaign was before the act changes it.
func keepBefore(tx *db.Tx, a *act.Act, c *Campaign) error {
	if _, err := tx.Exec(sqlKeepBefore, int64(a.Number), int64(a.Register), c.key, c.Version); err != nil {
		return fmt.Errorf("keep what a campaign was: %w", err)
	}
	return nil
}

// Before are what a campaign was before each of its changes, the last first. It
// returns as Get does.
func (s *Service) Before(ctx context.Context, by access.Actor, ref id.Ref) (out []Before, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		c, err := s.get(tx, by, ref)
		if err == nil {
			out, err = before(tx, by.Register, c)
		}
		return err
	})
	return out, err
}

func before(tx *db.Tx, r id.Register, c *Campaign) (out []Before, err error) {
	rows, err := tx.Query(sqlBefore, int64(r), c.key)
	if err != nil {
		return nil, fmt.Errorf("read what a campaign was: %w", err)
	}
	defer rows.Close()
	var acts []int64
	for rows.Next() {
		one := Before{Was: Campaign{Ref: c.Ref, key: c.key}}
		var opens, closes, rules string
		var changed int64
		var at db.Instant
		if err := rows.Scan(&one.Was.Version, &one.Was.Name, &one.Was.Target, &one.Was.Goal, &opens, &closes, &rules, &changed, &at, &one.By); err != nil {
			return nil, fmt.Errorf("read what a campaign was: %w", err)
		}
		if err := json.Unmarshal([]byte(rules), &one.Was.Rules); err != nil {
			return nil, err
		}
		one.At, one.Was.Opens, one.Was.Closes = at.Time, civil.MustParse(opens), civil.MustParse(closes)
		out, acts = append(out, one), append(acts, changed)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for i := range out {
		if out[i].Was.Hands, err = handsThen(tx, r, c, acts[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// handsThen are who worked a campaign before an act.
func handsThen(tx *db.Tx, r id.Register, c *Campaign, before int64) (out []Hand, err error) {
	rows, err := tx.Query(sqlHandsThen, int64(r), c.key, before)
	if err != nil {
		return nil, fmt.Errorf("read who worked a campaign: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var h Hand
		if err := rows.Scan(&h.Ref, &h.Name); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, rows.Err()
}
