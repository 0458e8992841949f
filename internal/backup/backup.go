// Package backup copies all that a database holds out of it and into an empty
// one, and shows that the copy is whole.
//
// A backup is one moment of every table: the acts up to a number, and nothing
// of the next. It is written while others work, encrypted to keys that the
// server does not hold, and has one form whichever engine wrote it, so that
// what was backed up from SQLite is restored into PostgreSQL too. A restore
// counts every row again and compares their hashes before anybody sees them:
// a backup that has not been restored is not a backup.
package backup

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"time"

	"filippo.io/age"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Holds is one register in a backup, and how far its acts go.
type Holds struct {
	Register id.Register `json:"register"`
	Name     string      `json:"name"`
	// Act is the last one that the backup holds, 0 where there is none; At is
	// when it was done.
	Act id.Act    `json:"act"`
	At  time.Time `json:"at"`
}

// Header is what a backup says of itself.
type Header struct {
	Ref id.Ref `json:"ref"`
	// Program is the version of the program that wrote it.
	Program  string      `json:"program"`
	Engine   db.Engine   `json:"engine"`
	TakenAt  time.Time   `json:"taken_at"`
	Versions db.Versions `json:"versions"`
	Holds    []Holds     `json:"holds"`
	Tables   int         `json:"tables"`
}

// Sum is how many rows a table has, and the sum of the SHA-256 of each: it is
// the same in whatever order they stand.
type Sum struct {
	Rows int64
	sum  [4]uint64
}

// add takes in one row.
func (s *Sum) add(row []byte) {
	h := sha256.Sum256(row)
	var carry uint64
	for i := range s.sum {
		s.sum[i], carry = bits.Add64(s.sum[i], binary.BigEndian.Uint64(h[len(h)-8*(i+1):]), carry)
	}
	s.Rows++
}

// Hex is the sum in hexadecimal.
func (s *Sum) Hex() string {
	var b []byte
	for i := len(s.sum) - 1; i >= 0; i-- {
		b = binary.BigEndian.AppendUint64(b, s.sum[i])
	}
	return hex.EncodeToString(b)
}

// Report is what a backup, or a restore of it, came to.
type Report struct {
	Header
	// Rows are all of all tables; Bytes are theirs, before they are pressed and
	// encrypted.
	Rows, Bytes int64
}

const sqlHeld = `SELECT r.id, r.name, r.last_act, a.at FROM register r LEFT JOIN act a ON a.register = r.id AND a.number = r.last_act ORDER BY r.id`

// Write writes a backup of everything that d holds, encrypted to the
// recipients; with none it is not encrypted. It keeps a few megabytes in
// memory, however much there is.
func Write(ctx context.Context, d *db.DB, to io.Writer, program string, recipients ...age.Recipient) (*Report, error) {
	var sealed io.WriteCloser = unsealed{to}
	if len(recipients) > 0 {
		var err error
		if sealed, err = age.Encrypt(to, recipients...); err != nil {
			return nil, fmt.Errorf("encrypt the backup: %w", err)
		}
	}
	pressed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	behind := newBehind(pressed)
	report, err := write(ctx, d, behind, program, KeyTable)
	if err = errors.Join(err, behind.Close()); err != nil {
		return nil, err
	}
	if err := errors.Join(pressed.Close(), sealed.Close()); err != nil {
		return nil, fmt.Errorf("write the backup: %w", err)
	}
	return report, nil
}

type unsealed struct{ io.Writer }

func (unsealed) Close() error { return nil }

// KeyTable has the keys of young people's notes. No backup holds its rows, so
// that a key which is destroyed is destroyed everywhere; they stand in the key
// book, of which there is only ever the last (docs/decisions/0012).
const KeyTable = "person_key"

// write writes the tables as they are, neither pressed nor encrypted; of those
// left empty no row.
func write(ctx context.Context, d *db.DB, to io.Writer, program string, leftEmpty ...string) (*Report, error) {
	report := &Report{}
	err := d.EveryRegister().Snapshot(ctx, func(s *db.Snapshot) error {
		*report = Report{Header: Header{Ref: id.NewRef(), Program: program, Engine: d.Engine, TakenAt: s.Tx.Now, Versions: s.Versions, Tables: len(s.Tables)}}
		var err error
		if report.Holds, err = held(s.Tx); err != nil {
			return err
		}
		out := newArchive(to)
		if err := out.say(frameHeader, report.Header); err != nil {
			return err
		}
		for _, t := range s.Tables {
			if err := out.table(s, t, report, slices.Contains(leftEmpty, t.Name)); err != nil {
				return err
			}
		}
		return out.end(report)
	})
	return report, err
}

func held(tx *db.Tx) ([]Holds, error) {
	rows, err := tx.Query(sqlHeld)
	if err != nil {
		return nil, fmt.Errorf("read how far the acts go: %w", err)
	}
	defer rows.Close()
	var out []Holds
	for rows.Next() {
		var h Holds
		var at db.Instant
		if err := rows.Scan((*int64)(&h.Register), &h.Name, (*int64)(&h.Act), &at); err != nil {
			return nil, fmt.Errorf("read how far the acts go: %w", err)
		}
		h.At = at.Time
		out = append(out, h)
	}
	return out, rows.Err()
}
