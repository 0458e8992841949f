package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"waymark/internal/db"
	"waymark/internal/id"
)

// tileSize is how many entries one row holds.
const tileSize = 256

// atOnce is how many acts, and how many batches of sights, are sealed in one
// transaction: few, because who looks at a page waits for it.
const atOnce = 512

// state is how far a register's log is sealed.
type state struct {
	edge
	// acts is the number of the last act sealed.
	acts id.Act
	// seal is the number of the last signed head, and head its text.
	seal int64
	head string
}

const (
	sqlState    = `SELECT size, acts, edge, seal, head FROM audit_log WHERE register = $1`
	sqlLock     = `UPDATE audit_log SET size = size WHERE register = $1 RETURNING size, acts, edge, seal, head`
	sqlFirst    = `INSERT INTO audit_log (register, size, acts, edge, seal, head) VALUES ($1, 0, 0, $2, 0, '') ON CONFLICT (register) DO NOTHING`
	sqlAdvance  = `UPDATE audit_log SET size = $2, acts = $3, edge = $4 WHERE register = $1`
	sqlUnsealed = `SELECT u.batch FROM unsealed_sight u JOIN sight s ON s.register = u.register AND s.batch = u.batch AND s.line = 1
		WHERE u.register = $1 ORDER BY s.at, u.batch LIMIT $2`
	sqlTile    = `SELECT hashes, entries FROM audit_tile WHERE register = $1 AND number = $2`
	sqlSetTile = `INSERT INTO audit_tile (register, number, hashes, entries) VALUES ($1, $2, $3, $4)
		ON CONFLICT (register, number) DO UPDATE SET hashes = EXCLUDED.hashes, entries = EXCLUDED.entries`
)

type scanner interface{ Scan(...any) error }

func scanState(row scanner) (state, error) {
	var s state
	var size int64
	var b []byte
	if err := row.Scan(&size, &s.acts, &b, &s.seal, &s.head); err != nil {
		return s, err
	}
	var err error
	s.edge, err = readEdge(size, b)
	return s, err
}

// readState is how far the log is sealed; nothing where it was never begun.
func readState(tx *db.Tx, r id.Register) (state, error) {
	s, err := scanState(tx.QueryRow(sqlState, int64(r)))
	if errors.Is(err, sql.ErrNoRows) {
		return state{}, nil
	}
	if err != nil {
		return s, fmt.Errorf("read how far the log is sealed: %w", err)
	}
	return s, nil
}

// lockState is readState for who is about to seal: nobody else seals until the
// transaction ends.
func lockState(tx *db.Tx, r id.Register) (state, error) {
	if _, err := tx.Exec(sqlFirst, int64(r), []byte{}); err != nil {
		return state{}, fmt.Errorf("begin the log: %w", err)
	}
	s, err := scanState(tx.QueryRow(sqlLock, int64(r)))
	if err != nil {
		return s, fmt.Errorf("read how far the log is sealed: %w", err)
	}
	return s, nil
}

// Seal adds to the log whatever was done and seen since the last time, and
// returns how many entries that were. It is the same work whoever does it, and
// two may do it at once. What has a number is added in the order of numbers,
// and what has none in the order in which it was written, so nothing can come
// to stand below what is sealed.
func Seal(ctx context.Context, d *db.DB, r id.Register) (int64, error) {
	var sealed int64
	var q queue
	for {
		n, whole, err := sealSome(ctx, d, r, &q)
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("seal the log: %w", err)
		}
		if whole {
			return sealed, nil
		}
	}
}

// queue is the sights that wait, as they were read when the log had size
// entries. It is read anew when somebody else has sealed meanwhile.
type queue struct {
	size    int64
	waiting []string
}

// mostWaiting is how many are read at once: reading them sorts all of them.
const mostWaiting = 50_000

// sealSome seals what fits into one transaction, and says whether that was
// nothing. What is sealed is read and hashed before it begins: acts and sights
// never change, so only the few rows of the log are written while somebody may
// wait.
func sealSome(ctx context.Context, d *db.DB, r id.Register, q *queue) (int64, bool, error) {
	entries, before, err := readUnsealed(ctx, d, r, q)
	if err != nil || len(entries) == 0 {
		return 0, true, err
	}
	var added int64
	err = d.InSideTx(ctx, func(tx *db.Tx) error {
		added = 0
		s, err := lockState(tx, r)
		if err != nil {
			return err
		}
		if s.size != before.size {
			return nil // somebody else sealed meanwhile; look again
		}
		if err := appendEntries(tx, r, &s, entries); err != nil {
			return err
		}
		added = int64(len(entries))
		return unqueue(tx, r, entries)
	})
	if added > 0 {
		q.size += added
		q.waiting = q.waiting[min(atOnce, len(q.waiting)):]
	}
	return added, false, err
}

// readUnsealed is what comes next, acts first, and the state it follows on.
func readUnsealed(ctx context.Context, d *db.DB, r id.Register, q *queue) (entries []entry, before state, err error) {
	var sights []entry
	err = d.ReadSide(ctx, func(tx *db.Tx) error {
		if before, err = readState(tx, r); err != nil {
			return err
		}
		if len(q.waiting) == 0 || q.size != before.size {
			if q.waiting, err = unsealedBatches(tx, r, mostWaiting); err != nil {
				return err
			}
			q.size = before.size
		}
		batches := q.waiting[:min(atOnce, len(q.waiting))]
		read, err := readBatches(tx, r, batches)
		if err != nil {
			return err
		}
		for _, name := range batches {
			if read[name] == nil {
				return fmt.Errorf("the sights %s wait to be sealed and are gone: run waymark audit verify", name)
			}
			sights = append(sights, read[name].entry())
		}
		return nil
	})
	if err != nil {
		return nil, before, err
	}
	err = d.Read(ctx, func(tx *db.Tx) error {
		acts, err := readActs(tx, r, before.acts, math.MaxInt64, atOnce)
		for _, a := range acts {
			entries = append(entries, a.entry(r))
		}
		return err
	})
	return append(entries, sights...), before, err
}

func unsealedBatches(tx *db.Tx, r id.Register, limit int) ([]string, error) {
	out, err := db.Values[string](tx, sqlUnsealed, int64(r), limit)
	if err != nil {
		return nil, fmt.Errorf("read what is not sealed: %w", err)
	}
	return out, nil
}

// appendEntries writes entries at the end of the log.
func appendEntries(tx *db.Tx, r id.Register, s *state, entries []entry) error {
	t, err := readTile(tx, r, s.size/tileSize)
	if err != nil {
		return err
	}
	if int64(len(t.entries)) != s.size%tileSize {
		return fmt.Errorf("the log has %d entries in its last tile and should have %d: somebody has changed it; run waymark audit verify", len(t.entries), s.size%tileSize)
	}
	for _, e := range entries {
		t.entries = append(t.entries, e)
		s.add(e.hash)
		if e.act != 0 {
			s.acts = e.act
		}
		if len(t.entries) == tileSize {
			if err := t.write(tx, r); err != nil {
				return err
			}
			t = tile{number: t.number + 1}
		}
	}
	if len(t.entries) > 0 {
		if err := t.write(tx, r); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(sqlAdvance, int64(r), s.size, int64(s.acts), s.edge.bytes()); err != nil {
		return fmt.Errorf("write how far the log is sealed: %w", err)
	}
	return nil
}

// unqueue takes the sealed batches from those that wait.
func unqueue(tx *db.Tx, r id.Register, entries []entry) error {
	var names []any
	for _, e := range entries {
		if e.act == 0 {
			names = append(names, e.batch)
		}
	}
	if len(names) == 0 {
		return nil
	}
	var w db.Where
	w.And("register = $1", int64(r))
	w.In("batch", names...)
	if _, err := tx.Exec("DELETE FROM unsealed_sight"+w.SQL(), w.Args...); err != nil {
		return fmt.Errorf("note what is sealed: %w", err)
	}
	return nil
}

// tile is up to 256 entries that stand in one row.
type tile struct {
	number  int64
	entries []entry
}

func (t tile) write(tx *db.Tx, r id.Register) error {
	hashes := make([]byte, 0, len(t.entries)*tlog.HashSize)
	lines := make([]string, len(t.entries))
	for i, e := range t.entries {
		hashes = append(hashes, e.hash[:]...)
		lines[i] = e.line()
	}
	if _, err := tx.Exec(sqlSetTile, int64(r), t.number, hashes, strings.Join(lines, "\n")); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	return nil
}

// readTile reads one tile; an absent one is empty.
func readTile(tx *db.Tx, r id.Register, number int64) (tile, error) {
	t := tile{number: number}
	var hashes []byte
	var lines string
	err := tx.QueryRow(sqlTile, int64(r), number).Scan(&hashes, &lines)
	if errors.Is(err, sql.ErrNoRows) {
		return t, nil
	}
	if err != nil {
		return t, fmt.Errorf("read the log: %w", err)
	}
	for i, line := range strings.Split(lines, "\n") {
		e, err := parseEntry(line)
		if err != nil {
			return t, damaged{number*tileSize + int64(i), err}
		}
		if len(hashes) < tlog.HashSize {
			return t, damaged{number*tileSize + int64(i), errors.New("it has no hash")}
		}
		e.hash = tlog.Hash(hashes[:tlog.HashSize])
		hashes = hashes[tlog.HashSize:]
		t.entries = append(t.entries, e)
	}
	if len(hashes) > 0 {
		return t, damaged{number*tileSize + int64(len(t.entries)), errors.New("a hash belongs to no entry")}
	}
	return t, nil
}

// damaged says at which entry, from 0, a tile cannot be read.
type damaged struct {
	entry int64
	why   error
}

func (d damaged) Error() string {
	return fmt.Sprintf("entry %d of the log cannot be read (%v): somebody has changed it; run waymark audit verify", d.entry+1, d.why)
}
