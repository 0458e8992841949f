package audit

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"waymark/internal/db"
	"waymark/internal/id"
)

// entry is one line of the log: an act, or a batch of sights.
type entry struct {
	// act is the act's number; 0 for a batch of sights.
	act id.Act
	// batch is the reference of the sights.
	batch string
	hash  tlog.Hash
}

// words name the entry for a reader.
func (e entry) words() string {
	if e.act != 0 {
		return fmt.Sprintf("act %d", e.act)
	}
	return "the sights " + e.batch
}

// line is the entry as a tile lists it.
func (e entry) line() string {
	if e.act != 0 {
		return "a " + strconv.FormatInt(int64(e.act), 10)
	}
	return "s " + e.batch
}

func parseEntry(line string) (entry, error) {
	kind, rest, ok := strings.Cut(line, " ")
	switch {
	case ok && kind == "s" && rest != "":
		return entry{batch: rest}, nil
	case ok && kind == "a":
		if n, err := strconv.ParseInt(rest, 10, 64); err == nil && n > 0 {
			return entry{act: id.Act(n)}, nil
		}
	}
	return entry{}, fmt.Errorf("%q is no entry of the log", line)
}

// canon writes values so that no two rows are written alike: each text with
// its length, what is absent unlike what is empty.
type canon struct{ bytes.Buffer }

func (c *canon) number(n int64) {
	var b [binary.MaxVarintLen64]byte
	c.Write(b[:binary.PutVarint(b[:], n)])
}

func (c *canon) text(s string) {
	c.number(int64(len(s)))
	c.WriteString(s)
}

func (c *canon) maybeNumber(n sql.NullInt64) {
	if !n.Valid {
		c.WriteByte('-')
		return
	}
	c.WriteByte('+')
	c.number(n.Int64)
}

func (c *canon) maybeText(s sql.NullString) {
	if !s.Valid {
		c.WriteByte('-')
		return
	}
	c.WriteByte('+')
	c.text(s.String)
}

// reasonHash is what stands for a reason in an entry.
func reasonHash(reason string) [sha256.Size]byte {
	return sha256.Sum256([]byte("waymark reason\x00" + reason))
}

// Erased is what stands where the words of a reason were erased.
const Erased = "(erased)"

// actRow is every column of an act. A column that is added to the table later
// must be added at the end, and only where it holds something: entries that
// were sealed before it must be hashed as they were.
type actRow struct {
	number                     int64
	at, actor, actorName, kind string
	youngPerson, undoes        sql.NullInt64
	reason                     string
	key                        sql.NullString
	// erasedHash stands for the reason where the reason was erased by erasedBy.
	erasedHash []byte
	erasedBy   sql.NullInt64
}

const sqlActs = `SELECT a.number, a.at, a.actor, a.actor_name, a.kind, a.young_person, a.reason, a.one_use_key, a.undoes, e.hash, e.erased_by
	FROM act a LEFT JOIN erased_act_reason e ON e.register = a.register AND e.act = a.number
	WHERE a.register = $1 AND a.number > $2 AND a.number <= $3 ORDER BY a.number LIMIT $4`

// readActs reads up to limit acts with a number after one and up to another.
func readActs(tx *db.Tx, r id.Register, after, upTo id.Act, limit int) ([]actRow, error) {
	rows, err := tx.Query(sqlActs, int64(r), int64(after), int64(upTo), limit)
	if err != nil {
		return nil, fmt.Errorf("read the acts: %w", err)
	}
	defer rows.Close()
	var out []actRow
	for rows.Next() {
		var a actRow
		if err := rows.Scan(&a.number, &a.at, &a.actor, &a.actorName, &a.kind, &a.youngPerson, &a.reason, &a.key, &a.undoes, &a.erasedHash, &a.erasedBy); err != nil {
			return nil, fmt.Errorf("read an act: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// erased says that the reason is gone, and that an act says so.
func (a actRow) erased() bool { return a.erasedBy.Valid && a.reason == Erased }

// entry is the act as the log holds it.
func (a actRow) entry(r id.Register) entry {
	return entry{act: id.Act(a.number), hash: a.hashAs(r, a.number)}
}

// hashAs is its hash if it had another number: by it an act that was put
// elsewhere is known.
func (a actRow) hashAs(r id.Register, number int64) tlog.Hash {
	var c canon
	c.WriteString("waymark act\x00")
	c.number(int64(r))
	c.number(number)
	c.text(a.at)
	c.text(a.actor)
	c.text(a.actorName)
	c.text(a.kind)
	c.maybeNumber(a.youngPerson)
	if a.erased() {
		c.Write(a.erasedHash)
	} else {
		h := reasonHash(a.reason)
		c.Write(h[:])
	}
	c.maybeText(a.key)
	c.maybeNumber(a.undoes)
	return tlog.RecordHash(c.Bytes())
}

// batch is the sights that were written together.
type batch struct {
	name      string
	at, actor string // of its first line
	lines     int64
	// erasedBy are the acts that erased reasons of it.
	erasedBy []int64
	canon    canon
}

func (b *batch) entry() entry { return entry{batch: b.name, hash: tlog.RecordHash(b.canon.Bytes())} }

const sqlSights = `SELECT s.batch, s.line, s.at, s.actor, s.actor_name, s.kind, s.young_person, s.page, s.request, s.reason, e.hash, e.erased_by
	FROM sight s LEFT JOIN erased_sight_reason e ON e.register = s.register AND e.batch = s.batch AND e.line = s.line`

// readBatches reads whole batches of sights by their references.
func readBatches(tx *db.Tx, r id.Register, names []string) (map[string]*batch, error) {
	out := make(map[string]*batch, len(names))
	if len(names) == 0 {
		return out, nil
	}
	var w db.Where
	w.And("s.register = $1", int64(r))
	in := make([]any, len(names))
	for i, n := range names {
		in[i] = n
	}
	w.In("s.batch", in...)
	rows, err := tx.Query(sqlSights+w.SQL()+" ORDER BY s.batch, s.line", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read who looked: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scanSight(rows, r, out); err != nil {
			return nil, fmt.Errorf("read who looked: %w", err)
		}
	}
	return out, rows.Err()
}

func scanSight(rows *sql.Rows, r id.Register, out map[string]*batch) error {
	var name, at, actor, actorName, kind, page, request, reason string
	var line int64
	var yp, erasedBy sql.NullInt64
	var erasedHash []byte
	if err := rows.Scan(&name, &line, &at, &actor, &actorName, &kind, &yp, &page, &request, &reason, &erasedHash, &erasedBy); err != nil {
		return err
	}
	b := out[name]
	if b == nil {
		b = &batch{name: name, at: at, actor: actor}
		b.canon.WriteString("waymark sights\x00")
		b.canon.number(int64(r))
		b.canon.text(name)
		out[name] = b
	}
	b.lines++
	c := &b.canon
	c.number(line)
	c.text(at)
	c.text(actor)
	c.text(actorName)
	c.text(kind)
	c.maybeNumber(yp)
	c.text(page)
	c.text(request)
	if erasedBy.Valid && reason == Erased {
		b.erasedBy = append(b.erasedBy, erasedBy.Int64)
		c.Write(erasedHash)
		return nil
	}
	h := reasonHash(reason)
	c.Write(h[:])
	return nil
}
