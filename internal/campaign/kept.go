package campaign

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/register"
)

// mostKept is how many rows of campaigns are kept in memory: some dozen MB.
const mostKept = 60_000

// kept are the rows of campaigns as they were read last, apart from who looks at
// them, brought up to date by the acts since (docs/decisions/0008): a campaign of
// thousands is counted for the home of each of its hands.
type kept struct {
	mu        sync.Mutex
	campaigns map[keptKey]*keptCampaign
	// asked counts the questions, so that the campaign longest not asked for goes
	// first where there are too many.
	asked int64
}

type keptKey struct {
	register id.Register
	campaign int64
}

type keptCampaign struct {
	// mu is held while it is brought up to date, so that those who ask at the same
	// time wait for the first of them.
	mu    sync.Mutex
	state *keptRows
	// last and size belong to kept.
	last int64
	size int
}

// keptRows are the rows of a campaign after an act, on a day. They are never
// changed: who has them goes on reading while others are made.
type keptRows struct {
	at      id.Act
	today   civil.Date
	version int64
	frozen  civil.Date
	rows    []*Row
	place   map[id.YoungPerson]int
}

// of is the place of a campaign among those kept.
func (k *kept) of(key keptKey) *keptCampaign {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.campaigns == nil {
		k.campaigns = map[keptKey]*keptCampaign{}
	}
	one := k.campaigns[key]
	if one == nil {
		one = &keptCampaign{}
		k.campaigns[key] = one
	}
	k.asked++
	one.last = k.asked
	return one
}

// forget lets go of every campaign of a register but one: after an act that may
// have been about anybody, an erasure too, nothing from before it stays in memory.
func (k *kept) forget(r id.Register, but *keptCampaign) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for key, one := range k.campaigns {
		if key.register == r && one != but {
			delete(k.campaigns, key)
		}
	}
}

// make room for so many rows of a campaign.
func (k *kept) room(one *keptCampaign, size int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	one.size = size
	for {
		total, oldest := 0, keptKey{}
		for key, c := range k.campaigns {
			total += c.size
			if before := k.campaigns[oldest]; c != one && (before == nil || c.last < before.last) {
				oldest = key
			}
		}
		if total <= mostKept || k.campaigns[oldest] == nil {
			return
		}
		delete(k.campaigns, oldest)
	}
}

// whole are all rows of a campaign as they are now, whoever looks at them. They
// belong to everybody and are not to be changed.
func (s *Service) whole(tx *db.Tx, r id.Register, c *Campaign) ([]*Row, error) {
	book, err := register.Of(tx, r)
	if err != nil {
		return nil, err
	}
	one := s.kept.of(keptKey{r, c.key})
	one.mu.Lock()
	defer one.mu.Unlock()
	next := &keptRows{at: book.LastAct, today: civil.On(tx.Now, civil.London()), version: c.Version, frozen: c.Frozen}
	if done, err := s.follow(tx, r, c, one, next); done || err != nil {
		return next.rows, err
	}
	if next.rows, err = s.readRows(tx, r, c, nil); err != nil {
		return nil, err
	}
	next.place = make(map[id.YoungPerson]int, len(next.rows))
	for i, row := range next.rows {
		next.place[row.Person] = i
	}
	one.state = next
	s.kept.room(one, len(next.rows))
	return next.rows, nil
}

// follow makes the next rows of those kept, reading only whom acts have touched
// since. It returns false where all are to be read.
func (s *Service) follow(tx *db.Tx, r id.Register, c *Campaign, one *keptCampaign, next *keptRows) (bool, error) {
	before := one.state
	if before == nil || before.today != next.today || before.version != next.version || before.frozen != next.frozen {
		return false, nil
	}
	if before.at >= next.at { // somebody who asked later was here first
		next.rows = before.rows
		return true, nil
	}
	touched, known, err := life.Follow(tx, r, before.at, next.at)
	if err != nil {
		return false, err
	}
	if !known {
		s.kept.forget(r, one)
		return false, nil
	}
	touched = slices.DeleteFunc(touched, func(yp id.YoungPerson) bool { _, on := before.place[yp]; return !on })
	next.rows, next.place = before.rows, before.place
	if len(touched) > 0 {
		next.rows = slices.Clone(before.rows)
	}
	for some := range slices.Chunk(touched, 200) { // a wide IN is slow on SQLite
		rows, err := s.readRows(tx, r, c, some)
		if err != nil || len(rows) != len(some) {
			return false, err
		}
		for _, row := range rows {
			next.rows[next.place[row.Person]] = row
		}
	}
	one.state = next
	return true, nil
}

// Warm reads the campaigns under way of a register, so that the first page need not
// wait.
func (s *Service) Warm(ctx context.Context, r id.Register) error {
	_, err := s.count(ctx, waymark(r), func(c *Campaign) bool { return c.Running() })
	return err
}

// reader is who looks at the rows of campaigns, and what they may see.
type reader struct {
	by    access.Actor
	veil  *access.Veil
	sieve access.Sieve
}

func readerOf(tx *db.Tx, by access.Actor) (reader, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return reader{}, err
	}
	sieve, err := access.LookLines(tx, by, access.SeePerson)
	return reader{by, veil, sieve}, err
}

// rows are those of a campaign, in their order, whom the actor may see. It shows
// nobody by itself: the sight is the caller's.
func (s *Service) rows(tx *db.Tx, by access.Actor, c *Campaign) ([]*Row, error) {
	to, err := readerOf(tx, by)
	if err != nil {
		return nil, err
	}
	all, err := s.whole(tx, by.Register, c)
	if err != nil {
		return nil, err
	}
	return to.shown(tx, c, all)
}

const sqlHeld = `SELECT r.young_person, r.worker, r.worker_name, r.locked_until FROM campaign_row r WHERE r.register = $1 AND r.campaign = $2 AND r.worker <> ''`

// shown are rows as the reader may see them: without those hidden from them, and
// locked ones without a name; with whoever has them at this moment.
func (to reader) shown(tx *db.Tx, c *Campaign, all []*Row) ([]*Row, error) {
	holds, err := holdsOf(tx, to.by.Register, c)
	if err != nil {
		return nil, err
	}
	made := make([]Row, len(all))
	out := make([]*Row, 0, len(all))
	for i, one := range all {
		if !to.sieve.Lets(one.Person) {
			continue
		}
		r := &made[i]
		out = append(out, r)
		if to.veil.Locks(one.Person) {
			*r = Row{Person: one.Person, Ref: one.Ref, Place: one.Place, Locked: true, Due: Due{State: Stopped, Why: "The record is locked"}}
			continue
		}
		*r = *one
		if h, held := holds[one.Person]; held {
			r.Worker, r.Until, r.Mine = h.name, h.until, h.worker == to.by.Ref
		}
		if at := one.lastAt.Add(undoFor); one.lastUser == to.by.Ref && one.lastAct != 0 && at.After(tx.Now) {
			r.Undo = at
		}
	}
	return out, nil
}

// hold is who has a row until when.
type hold struct {
	worker, name string
	until        time.Time
}

// holdsOf are the rows of a campaign that somebody has at this moment. A row is
// taken and let go without an act, so they are asked for each time.
func holdsOf(tx *db.Tx, r id.Register, c *Campaign) (map[id.YoungPerson]hold, error) {
	rows, err := tx.Query(sqlHeld, int64(r), c.key)
	if err != nil {
		return nil, fmt.Errorf("read who has which row of a campaign: %w", err)
	}
	defer rows.Close()
	out := map[id.YoungPerson]hold{}
	for rows.Next() {
		var yp id.YoungPerson
		var h hold
		var until string
		if err := rows.Scan((*int64)(&yp), &h.worker, &h.name, &until); err != nil {
			return nil, fmt.Errorf("read who has which row of a campaign: %w", err)
		}
		if h.until = timeOf(until); h.until.After(tx.Now) {
			out[yp] = h
		}
	}
	return out, rows.Err()
}
