package audit

import (
	"fmt"
	"slices"
	"strings"

	"waymark/internal/db"
	"waymark/internal/id"
)

// finish looks at what lies behind the last sealed entry, and at what should
// be in the log and is not.
func (c *check) finish() error {
	if len(c.account.Faults) >= mostFaults {
		return nil // it is plain enough; what was not looked at cannot be counted
	}
	c.compareHeads(c.end.size)
	c.account.Root = c.tree.root()
	if !c.brokenTree && (c.tree.root() != c.end.root() || c.lastAct != c.end.acts) {
		c.brokenTree = true
		c.fault(c.good+1, Replaced, fmt.Sprintf("Entry %d, or one of those after it, is not what was sealed: the log's own root does not fit its entries.", c.good+1))
	}
	if c.next < len(c.heads) {
		last := c.heads[len(c.heads)-1]
		c.account.Heads += len(c.heads) - c.next
		c.fault(c.end.size+1, c.shortBecause(), fmt.Sprintf("Entry %d is not there: the log has %d entries, and seal %d, signed at %s, had %d. The database is an older copy of itself, or its end was cut off.",
			c.end.size+1, c.end.size, last.Seal, clock(last.At), last.Entries))
	}
	for _, name := range c.queuedLost {
		c.fault(c.end.size+1, Deleted, fmt.Sprintf("The sights %s were written and not sealed yet, and are gone.", name))
	}
	c.account.UnsealedBatches = int64(len(c.queued))
	if err := c.unsealedActs(); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.account.Faults, func(f Fault) bool { return f.What == Deleted || f.What == Edited }) && c.rows != c.allRows-c.queuedRows {
		return c.insertedSights()
	}
	return nil
}

// shortBecause tells a log whose end was cut from a database that was put back
// whole: then the register's own count of acts is put back with it, and no
// sights are left over that the log does not have.
func (c *check) shortBecause() string {
	if c.registerLast > c.highest || c.rows != c.allRows-c.queuedRows {
		return CutOff
	}
	return RolledBack
}

// unsealedActs looks for gaps among the acts that are not sealed yet.
func (c *check) unsealedActs() error {
	last := c.lastAct
	for {
		var acts []actRow
		err := c.d.Read(c.ctx, func(tx *db.Tx) error {
			var err error
			acts, err = readActs(tx, c.r, last, c.highest, 4096)
			return err
		})
		if err != nil {
			return err
		}
		for _, a := range acts {
			if id.Act(a.number) != last+1 {
				c.fault(c.end.size+1, Deleted, fmt.Sprintf("Act %d, which was not sealed yet, was deleted: numbers have no gaps.", last+1))
			}
			last = id.Act(a.number)
			c.account.UnsealedActs++
		}
		if len(acts) == 0 {
			break
		}
	}
	if c.registerLast > max(last, c.end.acts) {
		c.fault(c.end.size+1, CutOff, fmt.Sprintf("Act %d was done and is gone: the register has counted to %d, and the last act is %d.", last+1, c.registerLast, last))
	}
	return nil
}

// insertedSights finds sights that are in the table, and neither in the log nor
// waiting to be.
func (c *check) insertedSights() error {
	known := map[string]bool{}
	for _, name := range c.queued {
		known[name] = true
	}
	for number := int64(0); number*tileSize < c.end.size; number++ {
		err := c.d.ReadSide(c.ctx, func(tx *db.Tx) error {
			t, err := readTile(tx, c.r, number)
			for _, e := range t.entries {
				known[e.batch] = true
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	var strange []string
	err := c.d.ReadSide(c.ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT DISTINCT batch FROM sight WHERE register = $1 ORDER BY batch`, int64(c.r))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			if !known[name] {
				strange = append(strange, name)
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return c.stillStrange(tx, &strange)
	})
	if err != nil || len(strange) == 0 {
		return err
	}
	c.fault(c.end.size+1, Inserted, fmt.Sprintf("The sights %s were put in past the program: they are neither sealed nor waiting to be.", strings.Join(strange[:min(3, len(strange))], ", ")))
	return nil
}

// stillStrange leaves out what was written, and perhaps sealed, since the check
// began.
func (c *check) stillStrange(tx *db.Tx, strange *[]string) error {
	now, err := readState(tx, c.r)
	if err != nil {
		return err
	}
	since := map[string]bool{}
	waiting, err := unsealedBatches(tx, c.r, 1<<20)
	if err != nil {
		return err
	}
	for _, name := range waiting {
		since[name] = true
	}
	for number := c.end.size / tileSize; number*tileSize < now.size; number++ {
		t, err := readTile(tx, c.r, number)
		if err != nil {
			return err
		}
		for _, e := range t.entries {
			since[e.batch] = true
		}
	}
	*strange = slices.DeleteFunc(*strange, func(name string) bool { return since[name] })
	return nil
}
