package audit

import (
	"fmt"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// BrokenGlass is that somebody opened a locked record in need (ux-security.md
// 5.6): always worth a look.
const BrokenGlass = "locked record opened"

const sqlBroken = `SELECT at, actor, actor_name, young_person, reason FROM act WHERE register = $1 AND at >= $2 AND at < $3 AND kind = $4`

// broken finds the locked records that were opened in the days.
func (o *odd) broken(tx *db.Tx, r id.Register, to civil.Date) error {
	args := []any{int64(r), db.Instant{Time: midnight(o.from)}, db.Instant{Time: midnight(to.AddDays(1))}, string(access.BreakGlass)}
	return each(tx, sqlBroken, args, func(row scanner) error {
		var at db.Instant
		var actor, name, reason string
		var yp id.YoungPerson
		if err := row.Scan(&at, &actor, &name, &yp, &reason); err != nil {
			return fmt.Errorf("read which locked records were opened: %w", err)
		}
		o.files = append(o.files, Oddity{Kind: BrokenGlass, On: civil.On(at.Time, civil.London()), At: at.Time, Actor: actor, ActorName: name,
			Words: "Opened a locked record for 30 minutes: " + reason, one: yp})
		return nil
	})
}
