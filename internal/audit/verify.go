package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// What was done to an entry.
const (
	Edited     = "edited"
	Deleted    = "deleted"
	Inserted   = "inserted"
	Reordered  = "reordered"
	CutOff     = "cut off"
	RolledBack = "rolled back"
	// Replaced is the log itself written anew: what the entry was is not known.
	Replaced = "replaced"
)

// Fault is one thing wrong with the log.
type Fault struct {
	// Entry is the first entry it is about, from 1; one past the last sealed
	// for what should not be there, or is gone, after it.
	Entry int64
	// What is Edited, Deleted and so on.
	What string
	// Words say it in a sentence.
	Words string
}

// Account is what checking a log came to.
type Account struct {
	// Entries are sealed: Acts of them, and Batches of sights, in which Sights
	// rows were written.
	Entries, Acts, Batches, Sights int64
	Root                           tlog.Hash
	// Bytes is the room that the log takes: hashes and references.
	Bytes int64
	// Unsealed are the acts and the batches of sights written since.
	UnsealedActs, UnsealedBatches int64
	// Heads is how many seals were compared, and Last the latest of them, with
	// Seal 0 where there was none.
	Heads int
	Last  Head
	// ErasedReasons were taken away with an act that says so.
	ErasedReasons int64
	// Faults in the order of entries; none is a whole log.
	Faults []Fault
}

// mostFaults is how many faults are listed.
const mostFaults = 20

// Verify recomputes the whole log of a register from the acts and the sights,
// and compares it with what was sealed and with every head given (those of
// other registers are passed over). It needs no key: heads are trusted as
// given, so read them with ReadHeads. Pages and imports go on meanwhile.
func Verify(ctx context.Context, d *db.DB, r id.Register, against []Head) (Account, error) {
	c := &check{ctx: ctx, d: d, r: r}
	if err := c.begin(against); err != nil {
		return c.account, fmt.Errorf("check the log: %w", err)
	}
	for number := int64(0); number*tileSize < c.end.size; number++ {
		if err := c.tile(number); err != nil {
			return c.account, fmt.Errorf("check the log: %w", err)
		}
		if len(c.account.Faults) >= mostFaults {
			break
		}
	}
	if err := c.finish(); err != nil {
		return c.account, fmt.Errorf("check the log: %w", err)
	}
	sort.SliceStable(c.account.Faults, func(i, j int) bool { return c.account.Faults[i].Entry < c.account.Faults[j].Entry })
	return c.account, nil
}

// check is a verification under way.
type check struct {
	ctx     context.Context
	d       *db.DB
	r       id.Register
	account Account

	end state // as it stood when the check began
	// heads are those to compare, by entries; next is the first not compared.
	heads []Head
	next  int
	// good is the largest head that fits, in entries.
	good int64
	tree edge
	// lastAct is the number of the last act in the log so far.
	lastAct id.Act
	// rows of sights: those of sealed entries, those that wait, and all.
	rows, queuedRows, allRows int64
	// queued are the batches that wait, queuedLost those that wait and are gone.
	queued, queuedLost []string
	// registerLast is how far the register has counted its acts, and highest
	// the number of the last that is there.
	registerLast, highest id.Act
	// brokenTree says that the log itself was found changed, once.
	brokenTree bool
}

const (
	sqlCountSights = `SELECT count(*) FROM sight WHERE register = $1`
	sqlCountQueued = `SELECT count(*) FROM sight s JOIN unsealed_sight u ON u.register = s.register AND u.batch = s.batch WHERE u.register = $1`
	sqlQueued      = `SELECT u.batch, (SELECT count(*) FROM sight s WHERE s.register = u.register AND s.batch = u.batch) FROM unsealed_sight u WHERE u.register = $1 ORDER BY u.batch`
	sqlLastAct     = `SELECT r.last_act, COALESCE((SELECT MAX(a.number) FROM act a WHERE a.register = r.id), 0), (SELECT count(*) FROM act a WHERE a.register = r.id AND a.number <= 0)
		FROM register r WHERE r.id = $1`
)

// begin reads what is compared, as it stands at one moment.
func (c *check) begin(against []Head) error {
	from, err := origin(c.ctx, c.d, c.r)
	if err != nil {
		return err
	}
	for _, h := range against {
		if h.Origin == from {
			c.heads = append(c.heads, h)
		}
	}
	sort.SliceStable(c.heads, func(i, j int) bool {
		return c.heads[i].Entries < c.heads[j].Entries || c.heads[i].Entries == c.heads[j].Entries && c.heads[i].Seal < c.heads[j].Seal
	})
	err = c.d.ReadSide(c.ctx, func(tx *db.Tx) error {
		if c.end, err = readState(tx, c.r); err != nil {
			return err
		}
		if err := tx.QueryRow(sqlCountSights, int64(c.r)).Scan(&c.allRows); err != nil {
			return err
		}
		if err := tx.QueryRow(sqlCountQueued, int64(c.r)).Scan(&c.queuedRows); err != nil {
			return err
		}
		return c.readQueue(tx)
	})
	if err != nil {
		return err
	}
	return c.d.Read(c.ctx, func(tx *db.Tx) error {
		var below int64
		err := tx.QueryRow(sqlLastAct, int64(c.r)).Scan(&c.registerLast, &c.highest, &below)
		if below > 0 {
			c.fault(1, Inserted, fmt.Sprintf("%d acts stand before the first: numbers begin at 1, so somebody put them there", below))
		}
		return err
	})
}

func (c *check) readQueue(tx *db.Tx) error {
	rows, err := tx.Query(sqlQueued, int64(c.r))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var lines int64
		if err := rows.Scan(&name, &lines); err != nil {
			return err
		}
		if lines == 0 {
			c.queuedLost = append(c.queuedLost, name)
			continue
		}
		c.queued = append(c.queued, name)
	}
	return rows.Err()
}

func (c *check) fault(entry int64, what, words string) {
	c.account.Faults = append(c.account.Faults, Fault{Entry: entry, What: what, Words: words})
}

// tile checks up to 256 entries against what they stand for, and the heads
// that were taken among them.
func (c *check) tile(number int64) error {
	var t tile
	var sights map[string]*batch
	first := number * tileSize
	want := min(tileSize, c.end.size-first)
	err := c.d.ReadSide(c.ctx, func(tx *db.Tx) error {
		var err error
		t, err = readTile(tx, c.r, number)
		var bad damaged
		if errors.As(err, &bad) {
			c.fault(bad.entry+1, Replaced, bad.Error())
		} else if err != nil {
			return err
		}
		if int64(len(t.entries)) > want { // sealed since the check began
			t.entries = t.entries[:want]
		}
		var names []string
		for _, e := range t.entries {
			if e.act == 0 {
				names = append(names, e.batch)
			}
		}
		sights, err = readBatches(tx, c.r, names)
		return err
	})
	if err != nil {
		return err
	}
	if int64(len(t.entries)) < want && !c.brokenTree {
		c.brokenTree = true
		at := first + int64(len(t.entries))
		c.fault(at+1, Deleted, fmt.Sprintf("entry %d and those after it are gone from the log itself", at+1))
	}
	acts, err := c.actsOf(t)
	if err != nil {
		return err
	}
	for i, e := range t.entries {
		at := first + int64(i)
		c.compareHeads(at)
		c.entry(at, e, t, acts, sights)
		c.tree.add(e.hash)
		c.account.Bytes += int64(tlog.HashSize + len(e.line()) + 1)
	}
	return nil
}

// actsOf reads the acts that a tile names.
func (c *check) actsOf(t tile) (map[id.Act]actRow, error) {
	low, high := id.Act(0), id.Act(0)
	for _, e := range t.entries {
		if e.act != 0 && (low == 0 || e.act < low) {
			low = e.act
		}
		high = max(high, e.act)
	}
	out := map[id.Act]actRow{}
	if low == 0 {
		return out, nil
	}
	high = min(high, low+tileSize) // more than that apart, and the log was tampered with
	return out, c.d.Read(c.ctx, func(tx *db.Tx) error {
		rows, err := readActs(tx, c.r, low-1, high, tileSize+1)
		for _, a := range rows {
			out[id.Act(a.number)] = a
		}
		return err
	})
}

// entry compares one entry with what it stands for.
func (c *check) entry(at int64, e entry, t tile, acts map[id.Act]actRow, sights map[string]*batch) {
	c.account.Entries++
	if e.act != 0 {
		c.account.Acts++
		c.act(at, e, t, acts)
		return
	}
	c.account.Batches++
	b := sights[e.batch]
	if b == nil {
		c.fault(at+1, Deleted, fmt.Sprintf("Entry %d, %s, was deleted: none of what was written together then is there.", at+1, e.words()))
		return
	}
	c.rows += b.lines
	c.account.Sights += b.lines
	c.erased(at, b.erasedBy...)
	got := b.entry().hash
	if got == e.hash {
		c.early(at, b)
		return
	}
	if other := holding(t, got); other >= 0 {
		c.fault(at+1, Reordered, fmt.Sprintf("Entry %d was moved: %s was sealed as entry %d.", at+1, e.words(), t.number*tileSize+int64(other)+1))
		return
	}
	c.fault(at+1, Edited, fmt.Sprintf("Entry %d was edited: %s, what %s was shown from %s on, is not what was sealed.", at+1, e.words(), b.actor, moment(b.at)))
}

func (c *check) act(at int64, e entry, t tile, acts map[id.Act]actRow) {
	expected := c.lastAct + 1
	switch {
	case e.act < expected:
		c.fault(at+1, Reordered, fmt.Sprintf("Entry %d was moved: it is %s, and follows act %d.", at+1, e.words(), c.lastAct))
	case e.act > expected:
		c.fault(at+1, Deleted, fmt.Sprintf("Before entry %d, act %d is missing: numbers have no gaps.", at+1, expected))
	}
	c.lastAct = max(c.lastAct, e.act)
	a, there := acts[e.act]
	if !there {
		c.lostAct(at, e)
		return
	}
	if a.erased() {
		c.erased(at, a.erasedBy.Int64)
	}
	got := a.entry(c.r).hash
	if got == e.hash {
		return
	}
	if other := holding(t, got); other >= 0 {
		c.fault(at+1, Reordered, fmt.Sprintf("Entry %d was moved: %s was sealed as entry %d.", at+1, e.words(), t.number*tileSize+int64(other)+1))
		return
	}
	for i, o := range t.entries {
		if o.act != 0 && o.act != e.act && a.hashAs(c.r, int64(o.act)) == o.hash {
			c.fault(at+1, Reordered, fmt.Sprintf("Entry %d was moved: what stands as %s was sealed as act %d, entry %d.", at+1, e.words(), o.act, t.number*tileSize+int64(i)+1))
			return
		}
	}
	c.fault(at+1, Edited, fmt.Sprintf("Entry %d was edited: %s, of %s by %s, is not what was sealed.", at+1, e.words(), moment(a.at), a.actor))
}

// erased counts reasons that were erased, each by an act that must be there.
func (c *check) erased(at int64, by ...int64) {
	for _, act := range by {
		c.account.ErasedReasons++
		if act < 1 || id.Act(act) > c.highest {
			c.fault(at+1, Edited, fmt.Sprintf("Entry %d was edited: its reason is gone, and act %d, which is said to have erased it, is not there.", at+1, act))
		}
	}
}

// early finds sights that were put in later with an earlier time: they are
// sealed some seconds after they were written, so they cannot be an hour older
// than a seal that came before them.
func (c *check) early(at int64, b *batch) {
	var when db.Instant
	if err := when.Scan(b.at); err != nil || c.account.Last.Seal == 0 || c.account.Last.At.Sub(when.Time) < time.Hour {
		return
	}
	c.fault(at+1, Inserted, fmt.Sprintf("Entry %d, the sights %s, bears the time %s and was put in after seal %d of %s.", at+1, b.name, clock(when.Time), c.account.Last.Seal, clock(c.account.Last.At)))
}

// lostAct says how a sealed act that is not there was lost: alone, with all
// after it, or with the register that was put back to an earlier day.
func (c *check) lostAct(at int64, e entry) {
	switch {
	case e.act <= c.highest:
		c.fault(at+1, Deleted, fmt.Sprintf("Entry %d, %s, was deleted.", at+1, e.words()))
	case c.registerLast == c.highest:
		c.fault(at+1, RolledBack, fmt.Sprintf("Entry %d, %s, is gone with all acts after it, and the register counts on from act %d: it was rolled back to an earlier state.", at+1, e.words(), c.highest))
	default:
		c.fault(at+1, CutOff, fmt.Sprintf("Entry %d, %s, is gone with all acts after it: the end was cut off.", at+1, e.words()))
	}
}

// holding is the place in the tile at which a hash was sealed, or -1.
func holding(t tile, h tlog.Hash) int {
	return slices.IndexFunc(t.entries, func(e entry) bool { return e.hash == h })
}

// compareHeads compares the tree of the first entries with the heads that were
// signed when there were so many.
func (c *check) compareHeads(size int64) {
	for ; c.next < len(c.heads) && c.heads[c.next].Entries <= size; c.next++ {
		h := c.heads[c.next]
		c.account.Heads++
		if h.Entries == size && c.tree.root() == h.Root {
			c.good = size
			c.account.Last = h
			continue
		}
		if !c.brokenTree {
			c.brokenTree = true
			c.fault(c.good+1, Replaced, fmt.Sprintf("Entry %d, or one of the %d up to entry %d, is not what stood there when seal %d was signed at %s: the log was written anew, put in another order, or goes on from a database that was rolled back.",
				c.good+1, h.Entries-c.good, h.Entries, h.Seal, clock(h.At)))
		}
	}
}

// moment is a stored instant as people read it, or as it stands where somebody
// has made it unreadable.
func moment(stored string) string {
	var at db.Instant
	if err := at.Scan(stored); err != nil {
		return fmt.Sprintf("%q", stored)
	}
	return clock(at.Time)
}

// clock is a moment in London, to the second.
func clock(at time.Time) string {
	return at.In(civil.London()).Format("2 January 2006 15:04:05")
}
